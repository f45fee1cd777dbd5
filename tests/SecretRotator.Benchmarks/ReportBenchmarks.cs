using BenchmarkDotNet.Attributes;
using SecretRotator.Audit;
using SecretRotator.Reports;
using SecretRotator.Settings;
using SecretRotator.Verification;

namespace SecretRotator.Benchmarks;

/// <summary>The report of many secrets: making its model, and writing it in each format.</summary>
[MemoryDiagnoser]
public class ReportBenchmarks
{
    private Population _population = null!;
    private RotationPlan _plan = null!;
    private DriftReport _drift = null!;
    private AuditReport _report = null!;

    [Params(100, 1_000, 10_000)]
    public int Secrets { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _population = Population.Of(Secrets);
        _plan = _population.Plan();
        _drift = _population.Compare();
        _report = _population.Report(_plan, _drift);
    }

    [Benchmark]
    public RotationPlan Plan() => _population.Plan();

    [Benchmark]
    public DriftReport Compare() => _population.Compare();

    [Benchmark]
    public AuditReport Model() => _population.Report(_plan, _drift);

    [Benchmark]
    public void Html() => Write(OutputFormat.Html);

    [Benchmark]
    public void Markdown() => Write(OutputFormat.Markdown);

    [Benchmark]
    public void Json() => Write(OutputFormat.Json);

    [Benchmark]
    public void Csv() => Write(OutputFormat.Csv);

    [Benchmark]
    public void Sarif() => Write(OutputFormat.Sarif);

    private void Write(OutputFormat format) => ReportFormats.Write(Stream.Null, _report, format);
}
