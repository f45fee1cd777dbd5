using SecretRotator.Providers;
using SecretRotator.Providers.Aws;
using SecretRotator.Providers.Bitbucket.CodeInsights;
using SecretRotator.Providers.Bitbucket.Credentials;
using SecretRotator.Providers.Http;
using SecretRotator.Telemetry;
using Serilog.Events;

namespace SecretRotator.Settings;

/// <summary>How the program is to behave, read and checked once. docs/settings.md explains each to people.</summary>
internal sealed record RotatorSettings
{
    /// <summary>The inventory file.</summary>
    public required string Inventory { get; init; }

    /// <summary>Further files with secrets of the inventory, as if it included them.</summary>
    public ImmutableArray<string> Included { get; init; } = [];

    /// <summary>The form of a command's result.</summary>
    public required OutputFormat Output { get; init; }

    /// <summary>The form of the log.</summary>
    public required LogFormat LogFormat { get; init; }

    /// <summary>From which level on the log tells: debug (also the stack traces of unexpected errors), information, warning or error; null
    /// where no one said.</summary>
    public required LogEventLevel? LogLevel { get; init; }

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

    /// <summary>The kinds of vaults that there are, with the settings of each.</summary>
    public required ConfiguredProviders Providers { get; init; }

    /// <summary>How evidence is kept in S3.</summary>
    public required S3Access S3 { get; init; }

    /// <summary>As whom evidence is kept in S3.</summary>
    public AwsSettings S3Identity => Providers.SettingsOf<AwsSettings>();

    /// <summary>The pipeline that the program runs in, or null.</summary>
    public required PipelineFacts? Pipeline { get; init; }

    /// <summary>Who asks, for evidence: the pipeline, or user and host.</summary>
    public string Operator => Pipeline is { } pipeline
        ? $"pipeline {pipeline.Workspace}/{pipeline.Repository} #{pipeline.Build}"
        : $"{Environment.UserName}@{Environment.MachineName}";

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

/// <summary>Where the services answer that no provider of vaults has: null means the vendor's own address.</summary>
/// <param name="Bitbucket">Bitbucket's API with its <c>/2.0</c>.</param>
/// <param name="BitbucketOAuth">The token endpoint of Bitbucket's OAuth.</param>
/// <param name="S3">S3, for evidence.</param>
/// <param name="Oidc">Where Bitbucket's OIDC issuer publishes its keys, with its <c>/2.0</c>.</param>
internal sealed record Endpoints(Uri? Bitbucket, Uri? BitbucketOAuth, Uri? S3, Uri? Oidc);

/// <summary>The options of a run in the sandbox.</summary>
/// <param name="Faults">The faults to inject, as they were written.</param>
/// <param name="Now">The time to pretend, or null for the sandbox's own.</param>
/// <param name="RealDatabases">Whether databases are started from this machine's programs, and not emulated.</param>
internal sealed record SandboxRun(ImmutableArray<string> Faults, Instant? Now, bool RealDatabases = false);
