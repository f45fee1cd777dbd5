using NodaTime.Testing;
using SecretRotator.Hosting;
using SecretRotator.Log;
using SecretRotator.Notifications;
using SecretRotator.Providers;
using SecretRotator.Sandbox.Hosting;
using SecretRotator.Settings;
using SecretRotator.Tests.Hostile;

namespace SecretRotator.Tests.Notifications;

/// <summary>Sends as a run does, over real sockets; URLs, keys and passwords come from a vault.</summary>
internal sealed class NotificationStage : IAsyncDisposable
{
    /// <summary>A part of every URL, key and password, which no message may show.</summary>
    public const string Canary = "worthless7f3a9c";

    /// <summary>The key of webhooks: 24 bytes.</summary>
    public const string Key = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    public static readonly Instant Now = Instant.FromUtc(2026, 11, 24, 1, 30);

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("rotator-notify-");
    private readonly Dictionary<string, string> _secrets = new(StringComparer.Ordinal);
    private readonly RawServer _vault;

    public NotificationStage()
    {
        _vault = new((request, stream, stop) => stream.WriteAsync(Encoding.UTF8.GetBytes(Answer(request)), stop).AsTask());
        Environment["SECRET_ROTATOR__ENDPOINTS__AWS"] = _vault.Address.AbsoluteUri;
        Environment["SECRET_ROTATOR__TLS__CABUNDLE"] = Path.Combine(_directory.FullName, "ca.pem");
        File.WriteAllText(Environment["SECRET_ROTATOR__TLS__CABUNDLE"], Certificates.AuthorityPem);
    }

    public SandboxCertificates Certificates { get; } = SandboxCertificates.InMemory(SystemClock.Instance.GetCurrentInstant());

    public Dictionary<string, string> Environment { get; } = new(StringComparer.Ordinal)
    {
        ["AWS_ACCESS_KEY_ID"] = "AKID",
        ["AWS_SECRET_ACCESS_KEY"] = "worthless-key-77d0",
        ["BITBUCKET_ACCESS_TOKEN"] = "worthless-token",
    };

    public TimeProvider Time { get; set; } = new SkippingTime();

    /// <summary>What all receivers are told.</summary>
    public Notification Message { get; set; } = new(
        Now, "acme", "rotate", 3,
        [
            new(NotificationEvent.NeedsOperator, "grid-api", "grid@acme.example", FailureKind.Unavailable),
            new(NotificationEvent.Failed, "payments-db", "<!channel> & co", FailureKind.AccessDenied),
        ])
    {
        ExitCode = 5,
        Link = new("https://bitbucket.org/acme/secret-rotator/pipelines/results/17/steps/%7B0a1b%7D"),
    };

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>Puts something into the vault, and says where it is.</summary>
    public VaultReference Keep(string field, string content)
    {
        _secrets[field] = content;
        return new("prod", "ci/notifications", field);
    }

    /// <summary>Keeps the URL of a server, with the canary in it.</summary>
    public VaultReference Keep(RawServer server) => Keep("url", $"{server.Address}services/{Canary}");

    public async Task<NotificationAnswer> SendAsync(NotificationReceiver receiver) => (await SendAllAsync(receiver)).Single();

    public Task<ImmutableArray<NotificationAnswer>> SendAllAsync(params ImmutableArray<NotificationReceiver> receivers) =>
        NotificationDelivery.SendAsync(
            new SessionRequest(
                "rotate", SettingsReader.ReadEnvironment(Environment, VaultProviders.All), Inventories.Of(), null, null, RunLog.Silent),
            [.. receivers.Select(receiver => new AddressedNotification(receiver, Message))], new FakeClock(Now), Time, Stop);

    /// <summary>That nothing of it shows the canary.</summary>
    public static void ShowsNothing(NotificationAnswer answer) =>
        $"{answer.Receiver} {answer.Answer} {answer.Failure}".Should().NotContain(Canary).And.NotContain(Key[6..]);

    public async ValueTask DisposeAsync()
    {
        await _vault.DisposeAsync();
        Certificates.Dispose();
        _directory.Delete(recursive: true);
    }

    private string Answer(RawRequest request)
    {
        const string Version = "aaaaaaaa-0000-4000-8000-000000000001";
        var content = JsonSerializer.Serialize(JsonSerializer.Serialize(_secrets));
        return RawServer.Http(
            "200 OK",
            request.Head.Contains("DescribeSecret", StringComparison.Ordinal)
                ? $$"""{"ARN":"arn:x","Name":"ci/notifications","VersionIdsToStages":{"{{Version}}":["AWSCURRENT"] } }"""
                : $$"""{"ARN":"arn:x","Name":"ci/notifications","VersionId":"{{Version}}","SecretString":{{content}}}""");
    }
}
