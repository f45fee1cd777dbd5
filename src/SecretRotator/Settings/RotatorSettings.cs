using System.Collections.Immutable;
using NodaTime;
using SecretRotator.Inventory;
using SecretRotator.Providers.Aws;
using SecretRotator.Providers.Bitbucket.CodeInsights;
using SecretRotator.Providers.Bitbucket.Credentials;
using SecretRotator.Providers.Http;
using SecretRotator.Telemetry;

namespace SecretRotator.Settings;

/// <summary>How the program is to behave, read and checked once. docs/settings.md explains each to people.</summary>
internal sealed record RotatorSettings
{
    /// <summary>The inventory file.</summary>
    public required string Inventory { get; init; }

    /// <summary>The form of a command's result.</summary>
    public required OutputFormat Output { get; init; }

    /// <summary>The form of the log.</summary>
    public required LogFormat LogFormat { get; init; }

    /// <summary>From which level on the log tells, or null where nobody said.</summary>
    public required LogLevel? LogLevel { get; init; }

    /// <summary>Whether colour was refused.</summary>
    public required bool NoColour { get; init; }

    /// <summary>How many secrets rotate at once, 1 to 64.</summary>
    public required int Parallelism { get; init; }

    /// <summary>The places that evidence goes to: a directory, a bucket (<c>s3://…</c>) or both; empty for the usual directory.</summary>
    public required ImmutableArray<string> Evidence { get; init; }

    /// <summary>The file with the key that evidence is signed with, or null.</summary>
    public required string? SigningKeyFile { get; init; }

    /// <summary>That key itself, in PEM form, or null.</summary>
    public required SecretValue? SigningKey { get; init; }

    /// <summary>Where the services answer.</summary>
    public required Endpoints Endpoints { get; init; }

    /// <summary>A PEM file with certificate authorities to trust besides the system's, or null.</summary>
    public required string? CaBundle { get; init; }

    /// <summary>The proxies that the environment names, or null for those of the system.</summary>
    public ProxySettings? Proxies { get; init; }

    /// <summary>The directories in which a shell looks for programs (<c>PATH</c>).</summary>
    public ImmutableArray<string> SearchPath { get; init; } = [];

    /// <summary>What to show to Bitbucket, or null where nothing is set.</summary>
    public required BitbucketCredential? Bitbucket { get; init; }

    /// <summary>The account of an API token that the inventory's credential reference leads to, or null.</summary>
    public required string? BitbucketEmail { get; init; }

    /// <summary>The key of an OAuth consumer whose secret the inventory's credential reference leads to, or null.</summary>
    public required string? BitbucketClientId { get; init; }

    /// <summary>Keys to sign with instead of the ambient identity; the sandbox's only.</summary>
    public AwsKeys? Aws { get; init; }

    /// <summary>Whether an AWS profile's own program (<c>credential_process</c>) may be started.</summary>
    public bool UseCredentialProcess { get; init; }

    /// <summary>How evidence is kept in S3.</summary>
    public required S3Access S3 { get; init; }

    /// <summary>How to prove who one is to Azure.</summary>
    public required AzureAccess Azure { get; init; }

    /// <summary>The pipeline that the program runs in, or null.</summary>
    public required PipelineFacts? Pipeline { get; init; }

    /// <summary>The commit that a report goes to, or null outside a pipeline and where it is switched off.</summary>
    public CommitFacts? Commit { get; init; }

    /// <summary>The step's OIDC token, or null.</summary>
    public required SecretValue? StepToken { get; init; }

    /// <summary>Where traces and metrics go, or null for nowhere.</summary>
    public TelemetrySettings? Telemetry { get; init; }
}

/// <summary>The form of a command's result.</summary>
internal enum OutputFormat
{
    /// <summary>For people.</summary>
    Text,

    /// <summary>For machines; docs/json.md.</summary>
    Json,

    /// <summary>A page for browsers; of a report only.</summary>
    Html,

    /// <summary>A page for pull requests; of a report only.</summary>
    Markdown,

    /// <summary>For spreadsheets; of a report only.</summary>
    Csv,

    /// <summary>For code scanners; of a report only.</summary>
    Sarif,
}

/// <summary>The form of the log.</summary>
internal enum LogFormat
{
    /// <summary>For people.</summary>
    Text,

    /// <summary>One compact JSON object a line.</summary>
    Json,
}

/// <summary>How much the log tells.</summary>
internal enum LogLevel
{
    /// <summary>Everything, also the stack trace of what nobody foresaw.</summary>
    Debug,

    /// <summary>What was done.</summary>
    Information,

    /// <summary>What went wrong or needs attention.</summary>
    Warning,

    /// <summary>What failed.</summary>
    Error,
}

/// <summary>Where the services answer: null means the vendor's own address.</summary>
/// <param name="Bitbucket">Bitbucket's API with its <c>/2.0</c>.</param>
/// <param name="BitbucketOAuth">The token endpoint of Bitbucket's OAuth.</param>
/// <param name="Aws">Secrets Manager, for every AWS vault.</param>
/// <param name="Sts">AWS's Security Token Service.</param>
/// <param name="S3">S3, for evidence.</param>
/// <param name="Entra">Entra's authority host.</param>
/// <param name="Azure">Key Vaults by the inventory's name, ignoring case.</param>
internal sealed record Endpoints(
    Uri? Bitbucket,
    Uri? BitbucketOAuth,
    Uri? Aws,
    Uri? Sts,
    Uri? S3,
    Uri? Entra,
    ImmutableSortedDictionary<string, Uri> Azure)
{
    /// <summary>Where Bitbucket's OIDC issuer publishes its keys, with its <c>/2.0</c>; null for Bitbucket's own address.</summary>
    public Uri? Oidc { get; init; }
}

/// <summary>How to prove who one is to Azure; all null means the ambient identity.</summary>
/// <param name="TenantId">The Entra tenant.</param>
/// <param name="ClientId">The application.</param>
/// <param name="ClientSecret">Its secret.</param>
/// <param name="ClientCertificatePath">Its certificate with private key, PEM or PFX.</param>
/// <param name="FederatedTokenFile">A file with a token that Entra trusts, kept fresh by somebody else.</param>
/// <param name="FederatedFrom">The AWS vault whose role Entra trusts.</param>
internal sealed record AzureAccess(
    string? TenantId, string? ClientId, SecretValue? ClientSecret, string? ClientCertificatePath, string? FederatedTokenFile, string? FederatedFrom)
{
    /// <summary>Where the application's secret is kept instead, or null.</summary>
    public VaultReference? ClientSecretAt { get; init; }

    /// <summary>Whether the Azure CLI (<c>az</c>) may be started for its login.</summary>
    public bool UseCli { get; init; }
}

/// <summary>The Bitbucket pipeline that the program runs in.</summary>
/// <param name="Workspace">The workspace's slug.</param>
/// <param name="Repository">The repository's slug.</param>
/// <param name="Uuid">The pipeline's uuid, in lower case and without braces.</param>
/// <param name="Build">Its build number.</param>
internal sealed record PipelineFacts(string Workspace, string Repository, string Uuid, int Build)
{
    /// <summary>The uuid of the step, in lower case and without braces, and how often it was run, from 1; null where Bitbucket doesn't tell both.</summary>
    public (string Uuid, int Run)? Step { get; init; }
}

/// <summary>What a rehearsal in the sandbox is asked for.</summary>
/// <param name="Faults">The faults to inject, as they were written.</param>
/// <param name="Now">The time to pretend, or null for the sandbox's own.</param>
internal sealed record SandboxRun(ImmutableArray<string> Faults, Instant? Now);
