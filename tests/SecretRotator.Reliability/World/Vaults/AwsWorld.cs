using SecretRotator.Providers.Aws;
using SecretRotator.Reliability.Fuzzing;
using SecretRotator.Reliability.Fuzzing.Targets;
using SecretRotator.Reliability.Matrix;
using SecretRotator.Reliability.Processes;
using SecretRotator.Sandbox.Aws;

namespace SecretRotator.Reliability.World.Vaults;

/// <summary>AWS Secrets Manager. Its descriptions may lag, and the versions that others make may have ids that aren't UUIDs.</summary>
internal sealed class AwsWorld : IVaultWorld
{
    /// <summary>Whose calls all machines make.</summary>
    public static readonly AwsCaller Caller = new(
        "123456789012", "arn:aws:sts::123456789012:assumed-role/secret-rotator/run", "eu-west-1", "ASIAEXAMPLE");

    private const string Own = "secret-rotator:";

    public VaultDefinition Definition { get; } = new AwsVaultDefinition("prod", "eu-west-1", null);

    public string Service => "aws";

    public ImmutableArray<string> Reads => ["DescribeSecret", "GetSecretValue"];

    public ImmutableArray<FuzzTarget> FuzzTargets => AwsTargets.All;

    public bool ComparesOnPromotion => true;

    public string Yaml => """{ kind: aws-secrets-manager, region: eu-west-1, role: "arn:aws:iam::123456789012:role/secret-rotator" }""";

    public string ClaimCall => "aws.PutSecretValue";

    /// <summary>Swept once they are an hour old (docs/decisions/0018-an-aws-take-over-puts-its-own-version.md).</summary>
    public bool ContendersLeaveMarks => true;

    public IEnumerable<Situation> Situations
    {
        get
        {
            var two = SimulatedInventory.Secret("db", Definition.Name, 2);
            yield return Situation.Due("prod-2-stale", two) with { DescriptionLag = Duration.FromSeconds(6) };
            yield return Situation.Due("foreign-ids-2", two) with { HasForeignIds = true };
            yield return new(
                "foreign-ids-2-moved-on", [two], Situation.Later(cloud => cloud.RotateElsewhere(two)), PlanRequest.Everything)
            { HasForeignIds = true };
            foreach (var after in new[] { "stage", "put" })
                yield return Situation.Unfinished($"foreign-ids-2-unfinished-{after}", two, after) with { HasForeignIds = true };
        }
    }

    public Duration Lag(Cloud cloud) => cloud.DescriptionLag;

    public ISecretVault Connect(Machine machine, ILockStore locks) =>
        new AwsVault(new ModelSecretsManager(machine), machine.Time, machine.Random, machine.Time);

    public void Add(Cloud cloud, ManagedSecret secret, string content, Instant at, Func<VersionId, string> mark)
    {
        var id = NewVersionId(cloud);
        cloud.State.SecretsManager.Secrets[Key(secret)] = new AwsSecretState
        {
            Name = secret.Path,
            Arn = $"arn:aws:secretsmanager:{Caller.Region}:{Caller.Account}:secret:{secret.Path}-a1b2c3",
            Tags = { ["secret-rotator:delivered"] = mark(MarkedVersion.InTag(new(id))) },
            Versions =
            [
                new AwsVersionState { Id = id, SecretString = content, CreatedDate = at.ToDateTimeOffset(), Stages = ["AWSCURRENT"] },
            ],
        };
    }

    public Shelf ShelfOf(Cloud cloud, ManagedSecret secret)
    {
        var versions = StateOf(cloud, secret).Versions;
        var current = versions.Single(v => v.Stages.Contains("AWSCURRENT"));
        var pending = versions.Find(v => v.Stages.Contains("AWSPENDING") || v.Stages.Contains("secret-rotator-lock"));
        var label = pending?.Stages.Where(IsOwn).Order(StringComparer.Ordinal).FirstOrDefault();
        return new Shelf(
            current.Id,
            current.SecretString!,
            // A version without labels may be gone at any moment.
            [.. versions.Where(v => v.Stages.Count > 0).Select(v => v.SecretString!)],
            [.. versions.Select(v => v.SecretString!)],
            pending is null || (label is null && (pending == current || RotationId.IsOwn(pending.Id)))
                ? null
                : label?.Split(':')[^1] ?? "someone unknown",
            [.. versions.SelectMany(
                v => v.Stages.Where(s => s == "AWSPENDING" || IsOwn(s) || (v != current && HoldLabel.Is(s))).Select(s => $"{v.Id} {s}"))]);
    }

    public void Rotate(Cloud cloud, ManagedSecret secret, string content)
    {
        var versions = StateOf(cloud, secret).Versions;
        foreach (var version in versions)
        {
            // It is they who let this version go, whoever may have a copy of it for a while.
            if (version.Stages.Contains("AWSPREVIOUS") && version.SecretString is { } old)
                cloud.LetGo(secret, old);
            version.Stages.Remove("AWSPREVIOUS");
            if (version.Stages.Remove("AWSCURRENT"))
            {
                version.Stages.Remove("AWSPENDING");
                version.Stages.Add("AWSPREVIOUS");
            }
        }

        versions.Add(
            new AwsVersionState
            {
                Id = NewVersionId(cloud),
                SecretString = content,
                CreatedDate = cloud.Now,
                Stages = ["AWSCURRENT"],
            });
        cloud.Descriptions.Note(
            secret.Path,
            new SecretsManagerCall(cloud.State.SecretsManager, Caller, new() { ["SecretId"] = secret.Path }, cloud.Now).Describe,
            cloud.Time.Now);
    }

    public void Disown(Cloud cloud, ManagedSecret secret) => StateOf(cloud, secret).Tags.Clear();

    public bool ShowsCurrent(Request request, ManagedSecret secret) => request.Operation == "DescribeSecret";

    public ImmutableArray<VersionPicture> VersionsIn(JsonElement state, ManagedSecret secret)
    {
        var entry = state.EnumerateArray().Single(s => Picture.Text(s, "name") == secret.Path);
        return
        [
            .. entry.GetProperty("versions").EnumerateArray().Select(v =>
            {
                var labels = v.GetProperty("stages").EnumerateArray().Select(s => s.GetString()!).ToList();
                return new VersionPicture(
                    Picture.Text(v, "id")!, Picture.Text(v, "value") ?? "", labels.Contains("AWSCURRENT"), Readable: labels.Count > 0,
                    Staged: labels.Exists(label => label is not ("AWSCURRENT" or "AWSPREVIOUS") && !HoldLabel.Is(label)),
                    HoldsClaim: labels.Contains("AWSPENDING"), WasCurrent: labels.Contains("AWSPREVIOUS"));
            }),
        ];
    }

    // AWS asks for 32 to 64 characters, whichever they are, of whoever makes a version.
    private static string NewVersionId(Cloud cloud) => cloud.HasForeignId()
        ? cloud.Random.Of("deploy:", "a:b:c:", "tool/", "two words ", "h:u:r:", "größe#") + cloud.NewUuid()
        : cloud.NewUuid();

    private static AwsSecretState StateOf(Cloud cloud, ManagedSecret secret) => cloud.State.SecretsManager.Secrets[Key(secret)];

    private static string Key(ManagedSecret secret) => $"{Caller.Account}/{Caller.Region}/{secret.Path}";

    private static bool IsOwn(string stage) => stage.StartsWith(Own, StringComparison.Ordinal);
}
