using SecretRotator.Audit;
using SecretRotator.Notifications;

namespace SecretRotator.Inventory;

/// <summary>What <c>rotation.yaml</c> says: which secrets exist, where they live, where they go and how fresh they must be.</summary>
/// <remarks>Its creator has checked it: names are unique, every vault that a secret names exists.</remarks>
/// <param name="Workspace">The Bitbucket workspace's slug.</param>
/// <param name="Home">The repository that the tool keeps its claims in.</param>
/// <param name="Vaults">The vaults by name.</param>
/// <param name="Limits">What one run may do at most.</param>
/// <param name="Freezes">When nothing may be rotated.</param>
/// <param name="Secrets">The secrets in the order of the file.</param>
public sealed record RotationInventory(
    string Workspace,
    VariableScope.Repository Home,
    ImmutableSortedDictionary<string, VaultDefinition> Vaults,
    RunLimits Limits,
    ImmutableArray<Freeze> Freezes,
    ImmutableArray<ManagedSecret> Secrets)
{
    /// <summary>Where the Bitbucket credential is kept, or null where the settings give it.</summary>
    public VaultReference? Credential { get; init; }

    /// <summary>Which controls the facts of a report speak to.</summary>
    public ImmutableArray<Control> Controls { get; init; } = Control.Usual;

    /// <summary>Where the key that evidence is signed with is kept, or null where the settings give it or nothing is signed.</summary>
    public VaultReference? SigningKey { get; init; }

    /// <summary>How pipelines prove what they see; null only where no target asks for that proof.</summary>
    public AttestationPolicy? Attestation { get; init; }

    /// <summary>Who is told of runs, in the order of the file.</summary>
    public ImmutableArray<NotificationReceiver> Receivers { get; init; } = [];

    /// <summary>What is told that a run was good, or null.</summary>
    public NotificationReceiver.Heartbeat? Heartbeat { get; init; }

    /// <summary>Everything secret that is read by reference: the Bitbucket credential, the signing key, what backends are administered with,
    /// and what receivers are reached with.</summary>
    public IEnumerable<VaultReference> References => new[] { Credential, SigningKey, Heartbeat?.Url }
        .Concat(Secrets.Select(secret => secret.Backend?.Admin)).OfType<VaultReference>()
        .Concat(Receivers.SelectMany(receiver => receiver.References).Select(each => each.Reference)).Distinct();
}

/// <summary>How pipelines prove that they see what was delivered.</summary>
/// <param name="Pipeline">The name of the custom pipeline in the repositories' pipeline files; that of an environment is
/// <c>NAME-ENVIRONMENT</c>.</param>
/// <param name="Branch">The branch on which it is run.</param>
/// <param name="Limit">How long one pipeline may take, with its time in the queue; it leaves at least half of a claim's lease.</param>
/// <param name="Repository">Where the pipeline runs that sees the workspace's variables.</param>
public sealed record AttestationPolicy(string Pipeline, string Branch, Duration Limit, VariableScope.Repository Repository)
{
    /// <summary>The limit where the inventory says nothing.</summary>
    public static Duration UsualLimit { get; } = Duration.FromMinutes(15);

    /// <summary>The branch where the inventory says nothing.</summary>
    public const string UsualBranch = "main";
}

/// <summary>A secret, or one field of a JSON secret, that is only read: <c>vault://VAULT/PATH#FIELD</c>.</summary>
/// <param name="Vault">The name of its vault, which exists.</param>
/// <param name="Path">Its name or id in that vault.</param>
/// <param name="Field">The field at the top level of the JSON object, or null for the whole secret.</param>
public sealed record VaultReference(string Vault, string Path, string? Field)
{
    /// <summary>How every reference begins.</summary>
    public const string Scheme = "vault://";

    /// <summary>Reads a reference; null where the text is none. Whether its vault exists is not looked at.</summary>
    public static VaultReference? Parse(string text)
    {
        var rest = text.StartsWith(Scheme, StringComparison.Ordinal) ? text[Scheme.Length..] : "";
        var slash = rest.IndexOf('/', StringComparison.Ordinal);
        var hash = rest.IndexOf('#', StringComparison.Ordinal);
        return slash <= 0 || hash == rest.Length - 1 || (hash >= 0 && hash < slash)
            ? null
            : new VaultReference(
                rest[..slash], hash < 0 ? rest[(slash + 1)..] : rest[(slash + 1)..hash], hash < 0 ? null : rest[(hash + 1)..]);
    }

    /// <summary>The reference as the inventory writes it.</summary>
    public override string ToString() => Field is null ? $"vault://{Vault}/{Path}" : $"vault://{Vault}/{Path}#{Field}";
}

