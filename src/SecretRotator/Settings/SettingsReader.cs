using Microsoft.Extensions.Configuration;
using SecretRotator.Configuration;
using SecretRotator.Providers;
using SecretRotator.Providers.Aws;
using SecretRotator.Providers.Backends;
using SecretRotator.Providers.Bitbucket.CodeInsights;
using SecretRotator.Providers.Bitbucket.Credentials;
using SecretRotator.Providers.Http;
using SecretRotator.Telemetry;
using Serilog.Events;

namespace SecretRotator.Settings;

/// <summary>Reads settings from their four sources, the later ones stronger: defaults, <c>secret-rotator.json</c>, environment, command
/// line.</summary>
internal static class SettingsReader
{
    /// <summary>The settings file in the current directory.</summary>
    public const string FileName = "secret-rotator.json";

    private const string Prefix = "SECRET_ROTATOR__";
    private const int MaximumFileBytes = 1 << 20;

    // S3 takes 100 years at most.
    private const int MostRetainDays = 36_500;

    private static readonly ImmutableArray<SettingKey> Keys =
    [
        .. new[]
        {
            "inventory", "output", "logFormat", "logLevel", "noColor", "parallelism", "evidence",
            "endpoints:bitbucket", "endpoints:bitbucketOAuth", "endpoints:s3", "endpoints:oidc",
            "s3:region", "s3:role", "s3:kmsKeyId", "s3:retainDays", "s3:lockMode",
            "signing:keyFile", "codeInsights", "tls:caBundle", ServerRoutes.Key,
        }.Select(name => new SettingKey(name)),
        new("signing:key")
        {
            NotInFile = "A key doesn't belong in this file: set SECRET_ROTATOR__SIGNING__KEY in the environment, "
                + "or name a file of its own with signing.keyFile.",
        },
    ];

