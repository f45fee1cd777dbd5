using System.Collections.Immutable;
using System.Globalization;
using Microsoft.Extensions.Configuration;
using SecretRotator.Configuration;
using SecretRotator.Inventory;
using SecretRotator.Providers.Aws;
using SecretRotator.Providers.Bitbucket.CodeInsights;
using SecretRotator.Providers.Bitbucket.Credentials;
using SecretRotator.Providers.Http;
using SecretRotator.Telemetry;

namespace SecretRotator.Settings;

/// <summary>Reads settings from their four sources, the later ones stronger: defaults, <c>secret-rotator.json</c>, environment, command line.</summary>
internal static class SettingsReader
{
    /// <summary>The settings file in the current directory.</summary>
    public const string FileName = "secret-rotator.json";

    private const string Prefix = "SECRET_ROTATOR__";
    private const string AzureEndpoints = "endpoints:azure:";
    private const int MaximumFileBytes = 1 << 20;

    // S3 takes 100 years at most.
    private const int MostRetainDays = 36_500;

    private static readonly ImmutableArray<string> Keys =
    [
        "inventory", "output", "logFormat", "logLevel", "noColor", "parallelism", "evidence",
        "endpoints:bitbucket", "endpoints:bitbucketOAuth", "endpoints:aws", "endpoints:sts", "endpoints:s3", "endpoints:entra", "endpoints:oidc",
        "s3:region", "s3:role", "s3:kmsKeyId", "s3:retainDays", "s3:lockMode",
        "signing:keyFile", "codeInsights", "tls:caBundle", "azure:tenantId", "azure:clientId", "azure:clientCertificatePath", "azure:federatedFrom", "azure:useCli", "aws:useCredentialProcess",
    ];

    // A secret belongs in the environment, where Bitbucket can mask it, not in a file that is committed.
    private static readonly ImmutableArray<string> EnvironmentOnlyKeys = ["azure:clientSecret", "signing:key"];