/// <summary>What one run may do at most.</summary>
/// <param name="RotationsPerRun">Rotations started, at least 1.</param>
/// <param name="ShareOfInventory">Rotations started as a share of all secrets, above 0 and up to 1; at least one secret may always
/// rotate.</param>
/// <param name="FailuresBeforeStop">After so many failed rotations no further one is started, at least 1.</param>
/// <param name="BitbucketCallsPerHour">Bitbucket calls in any 60 minutes, at least 1. Atlassian allows 1,000 for each credential.</param>
/// <param name="MinimumInterval">No secret is rotated again sooner, not even by force.</param>
/// <param name="ClaimLimit">A claim whose holder can't be asked counts as alive for so long.</param>
public sealed record RunLimits(
    int RotationsPerRun,
    decimal ShareOfInventory,
    int FailuresBeforeStop,
    int BitbucketCallsPerHour,
    Duration MinimumInterval,
    Duration ClaimLimit)
{
    /// <summary>What holds where the inventory says nothing.</summary>
    public static RunLimits Default { get; } = new(25, 0.5m, 3, 900, Duration.FromMinutes(10), Duration.FromHours(2));

    /// <summary>The limits of one of several shards: they share the calls, of which each has at least one.</summary>
    /// <param name="shards">How many there are, at least 1.</param>
    public RunLimits ForShardOf(int shards) => this with { BitbucketCallsPerHour = Math.Max(1, BitbucketCallsPerHour / shards) };

    /// <summary>The least number of calls that are kept for finishing and undoing what was begun.</summary>
    /// <param name="callsPerHour">The budget, at least 1 call in any 60 minutes.</param>
    public static int UndoReserve(int callsPerHour) => Math.Min(LargestReserve, callsPerHour / 10);

    private const int LargestReserve = 50;

    // What a request takes at most, and what two clocks may differ by.
    private static readonly Duration Margin = Duration.FromMinutes(10);

    /// <summary>How long a holder may act on its claim: a while less than others wait before they take it over.</summary>
    public Duration Lease => Duration.Max(ClaimLimit - Margin, ClaimLimit / 2);
}

/// <summary>A time in which nothing is rotated unless it is forced.</summary>
/// <param name="From">The first local time of the freeze.</param>
/// <param name="To">The first local time after it.</param>
/// <param name="Zone">The zone of both.</param>
/// <param name="Reason">Why, for people.</param>
public sealed record Freeze(LocalDateTime From, LocalDateTime To, DateTimeZone Zone, string Reason);

/// <summary>The local days and times in which a secret may rotate.</summary>
/// <param name="Days">The days on which a window begins.</param>
/// <param name="From">When it begins.</param>
/// <param name="To">When it ends; at or before <paramref name="From"/> means on the next day.</param>
/// <param name="Zone">The zone of both.</param>
public sealed record RotationWindow(ImmutableSortedSet<IsoDayOfWeek> Days, LocalTime From, LocalTime To, DateTimeZone Zone);

/// <summary>One vault entry that the tool keeps fresh.</summary>
/// <param name="Name">Its name in the inventory, unique.</param>
/// <param name="Vault">The name of its vault.</param>
/// <param name="Path">Its name or id in that vault.</param>
/// <param name="Value">How a new value is made.</param>
/// <param name="Owner">Who answers for it.</param>
/// <param name="RotateEvery">How old a value may become; calendar units are added in UTC.</param>
/// <param name="Window">When it may rotate, or null for any time.</param>
/// <param name="Targets">The Bitbucket variables that carry it, at least one.</param>
/// <param name="Line">The line of its entry in its file, from 1.</param>
public sealed record ManagedSecret(
    string Name,
    string Vault,
    string Path,
    ValuePolicy Value,
    string Owner,
    Period RotateEvery,
    RotationWindow? Window,
    ImmutableArray<VariableTarget> Targets,
    int Line)
{
    /// <summary>The file of its entry, where the inventory includes it; null where it is in the inventory itself.</summary>
    public string? File { get; init; }

    /// <summary>How it waits for pipelines that run, or null where it doesn't.</summary>
    public IdleWait? Wait { get; init; }

    /// <summary>How long the version before stays valid after a rotation, or null where it is never retired.</summary>
    public GracePolicy? Grace { get; init; }

    /// <summary>Until when it gets no new value, or null where nothing holds it.</summary>
    public HoldPolicy? Hold { get; init; }

    /// <summary>The system that accepts the value, or null where this tool changes it nowhere but in vault and targets.</summary>
    public BackendDefinition? Backend { get; init; }

    /// <summary>Who takes a generated value where there is no backend; null where there is one, or where the vault makes the
    /// value.</summary>
    public ValueConsumer? Consumer { get; init; }
}