    /// <summary>Reads and checks all settings.</summary>
    /// <param name="directory">Where <c>secret-rotator.json</c> may be, or null for no file.</param>
    /// <param name="environment">The environment's variables.</param>
    /// <param name="commandLine">What the command line says, by key.</param>
    /// <param name="providers">The kinds of vaults that there are.</param>
    /// <param name="ofSandbox">Whether the environment is a sandbox's.</param>
    /// <exception cref="UsageException">Names every setting that is wrong, and where it is set.</exception>
    public static RotatorSettings Read(
        string? directory,
        IReadOnlyDictionary<string, string> environment,
        IReadOnlyDictionary<string, string?> commandLine,
        IReadOnlyList<IVaultProvider> providers,
        bool ofSandbox = false)
    {
        var problems = ImmutableArray.CreateBuilder<Problem>();
        var sources = new[]
        {
            new SettingsSource("the defaults", Defaults(environment), key => key),
            new SettingsSource(FileName, directory is null ? [] : ReadFile(Path.Combine(directory, FileName)), key => key),
            new SettingsSource("the environment", FromEnvironment(environment), AsVariable),
            new SettingsSource("the command line", commandLine, AsOption),
        };
        var keys = AllKeys(providers);
        problems.AddRange(UnknownKeys(sources[1], keys, isFile: true));
        problems.AddRange(UnknownKeys(sources[2], keys, isFile: false));
        var values = new SettingsValues(sources, environment, problems)
        {
            Pipeline = ReadPipeline(environment),
            StepToken = Wrap(environment.GetValueOrDefault("BITBUCKET_STEP_OIDC_TOKEN")),
            OfSandbox = ofSandbox,
        };
        var inventories = List(values.Text("inventory"));
        var settings = new RotatorSettings
        {
            Inventory = inventories.Length == 0 ? "" : inventories[0],
            Included = [.. inventories.Skip(1)],
            Output = values.OneOf(
                "output", OutputFormat.Text, ("text", OutputFormat.Text), ("json", OutputFormat.Json), ("html", OutputFormat.Html),
                ("markdown", OutputFormat.Markdown), ("csv", OutputFormat.Csv), ("sarif", OutputFormat.Sarif)),
            LogFormat = values.OneOf("logFormat", LogFormat.Text, ("text", LogFormat.Text), ("json", LogFormat.Json)),
            LogLevel = values.OneOf<LogEventLevel?>(
                "logLevel", null, ("debug", LogEventLevel.Debug), ("information", LogEventLevel.Information),
                ("warning", LogEventLevel.Warning), ("error", LogEventLevel.Error)),
            NoColour = values.OneOf("noColor", false, ("true", true), ("false", false)),
            Parallelism = values.Number("parallelism", 1, 64),
            Evidence = List(values.Text("evidence")),
            SigningKeyFile = values.Text("signing:keyFile"),
            SigningKey = Wrap(values.Text("signing:key")),
            Endpoints = new Endpoints(
                values.Endpoint("endpoints:bitbucket"), values.Endpoint("endpoints:bitbucketOAuth"), values.Endpoint("endpoints:s3"),
                values.Endpoint("endpoints:oidc")),
            CaBundle = values.Text("tls:caBundle"),
            Proxies = ProxySettings.Read(environment, problems),
            SearchPath =
            [
                .. (environment.GetValueOrDefault("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries),
            ],
            Providers = new ConfiguredProviders(providers, values),
            S3 = ReadS3(values, environment, problems),
            Bitbucket = ReadBitbucket(environment, problems),
            BitbucketEmail = environment.GetValueOrDefault("BITBUCKET_EMAIL"),
            BitbucketClientId = environment.GetValueOrDefault("BITBUCKET_OAUTH_CLIENT_ID"),
            Pipeline = values.Pipeline,
            Commit = values.OneOf("codeInsights", true, ("auto", true), ("off", false)) ? ReadCommit(environment) : null,
            StepToken = values.StepToken,
            Telemetry = TelemetrySettings.Read(environment),
        };
        return problems.Count == 0 ? settings : throw new UsageException(problems.ToImmutable());
    }

    /// <summary>Reads settings from variables alone, which a sandbox gives.</summary>
    /// <exception cref="UsageException">They are wrong.</exception>
    public static RotatorSettings ReadEnvironment(IReadOnlyDictionary<string, string> variables, IReadOnlyList<IVaultProvider> providers) =>
        Read(directory: null, variables, new Dictionary<string, string?>(StringComparer.Ordinal), providers, ofSandbox: true);

    /// <summary>Whether a variable of this name holds a setting that is a secret.</summary>
    public static bool HoldsSecret(string variable, IReadOnlyList<IVaultProvider> providers) =>
        variable.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase)
        && AllKeys(providers).Any(
            key => key.NotInFile is not null && AsVariable(key.Name).Equals(variable, StringComparison.OrdinalIgnoreCase));

    /// <summary>Every setting that there is.</summary>
    /// <param name="providers">The kinds of vaults that there are.</param>
    public static ImmutableArray<SettingKey> AllKeys(IReadOnlyList<IVaultProvider> providers) =>
        [.. Keys, .. providers.SelectMany(provider => provider.SettingKeys), .. BackendProviders.All.SelectMany(kind => kind.SettingKeys)];

    private static Dictionary<string, string?> Defaults(
        IReadOnlyDictionary<string, string> environment) => new(StringComparer.OrdinalIgnoreCase)
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
                throw new UsageException(
                    "The settings file is larger than 1 MiB.", "It holds a handful of settings: see docs/settings.md.", FileName);
            using var stream = File.OpenRead(path);
            return new ConfigurationBuilder().AddJsonStream(stream).Build().AsEnumerable()
                .Where(setting => setting.Value is not null)
                .ToDictionary(setting => setting.Key, setting => setting.Value, StringComparer.OrdinalIgnoreCase);
        }
        catch (Exception exception)
            when (exception is FormatException or InvalidDataException or InvalidOperationException or System.Text.Json.JsonException)
        {
            // The library's text may quote the file, and someone may have put a value there.
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
            throw new UsageException("The settings file can't be read.", "Give this user the right to read it.", FileName);
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

    private static IEnumerable<Problem> UnknownKeys(SettingsSource source, ImmutableArray<SettingKey> keys, bool isFile)
    {
        foreach (var name in source.Values.Keys)
        {
            var key = keys.FirstOrDefault(key => IsMeantBy(key, name));
            if (key is null || (isFile && key.NotInFile is not null && !(key.TakesReference && LeadsToVault(source.Values[name]))))
                yield return new Problem(
                    $"There is no setting {source.Spell(name)}.",
                    key?.NotInFile ?? Spelling.Hint(name, Known(keys, isFile))
                        ?? "docs/settings.md lists them, and the page of a vault those of its kind.",
                    source.Name);
        }
    }

    private static bool IsMeantBy(SettingKey key, string name) => key.Name.EndsWith(':')
        ? name.StartsWith(key.Name, StringComparison.OrdinalIgnoreCase) && !name.AsSpan(key.Name.Length).Contains(':')
        : key.Name.Equals(name, StringComparison.OrdinalIgnoreCase);

    private static IEnumerable<string> Known(ImmutableArray<SettingKey> keys, bool isFile) =>
        keys.Where(key => !key.Name.EndsWith(':') && !(isFile && key.NotInFile is not null)).Select(key => key.Name);

    private static ImmutableArray<string> List(string? text) =>
        [.. (text ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)];

    private static bool LeadsToVault(string? text) => text?.StartsWith(VaultReference.Scheme, StringComparison.Ordinal) == true;

    private static S3Access ReadS3(
        SettingsValues values, IReadOnlyDictionary<string, string> environment, ImmutableArray<Problem>.Builder problems)
    {
        var days = values.Text("s3:retainDays") is null ? (int?)null : values.Number("s3:retainDays", 1, MostRetainDays);
        var mode = values.OneOf<LockMode?>("s3:lockMode", null, ("governance", LockMode.Governance), ("compliance", LockMode.Compliance));
        if (mode is not null && days is null)
            problems.Add(
                new Problem(
                    "s3.lockMode is set without s3.retainDays.",
                    "Say for how many days, or leave both to the bucket's default retention."));
        return new S3Access(
            values.Text("s3:region") ?? environment.GetValueOrDefault("AWS_REGION") ?? environment.GetValueOrDefault("AWS_DEFAULT_REGION"),
            values.Text("s3:role"),
            new S3Rules(values.Text("s3:kmsKeyId"), days, mode ?? LockMode.Governance));
    }

    private static BitbucketCredential? ReadBitbucket(
        IReadOnlyDictionary<string, string> environment, ImmutableArray<Problem>.Builder problems)
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
            problems.Add(
                new Problem(
                    "BITBUCKET_API_TOKEN is set but BITBUCKET_EMAIL isn't.", "Set BITBUCKET_EMAIL to the token owner's Atlassian account.",
                    "the environment"));
        if (secret is not null)
            problems.Add(
                new Problem(
                    "BITBUCKET_OAUTH_CLIENT_SECRET is set but BITBUCKET_OAUTH_CLIENT_ID isn't.",
                    "Set BITBUCKET_OAUTH_CLIENT_ID to the consumer's key.", "the environment"));
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

    // https://support.atlassian.com/bitbucket-cloud/docs/variables-and-secrets/: the run number is "the number of times a step has been
    // executed".
    private static (string Uuid, int Run)? ReadStep(IReadOnlyDictionary<string, string> environment) =>
        Guid.TryParse(environment.GetValueOrDefault("BITBUCKET_STEP_UUID"), out var uuid)
        && int.TryParse(
            environment.GetValueOrDefault("BITBUCKET_STEP_RUN_NUMBER"), NumberStyles.None, CultureInfo.InvariantCulture, out var run)
        && run is >= 1 and <= 9999
            ? (uuid.ToString("D"), run)
            : null;

    private static CommitFacts? ReadCommit(IReadOnlyDictionary<string, string> environment)
    {
        var fullName = environment.GetValueOrDefault("BITBUCKET_REPO_FULL_NAME")
            ?.Split('/') is [{ Length: > 0 } first, { Length: > 0 } second] ? (first, second) : default;
        var workspace = environment.GetValueOrDefault("BITBUCKET_WORKSPACE") ?? fullName.first;
        var repository = environment.GetValueOrDefault("BITBUCKET_REPO_SLUG") ?? fullName.second;
        return workspace is not null && repository is not null
            && environment.TryGetValue("BITBUCKET_COMMIT", out var commit) && commit.Length is >= 7 and <= 64
            && commit.All(char.IsAsciiHexDigit)
            ? new CommitFacts(workspace, repository, commit)
            : null;
    }

    private static string AsVariable(string key) => Prefix + key.Replace(":", "__", StringComparison.Ordinal).ToUpperInvariant();

    private static string AsOption(string key) =>
        "--" + string.Concat(
            key.Select(letter => char.IsAsciiLetterUpper(letter) ? "-" + char.ToLowerInvariant(letter) : letter.ToString()));

    private static SecretValue? Wrap(string? text) => text is null ? null : SecretValue.FromText(text);
}