    /// <summary>Reads and checks all settings.</summary>
    /// <param name="directory">Where <c>secret-rotator.json</c> may lie, or null for no file.</param>
    /// <param name="environment">The environment's variables.</param>
    /// <param name="commandLine">What the command line says, by key.</param>
    /// <exception cref="UsageException">Names every setting that is wrong, and where it stands.</exception>
    public static RotatorSettings Read(string? directory, IReadOnlyDictionary<string, string> environment, IReadOnlyDictionary<string, string?> commandLine)
    {
        var problems = ImmutableArray.CreateBuilder<Problem>();
        var sources = new[]
        {
            new SettingsSource("the defaults", Defaults(environment), key => key),
            new SettingsSource(FileName, directory is null ? [] : ReadFile(Path.Combine(directory, FileName)), key => key),
            new SettingsSource("the environment", FromEnvironment(environment), key => Prefix + key.Replace(":", "__", StringComparison.Ordinal).ToUpperInvariant()),
            new SettingsSource("the command line", commandLine, AsOption),
        };
        problems.AddRange(UnknownKeys(sources[1], Keys));
        problems.AddRange(UnknownKeys(sources[2], [.. Keys, .. EnvironmentOnlyKeys]));
        var values = new SettingsValues(sources, problems);
        var settings = new RotatorSettings
        {
            Inventory = values.Text("inventory")!,
            Output = values.OneOf("output", OutputFormat.Text, ("text", OutputFormat.Text), ("json", OutputFormat.Json), ("html", OutputFormat.Html), ("markdown", OutputFormat.Markdown), ("csv", OutputFormat.Csv), ("sarif", OutputFormat.Sarif)),
            LogFormat = values.OneOf("logFormat", LogFormat.Text, ("text", LogFormat.Text), ("json", LogFormat.Json)),
            LogLevel = values.OneOf<LogLevel?>("logLevel", null, ("debug", LogLevel.Debug), ("information", LogLevel.Information), ("warning", LogLevel.Warning), ("error", LogLevel.Error)),
            NoColour = values.OneOf("noColor", false, ("true", true), ("false", false)),
            Parallelism = values.Number("parallelism", 1, 64),
            Evidence = [.. (values.Text("evidence") ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)],
            SigningKeyFile = values.Text("signing:keyFile"),
            SigningKey = Wrap(values.Text("signing:key")),
            Endpoints = ReadEndpoints(values),
            CaBundle = values.Text("tls:caBundle"),
            Proxies = ProxySettings.Read(environment, problems),
            SearchPath = [.. (environment.GetValueOrDefault("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)],
            UseCredentialProcess = values.OneOf("aws:useCredentialProcess", false, ("true", true), ("false", false)),
            S3 = ReadS3(values, environment, problems),
            Azure = ReadAzure(values, environment, problems),
            Bitbucket = ReadBitbucket(environment, problems),
            BitbucketEmail = environment.GetValueOrDefault("BITBUCKET_EMAIL"),
            BitbucketClientId = environment.GetValueOrDefault("BITBUCKET_OAUTH_CLIENT_ID"),
            Pipeline = ReadPipeline(environment),
            Commit = values.OneOf("codeInsights", true, ("auto", true), ("off", false)) ? ReadCommit(environment) : null,
            StepToken = Wrap(environment.GetValueOrDefault("BITBUCKET_STEP_OIDC_TOKEN")),
            Telemetry = TelemetrySettings.Read(environment),
        };
        return problems.Count == 0 ? settings : throw new UsageException(problems.ToImmutable());
    }

    /// <summary>Reads settings from variables alone, which a sandbox gives.</summary>
    /// <exception cref="UsageException">They are wrong.</exception>
    public static RotatorSettings ReadEnvironment(IReadOnlyDictionary<string, string> variables)
    {
        var settings = Read(directory: null, variables, new Dictionary<string, string?>(StringComparer.Ordinal));
        return variables.TryGetValue("AWS_ACCESS_KEY_ID", out var id) && variables.TryGetValue("AWS_SECRET_ACCESS_KEY", out var key)
            ? settings with { Aws = new AwsKeys(id, SecretValue.FromText(key), Wrap(variables.GetValueOrDefault("AWS_SESSION_TOKEN"))) }
            : settings;
    }

    private static Dictionary<string, string?> Defaults(IReadOnlyDictionary<string, string> environment) => new(StringComparer.OrdinalIgnoreCase)
    {
        ["inventory"] = "rotation.yaml",
        ["output"] = "text",
        ["logFormat"] = IsSet(environment, "CI") ? "json" : "text",
        ["noColor"] = environment.ContainsKey("NO_COLOR") ? "true" : "false",
        ["parallelism"] = "8",
    };

    private static bool IsSet(IReadOnlyDictionary<string, string> environment, string name) =>
        environment.TryGetValue(name, out var value) && !value.Equals("false", StringComparison.OrdinalIgnoreCase) && value != "0";

    private static Dictionary<string, string?> ReadFile(string path)
    {
        if (!File.Exists(path))
            return [];
        try
        {
            if (new FileInfo(path).Length > MaximumFileBytes)
                throw new UsageException([new Problem("The settings file is larger than 1 MiB.", "It holds a handful of settings: see docs/settings.md.", FileName)]);
            using var stream = File.OpenRead(path);
            return new ConfigurationBuilder().AddJsonStream(stream).Build().AsEnumerable()
                .Where(setting => setting.Value is not null)
                .ToDictionary(setting => setting.Key, setting => setting.Value, StringComparer.OrdinalIgnoreCase);
        }
        catch (Exception exception) when (exception is FormatException or InvalidDataException or InvalidOperationException or System.Text.Json.JsonException)
        {
            // The library's text may quote the file, and somebody may have put a value there.
            var where = exception as System.Text.Json.JsonException ?? exception.InnerException as System.Text.Json.JsonException;
            var line = where?.LineNumber is { } number ? (int)number + 1 : (int?)null;
            throw new UsageException([new Problem(
                "The settings file is not a JSON object, or has a key twice.",
                "Write one object such as { \"parallelism\": 4 }.",
                FileName,
                line)]);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new UsageException([new Problem("The settings file can't be read.", "Give this user the right to read it.", FileName)]);
        }
    }

    private static Dictionary<string, string?> FromEnvironment(IReadOnlyDictionary<string, string> environment)
    {
        var settings = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, value) in environment)
            if (name.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase))
                settings.TryAdd(name[Prefix.Length..].Replace("__", ":", StringComparison.Ordinal), value);
        return settings;
    }