/// <summary>One Bitbucket variable, or the SSH key pair of a repository, that carries a secret or one field of it.</summary>
/// <param name="Scope">Where the variable lives.</param>
/// <param name="Variable">Its key; Bitbucket ignores case when it compares keys. That of a key pair is
/// <see cref="VariableScope.SshKeyPair.Key"/>.</param>
/// <param name="Field">The field of a JSON secret that it carries, or null where it carries the whole secret.</param>
/// <param name="MayCreate">Whether the tool may create the variable where it is missing.</param>
public sealed record VariableTarget(VariableScope Scope, string Variable, string? Field, bool MayCreate)
{
    /// <summary>How surely a delivery must be verified.</summary>
    public VerificationLevel Verify { get; init; } = VerificationLevel.Listed;

    /// <summary>In which form it carries the value.</summary>
    public TargetEncoding Encoding { get; init; }

    /// <summary>The target as people read it, such as <c>payments-api/production:DB_PASSWORD</c>.</summary>
    public override string ToString() => $"{Scope}:{Variable}";
}

/// <summary>In which form a variable carries its value.</summary>
public enum TargetEncoding
{
    /// <summary>The value itself, which then has to be one line: Bitbucket's variables take no line breaks.</summary>
    None,

    /// <summary>
    /// Its UTF-8 bytes in base64 with padding, on one line (RFC 4648, section 4), as Atlassian advises for values with line breaks
    /// (support.atlassian.com: "Use multiple SSH keys in your pipeline").
    /// </summary>
    Base64,
}

/// <summary>Where a Bitbucket variable lives. Two scopes are equal when Bitbucket means the same one.</summary>
/// <param name="WorkspaceSlug">The workspace's slug, in lower case.</param>
public abstract record VariableScope(string WorkspaceSlug)
{
    /// <summary>The repository that it belongs to, or null for a workspace.</summary>
    public virtual Repository? InRepository() => null;

    /// <summary>What it holds, for a message.</summary>
    public virtual string Contents => "variables";

    /// <summary>The variables of a whole workspace.</summary>
    /// <param name="WorkspaceSlug">The workspace's slug, in lower case.</param>
    public sealed record Workspace(string WorkspaceSlug) : VariableScope(WorkspaceSlug)
    {
        /// <inheritdoc />
        public override string ToString() => "workspace";
    }

    /// <summary>The variables of one repository.</summary>
    /// <param name="WorkspaceSlug">The workspace's slug, in lower case.</param>
    /// <param name="Slug">The repository's slug, in lower case.</param>
    public sealed record Repository(string WorkspaceSlug, string Slug) : VariableScope(WorkspaceSlug)
    {
        /// <inheritdoc />
        public override Repository InRepository() => this;

        /// <inheritdoc />
        public override string ToString() => Slug;
    }

    /// <summary>The variables of one deployment environment.</summary>
    /// <param name="WorkspaceSlug">The workspace's slug, in lower case.</param>
    /// <param name="Slug">The repository's slug, in lower case.</param>
    /// <param name="Name">The environment's name as the inventory writes it; lookups ignore case.</param>
    public sealed record Environment(string WorkspaceSlug, string Slug, string Name) : VariableScope(WorkspaceSlug)
    {
        /// <inheritdoc />
        public override Repository InRepository() => new(WorkspaceSlug, Slug);

        /// <inheritdoc />
        public override string ToString() => $"{Slug}/{Name}";
    }

    /// <summary>
    /// The SSH key pair that the steps of a repository's pipelines have. It is the one variable of its scope, secured, with the fingerprint
    /// of its public key for a uuid: so a listing proves what it holds, and a late PUT finds it whatever it holds by then.
    /// </summary>
    /// <param name="WorkspaceSlug">The workspace's slug, in lower case.</param>
    /// <param name="Slug">The repository's slug, in lower case.</param>
    public sealed record SshKeyPair(string WorkspaceSlug, string Slug) : VariableScope(WorkspaceSlug)
    {
        /// <summary>The key of its one variable. No other variable can have it: keys have no dashes.</summary>
        public const string Key = "ssh-key-pair";

        /// <inheritdoc />
        public override string Contents => "SSH key pair";

        /// <inheritdoc />
        public override Repository InRepository() => new(WorkspaceSlug, Slug);

        /// <inheritdoc />
        public override string ToString() => Slug;
    }
}

/// <summary>The inventory's word that a secret gets no new value for a while.</summary>
/// <param name="Until">The first instant at which it may rotate again.</param>
/// <param name="Reason">Why, for people.</param>
public sealed record HoldPolicy(Instant Until, string Reason);

/// <summary>A secret rotates while no pipeline runs that may use it.</summary>
/// <param name="Limit">Once it has been due for so long, it rotates even while pipelines run: else a busy repository would keep its secret
/// forever.</param>
public sealed record IdleWait(Duration Limit);
