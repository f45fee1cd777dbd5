using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace SecretRotator.Tests.Processes;

/// <summary>Evidence from the first run to the auditor's check, with the program as a process against its sandbox.</summary>
[Collection<KilledRuns>]
public sealed class EvidenceProcessTests : IDisposable
{
    private readonly KilledRuns _killed;
    private readonly Rotator _rotator = new();
    private readonly ECDsa _pair = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public EvidenceProcessTests(KilledRuns killed)
    {
        _killed = killed;
        File.Copy(RepositoryFiles.Sample, _rotator.PathOf("rotation.yaml"));
        KilledRuns.Sign(_rotator, _pair);
    }

    [Fact]
    public async Task Two_runs_name_each_other_are_signed_and_verify()
    {
        var first = await RunAsync("rotate", "--sandbox", "--output", "json");
        (await RunAsync("rotate", "--sandbox", "--only", "payments-db")).ExitCode.Should().Be(0);
        var verified = await RunAsync("evidence", "verify", ".sandbox/evidence", "--public-key", "signing-key.pub", "--from-start");

        first.ExitCode.Should().Be(0, first.Error);
        verified.ExitCode.Should().Be(0, verified.Out + verified.Error);
        verified.Out.Should().Contain("2 files: 2 whole.").And.NotContain("Several");
        var signature = _rotator.PathOf(JsonNode.Parse(first.Out)!["signature"]!.GetValue<string>());
        if (!OperatingSystem.IsWindows())
            File.GetUnixFileMode(signature).Should().Be(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        (await RunAsync("evidence", "show", ".sandbox/evidence")).Out
            .Should().Contain("payments-db: rotated").And
            .Contain("10 secrets: 10 rotated.");
    }

    [Theory]
    [InlineData("missing.pem", null, "can't be read")]
    [InlineData("signing-key.pub", null, "is no private key")]
    [InlineData("signing-key.pem", "worthless-key-38ae", "is no private key")]
    public async Task A_key_that_is_none_stops_before_anything_is_done(string file, string? text, string said)
    {
        _rotator.Environment["SECRET_ROTATOR__SIGNING__KEYFILE"] = file;
        if (text is not null)
            _rotator.Environment["SECRET_ROTATOR__SIGNING__KEY"] = text;

        var ended = await RunAsync("rotate", "--sandbox");

        ended.ExitCode.Should().Be(2);
        ended.Error.ReplaceLineEndings(" ").Should().Contain(said).And.NotContain("worthless");
        Directory.Exists(_rotator.PathOf(".sandbox/evidence")).Should().BeFalse();
    }

    [Fact]
    public async Task A_key_that_others_may_read_is_told()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no file modes.");
        File.SetUnixFileMode(_rotator.PathOf("signing-key.pem"), UnixFileMode.UserRead | UnixFileMode.GroupRead);

        var ended = await RunAsync("rotate", "--sandbox", "--only", "payments-db");

        ended.ExitCode.Should().Be(0);
        ended.Error.Should().Contain("chmod 600 signing-key.pem");
    }

    [Fact]
    public async Task A_run_that_was_killed_leaves_an_incomplete_file_and_the_next_one_names_it()
    {
        using var rotator = await _killed.AfterFirstPutAsync("payments-db", "DB_PASSWORD");
        (await rotator.RunAsync("evidence", "verify", ".sandbox/evidence", "--public-key", "signing-key.pub")).ExitCode.Should().Be(3);
        (await rotator.RunAsync("rotate", "--sandbox", "--only", "payments-db")).ExitCode.Should().Be(0);

        var verified = await rotator.RunAsync("evidence", "verify", ".sandbox/evidence", "--public-key", "signing-key.pub");
        verified.ExitCode.Should().Be(3);
        // Both may have begun in the same second: then their names say nothing of their order.
        verified.Out.Should().ContainAny("2 files: 1 incomplete, 1 whole.", "2 files: 1 whole, 1 incomplete.").And.NotContain("CUT");
    }

    public void Dispose()
    {
        _pair.Dispose();
        _rotator.Dispose();
    }

    private Task<Ended> RunAsync(params string[] arguments) => _rotator.RunAsync(arguments);
}