    private static IEnumerable<Problem> UnknownKeys(SettingsSource source, ImmutableArray<string> known)
    {
        foreach (var key in source.Keys)
            if (!IsKnown(source, key, known))
                yield return new Problem(
                    $"There is no setting {source.Spell(key)}.",
                    EnvironmentOnlyKeys.Contains(key, StringComparer.OrdinalIgnoreCase)
                        ? key.Equals("signing:key", StringComparison.OrdinalIgnoreCase)
                            ? "A key doesn't belong in this file: set SECRET_ROTATOR__SIGNING__KEY in the environment, or name a file of its own with signing.keyFile."
                            : "A secret doesn't belong in a file: set SECRET_ROTATOR__AZURE__CLIENTSECRET or AZURE_CLIENT_SECRET in the environment, or write where a vault keeps it: vault://VAULT/PATH#FIELD."
                        : Spelling.Hint(key, known) ?? "docs/settings.md lists all of them.",
                    source.Name);
    }

    private static bool IsKnown(SettingsSource source, string key, ImmutableArray<string> known) =>
        known.Contains(key, StringComparer.OrdinalIgnoreCase)
        || (key.Equals("azure:clientSecret", StringComparison.OrdinalIgnoreCase) && source.Values[key] is { } text && LeadsToVault(text))
        || (key.StartsWith(AzureEndpoints, StringComparison.OrdinalIgnoreCase) && !key.AsSpan(AzureEndpoints.Length).Contains(':'));

    private static Endpoints ReadEndpoints(SettingsValues values) => new(
        values.Endpoint("endpoints:bitbucket"),
        values.Endpoint("endpoints:bitbucketOAuth"),
        values.Endpoint("endpoints:aws"),
        values.Endpoint("endpoints:sts"),
        values.Endpoint("endpoints:s3"),
        values.Endpoint("endpoints:entra", onlyHttps: true),
        values.KeysBelow(AzureEndpoints)
            .Select(vault => (vault, uri: values.Endpoint(AzureEndpoints + vault, onlyHttps: true)))
            .Where(each => each.uri is not null)
            .ToImmutableSortedDictionary(each => each.vault, each => each.uri!, StringComparer.OrdinalIgnoreCase))
    { Oidc = values.Endpoint("endpoints:oidc") };

    private static S3Access ReadS3(SettingsValues values, IReadOnlyDictionary<string, string> environment, ImmutableArray<Problem>.Builder problems)
    {
        var days = values.Text("s3:retainDays") is null ? (int?)null : values.Number("s3:retainDays", 1, MostRetainDays);
        var mode = values.OneOf<LockMode?>("s3:lockMode", null, ("governance", LockMode.Governance), ("compliance", LockMode.Compliance));
        if (mode is not null && days is null)
            problems.Add(new Problem("s3.lockMode is set without s3.retainDays.", "Say for how many days, or leave both to the bucket's default retention."));
        return new S3Access(
            values.Text("s3:region") ?? environment.GetValueOrDefault("AWS_REGION") ?? environment.GetValueOrDefault("AWS_DEFAULT_REGION"),
            values.Text("s3:role"),
            new S3Rules(values.Text("s3:kmsKeyId"), days, mode ?? LockMode.Governance));
    }

    private static AzureAccess ReadAzure(SettingsValues values, IReadOnlyDictionary<string, string> environment, ImmutableArray<Problem>.Builder problems)
    {
        var secret = values.Text("azure:clientSecret") ?? environment.GetValueOrDefault("AZURE_CLIENT_SECRET");
        var isReference = secret is not null && LeadsToVault(secret);
        var reference = isReference ? VaultReference.Parse(secret!) : null;
        if (isReference && reference is null)
            problems.Add(new Problem("The setting azure.clientSecret names no place in a vault.", "Write vault://VAULT/PATH or vault://VAULT/PATH#FIELD such as vault://prod/ci/azure#secret."));
        return new AzureAccess(
            values.Text("azure:tenantId") ?? environment.GetValueOrDefault("AZURE_TENANT_ID"),
            values.Text("azure:clientId") ?? environment.GetValueOrDefault("AZURE_CLIENT_ID"),
            isReference ? null : Wrap(secret),
            values.Text("azure:clientCertificatePath") ?? environment.GetValueOrDefault("AZURE_CLIENT_CERTIFICATE_PATH"),
            environment.GetValueOrDefault("AZURE_FEDERATED_TOKEN_FILE"),
            values.Text("azure:federatedFrom"))
        { ClientSecretAt = reference, UseCli = values.OneOf("azure:useCli", false, ("true", true), ("false", false)) };
    }

