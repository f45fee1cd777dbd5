using System.Security.Cryptography;
using NodaTime.Testing;
using SecretRotator.Evidence;
using SecretRotator.EvidenceStorage;
using SecretRotator.Hosting;
using SecretRotator.Log;
using SecretRotator.Providers;
using SecretRotator.Settings;
using SecretRotator.Tests.Configuration;
using SecretRotator.Tests.Output;

namespace SecretRotator.Tests.Hosting;

/// <summary>What a run that could not begin leaves for the auditor.</summary>
public sealed class FailedStartTests : IDisposable
{
    private const string Refused = "No AWS identity for reading prod/ci/token: STS answered AccessDenied.";

    private static readonly RemoteFailureException NoIdentity = new(FailureKind.AccessDenied, Effect.Rejected, Refused, "Check the role.");

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("evidence-");
    private readonly ECDsa _pair = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly FakeClock _clock = new(Instant.FromUtc(2026, 11, 24, 1, 0));
    private readonly TestTerminal _terminal = new();

    private string Folder => Path.Combine(_directory.FullName, "evidence");

    [Fact]
    public async Task It_names_the_command_who_asked_the_cause_and_the_exit_code()
    {
        await TellAsync();

        var file = Read().Files.Single();
        file.Verdict.Should().BeOfType<EvidenceVerdict.Whole>();
        file.Story.Should().Match<RunHistory>(
                story => story.Command == "rotate" && story.Stopped == Refused && story.ExitCode == (long)ExitCode.Blocked
                    && story.By.Length > 0);
        _terminal.Error.ReplaceLineEndings(" ").Should().Contain("could not begin").And.Contain(".jsonl");
    }

    [Fact]
    public async Task Night_after_night_each_is_a_link_of_the_chain()
    {
        for (var night = 0; night < 3; night++)
        {
            await TellAsync();
            _clock.AdvanceHours(24);
        }

        var evidence = Read(fromStart: true);
        evidence.Files.Should().HaveCount(3);
        evidence.Chain.Should().ContainSingle().Which.Should().BeOfType<ChainFinding.Unnamed>("only the first one names none");
    }

    [Fact]
    public async Task It_is_signed_where_the_key_is_at_hand()
    {
        var key = Path.Combine(_directory.FullName, "key.pem");
        await File.WriteAllTextAsync(key, _pair.ExportPkcs8PrivateKeyPem(), TestContext.Current.CancellationToken);

        await TellAsync(settings => settings with { SigningKeyFile = key });

        SignatureState.Of(Read().Files.Single(), _pair).Should().BeOfType<SignatureState.Good>();
    }

    [Fact]
    public async Task Where_the_key_lies_in_the_vault_that_is_out_of_reach_it_has_no_end_that_anybody_could_have_written()
    {
        await TellAsync(inventory: SampleInventory.Accepted(
            "bitbucket: { workspace: acme, home: acme/secret-rotator }",
            "bitbucket: { workspace: acme, home: acme/secret-rotator }\nevidence: { signing-key: vault://prod/audit/key }"));

        var file = Read().Files.Single();
        file.Verdict.Should().BeOfType<EvidenceVerdict.Incomplete>();
        file.Story!.Stopped.Should().Be(Refused);
        SignatureState.Of(file, _pair).Should().BeOfType<SignatureState.NotDue>();
    }

    [Fact]
    public async Task Evidence_that_can_not_be_kept_either_is_told_and_hides_no_failure()
    {
        await File.WriteAllTextAsync(Folder, "a file where a directory should be", TestContext.Current.CancellationToken);

        await TellAsync();

        _terminal.Error.ReplaceLineEndings(" ").Should().Contain("no evidence of that could be kept");
    }

    public void Dispose()
    {
        _pair.Dispose();
        _directory.Delete(recursive: true);
    }

    private CheckedEvidence Read(bool fromStart = false) => EvidenceFiles.Read([Folder], fromStart);

    private async Task TellAsync(Func<RotatorSettings, RotatorSettings>? change = null, RotationInventory? inventory = null)
    {
        var settings = SettingsReader.Read(null, new Dictionary<string, string>(), new Dictionary<string, string?>(), VaultProviders.All);
        settings = (change?.Invoke(settings) ?? settings) with { Evidence = [Folder] };
        var request = new SessionRequest(
            "rotate", settings, inventory ?? SampleInventory.Accepted("kind: password", "kind: password"), SandboxRun: null, Now: null,
            RunLog.Open(_terminal.Terminal, settings));
        await FailedStart.TellAsync(
            request, new CommandEnvironment(settings, _clock, TimeProvider.System, null, null), [], NoIdentity,
            TestContext.Current.CancellationToken);
    }
}
