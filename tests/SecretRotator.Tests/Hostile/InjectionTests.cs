using CsCheck;
using SecretRotator.Configuration;
using SecretRotator.Evidence;
using SecretRotator.Log;
using SecretRotator.Output;
using SecretRotator.Providers;
using SecretRotator.Providers.Bitbucket.Calls;
using SecretRotator.Rotation;
using SecretRotator.Settings;
using SecretRotator.Tests.Commands;
using SecretRotator.Tests.Output;
using Serilog.Events;

namespace SecretRotator.Tests.Hostile;

/// <summary>Names and messages from outside can't move the cursor, forge a line or turn the reading direction, wherever they come
/// out.</summary>
public sealed class InjectionTests
{
    private const string Evil =
        "a\u001b[2J\u009b31m\r\nERROR forged\u202e\u2066\u200b\u200d\ufeff\u2028\u2029\u0000\u007f\u0007\u00ad\ud800z";

    private static readonly string[] Pieces =
    [
        Evil,
        "\u001b]0;title\u0007",
        "\u061c",
        "\U000e0041",
        "\ud83d\ude00",
        "\udc00\ud800",
        "{Secret} [red]x[/] %s $(x)",
    ];

    private static readonly Gen<string> Texts = Gen.OneOf(
        Gen.Char.Array[0, 40].Select(chars => new string(chars)),
        Gen.Int[0, Pieces.Length - 1].Select(at => Pieces[at]).Array[1, 4].Select(string.Concat));

    [Fact]
    public void No_text_stays_harmful() => Texts.Sample(text => IsHarmless(PrintableText.Of(text), lineBreaks: false));

    [Fact]
    public void What_is_printable_stays_as_it_is() =>
        Gen.Char.Where(c => !char.IsSurrogate(c) && Quoted.IsPrintable(new Rune(c))).Array.Select(chars => new string(chars))
            .Sample(text => PrintableText.Of(text) == text);

    [Fact]
    public void A_service_s_message_is_one_harmless_line() =>
        Texts.Sample(
            text => ErrorBody.OneLine(text).EnumerateRunes().All(rune => rune.Value == ' ' || !ErrorBody.IsBlank(rune))
                && ErrorBody.OneLine(text).Length <= ErrorBody.LongestText + 2);

    [Fact]
    public void An_error_body_of_any_bytes_is_one_harmless_line() =>
        Gen.Byte.Array[0, 300]
            .Sample(body => ErrorBody.Read(body, null).Text.EnumerateRunes().All(rune => rune.Value == ' ' || !ErrorBody.IsBlank(rune)));

    [Fact]
    public void Errors_are_harmless_as_text_and_as_JSON() => Texts.Sample(text =>
    {
        var terminal = new TestTerminal();
        new ErrorView("plan", ExitCode.Usage, [new Problem(text, text, text, 1, 1)]).Write(terminal.Terminal, OutputFormat.Json);

        return IsHarmless(terminal.Error, lineBreaks: true) && IsHarmless(terminal.Out, lineBreaks: true)
            && JsonDocument.Parse(terminal.Out).RootElement.GetProperty("problems")[0].GetProperty("message").GetString() == Whole(text);
    });

    [Theory]
    [InlineData(LogFormat.Text)]
    [InlineData(LogFormat.Json)]
    internal void Every_log_event_is_one_harmless_line(LogFormat format) => Texts.Sample(text =>
    {
        var terminal = new TestTerminal();
        var settings = SettingsReader.Read(
            null, new Dictionary<string, string>(StringComparer.Ordinal), new Dictionary<string, string?>(StringComparer.Ordinal),
            VaultProviders.All) with
        { LogFormat = format, LogLevel = LogEventLevel.Debug };
        var log = RunLog.Open(terminal.Terminal, settings);
        log.Notice(text);
        log.Append(new EvidenceRecord.Decided(Samples.Now, text, new Decision.Blocked(FailureKind.Other, text, text)));
        log.Append(new EvidenceRecord.Step(Samples.Now, text, new RotationId("r"), RotationStep.Distribute, StepState.Failed, text, text));
        log.Append(
            new EvidenceRecord.Ended(Samples.Now, text, null, new RotationOutcome.NeedsOperator(new(FailureKind.Other, text), [text])));
        log.Failed(new InvalidOperationException(text));

        return IsHarmless(terminal.Error, lineBreaks: true)
            && (format == LogFormat.Text || terminal.Error.TrimEnd('\n').Split('\n').Length == 5);
    });