    private static bool LeadsToVault(string text) => text.StartsWith(VaultReference.Scheme, StringComparison.Ordinal);

    private static BitbucketCredential? ReadBitbucket(IReadOnlyDictionary<string, string> environment, ImmutableArray<Problem>.Builder problems)
    {
        if (environment.TryGetValue("BITBUCKET_ACCESS_TOKEN", out var accessToken))
            return new BitbucketCredential.AccessToken(SecretValue.FromText(accessToken));
        var email = environment.GetValueOrDefault("BITBUCKET_EMAIL");
        var apiToken = environment.GetValueOrDefault("BITBUCKET_API_TOKEN");
        if (email is not null && apiToken is not null)
            return new BitbucketCredential.ApiToken(email, SecretValue.FromText(apiToken));
        var id = environment.GetValueOrDefault("BITBUCKET_OAUTH_CLIENT_ID");
        var secret = environment.GetValueOrDefault("BITBUCKET_OAUTH_CLIENT_SECRET");
        if (id is not null && secret is not null)
            return new BitbucketCredential.OAuthClient(id, SecretValue.FromText(secret));
        if (apiToken is not null)
            problems.Add(new Problem("BITBUCKET_API_TOKEN is set but BITBUCKET_EMAIL isn't.", "Set BITBUCKET_EMAIL to the token owner's Atlassian account.", "the environment"));
        if (secret is not null)
            problems.Add(new Problem("BITBUCKET_OAUTH_CLIENT_SECRET is set but BITBUCKET_OAUTH_CLIENT_ID isn't.", "Set BITBUCKET_OAUTH_CLIENT_ID to the consumer's key.", "the environment"));
        return null;
    }

    private static PipelineFacts? ReadPipeline(IReadOnlyDictionary<string, string> environment) =>
        environment.TryGetValue("BITBUCKET_WORKSPACE", out var workspace)
        && environment.TryGetValue("BITBUCKET_REPO_SLUG", out var repository)
        && environment.TryGetValue("BITBUCKET_PIPELINE_UUID", out var uuid)
        && Guid.TryParse(uuid, out var parsed)
        && environment.TryGetValue("BITBUCKET_BUILD_NUMBER", out var build)
        && int.TryParse(build, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? new PipelineFacts(workspace, repository, parsed.ToString("D"), number) { Step = ReadStep(environment) }
            : null;

    // https://support.atlassian.com/bitbucket-cloud/docs/variables-and-secrets/: the run number is "the number of times a step has been executed".
    private static (string Uuid, int Run)? ReadStep(IReadOnlyDictionary<string, string> environment) =>
        Guid.TryParse(environment.GetValueOrDefault("BITBUCKET_STEP_UUID"), out var uuid)
        && int.TryParse(environment.GetValueOrDefault("BITBUCKET_STEP_RUN_NUMBER"), NumberStyles.None, CultureInfo.InvariantCulture, out var run)
        && run is >= 1 and <= 9999
            ? (uuid.ToString("D"), run)
            : null;

    private static CommitFacts? ReadCommit(IReadOnlyDictionary<string, string> environment)
    {
        var fullName = environment.GetValueOrDefault("BITBUCKET_REPO_FULL_NAME")?.Split('/') is [{ Length: > 0 } first, { Length: > 0 } second] ? (first, second) : default;
        var workspace = environment.GetValueOrDefault("BITBUCKET_WORKSPACE") ?? fullName.first;
        var repository = environment.GetValueOrDefault("BITBUCKET_REPO_SLUG") ?? fullName.second;
        return workspace is not null && repository is not null
            && environment.TryGetValue("BITBUCKET_COMMIT", out var commit) && commit.Length is >= 7 and <= 64 && commit.All(char.IsAsciiHexDigit)
            ? new CommitFacts(workspace, repository, commit)
            : null;
    }

    private static string AsOption(string key) =>
        "--" + string.Concat(key.Select(letter => char.IsAsciiLetterUpper(letter) ? "-" + char.ToLowerInvariant(letter) : letter.ToString()));

    private static SecretValue? Wrap(string? text) => text is null ? null : SecretValue.FromText(text);
}