    [Fact]
    public void Evidence_is_one_line_of_JSON_for_each_record()
    {
        var folder = Directory.CreateTempSubdirectory("rotator-injection-");
        try
        {
            using (var file = EvidenceFile.Create(folder.FullName, "e.jsonl"))
                file.Append(
                    new EvidenceRecord.Ended(
                        Samples.Now, Evil, null, new RotationOutcome.NeedsOperator(new(FailureKind.Other, Evil), [Evil])));

            var lines = File.ReadAllLines(Path.Combine(folder.FullName, "e.jsonl"));

            lines.Should().ContainSingle();
            IsHarmless(lines[0], lineBreaks: false).Should().BeTrue(lines[0]);
            JsonDocument.Parse(lines[0]).RootElement.GetProperty("secret").GetString().Should().Be(Whole(PrintableText.Of(Evil)));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Theory]
    [InlineData("validate", "--inventory", Evil)]
    [InlineData("plan", "--inventory", Evil)]
    [InlineData("plan", "--only", Evil)]
    [InlineData("plan", "--out", Evil)]
    [InlineData("rotate", "--plan", Evil)]
    [InlineData("rotate", "--force", Evil)]
    [InlineData(Evil)]
    [InlineData("plan", Evil)]
    [InlineData("plan", "--" + Evil)]
    [InlineData("plan", "--output", Evil)]
    [InlineData("plan", "--now", Evil)]
    [InlineData("rollback", Evil, "--to", Evil)]
    public async Task An_argument_comes_out_harmless(params string[] arguments)
    {
        // No operating system hands over what holds a zero byte.
        var possible = arguments.Select(argument => argument.Replace("\0", "", StringComparison.Ordinal)).ToArray();
        foreach (var json in (bool[])[false, true])
        {
            using var fixture = new CommandFixture();
            await fixture.RunAsync(json && !possible.Contains("--output") ? [.. possible, "--output", "json"] : possible);

            IsHarmless(fixture.Error, lineBreaks: true).Should().BeTrue(fixture.Error);
            IsHarmless(fixture.Out, lineBreaks: true).Should().BeTrue(fixture.Out);
        }
    }

    [Theory]
    [InlineData("""{"no\u001b[2Jsuch\u202e":"x"}""")]
    [InlineData("""{"output":"no\u001b[2Jsuch\u202e"}""")]
    [InlineData("""{"inventory":"no\u001b[2Jsuch\u202e"}""")]
    [InlineData("""{"endpoints":{"azure":{"no\u001b[2Jsuch\u202e":"http://x"}}}""")]
    public async Task A_settings_file_comes_out_harmless(string json)
    {
        using var fixture = new CommandFixture();
        await File.WriteAllTextAsync(fixture.PathOf(SettingsReader.FileName), json, TestContext.Current.CancellationToken);

        await fixture.RunAsync("plan");

        IsHarmless(fixture.Error, lineBreaks: true).Should().BeTrue(fixture.Error);
        IsHarmless(fixture.Out, lineBreaks: true).Should().BeTrue(fixture.Out);
    }

    private static bool IsHarmless(string text, bool lineBreaks) => text.EnumerateRunes().All(rune =>
        (lineBreaks && rune.Value == '\n') || rune.Value == 0xfffd || Quoted.IsPrintable(rune));

    // What JSON can't hold, a lone surrogate, becomes U+FFFD.
    private static string Whole(string text) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));
}
