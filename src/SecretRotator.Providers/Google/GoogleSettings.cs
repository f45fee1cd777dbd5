using System.Text.RegularExpressions;

namespace SecretRotator.Providers.Google;

/// <summary>How Google Cloud is reached, and as whom.</summary>
/// <remarks>
/// With <see cref="WorkloadIdentityProvider"/> a step shows its token to Google. Elsewhere application default credentials are looked for
/// (https://cloud.google.com/docs/authentication/application-default-credentials): <see cref="CredentialsPath"/>, then
/// <see cref="WellKnownPath"/>, then the metadata server. Either may act as <see cref="ServiceAccount"/>.
/// </remarks>
internal sealed partial record GoogleSettings
{
    /// <summary>Whether the program runs in a pipeline: advice about the identity is for a step then, and not for a person's
    /// machine.</summary>
    public bool InPipeline { get; init; }

    /// <summary>The step's own token (<c>BITBUCKET_STEP_OIDC_TOKEN</c>); null outside pipelines.</summary>
    public SecretValue? StepToken { get; init; }

    /// <summary>The provider that trusts the pipeline,
    /// <c>projects/NUMBER/locations/global/workloadIdentityPools/POOL/providers/PROVIDER</c>; or null.</summary>
    public string? WorkloadIdentityProvider { get; init; }

    /// <summary>The e-mail address of the service account to act as, or null to act as oneself.</summary>
    public string? ServiceAccount { get; init; }

    /// <summary>The file with credentials that <c>GOOGLE_APPLICATION_CREDENTIALS</c> names, or null.</summary>
    public string? CredentialsPath { get; init; }

    /// <summary>Where the login of gcloud keeps credentials; whether there is such a file isn't known. Null where there is no
    /// home.</summary>
    public string? WellKnownPath { get; init; }

    /// <summary>The metadata server, which has no TLS; null where it isn't asked.</summary>
    public Uri? MetadataServer { get; init; }

    /// <summary>Where Secret Manager answers, instead of its own address. <c>https</c>, or <c>http</c> on loopback.</summary>
    public Uri? SecretManagerEndpoint { get; init; }

    /// <summary>Where Google's Security Token Service answers. <c>https</c>, or <c>http</c> on loopback.</summary>
    public Uri StsEndpoint { get; init; } = new("https://sts.googleapis.com/");

    /// <summary>Where the IAM credentials API answers. <c>https</c>, or <c>http</c> on loopback.</summary>
    public Uri IamCredentialsEndpoint { get; init; } = new("https://iamcredentials.googleapis.com/");

    /// <summary>Google's OAuth token endpoint. <c>https</c>, or <c>http</c> on loopback.</summary>
    public Uri OAuthEndpoint { get; init; } = new("https://oauth2.googleapis.com/token");

    /// <summary>The settings that are read.</summary>
    public static ImmutableArray<SettingKey> SettingKeys { get; } =
    [
        new("endpoints:google"), new("endpoints:googleSts"), new("endpoints:googleIamCredentials"), new("endpoints:googleOAuth"),
        new("google:workloadIdentityProvider"), new("google:serviceAccount"),
    ];

    /// <summary>Reads them, and Google's own variables.</summary>
    public static GoogleSettings Read(SettingsValues values)
    {
        var usual = new GoogleSettings();
        return new GoogleSettings
        {
            InPipeline = values.Pipeline is not null,
            StepToken = values.StepToken,
            WorkloadIdentityProvider = Checked(
                values, "google:workloadIdentityProvider", Provider(), "is not the name of a workload identity provider",
                "Write projects/NUMBER/locations/global/workloadIdentityPools/POOL/providers/PROVIDER with the project's number: gcloud "
                    + "projects describe PROJECT-ID --format='value(projectNumber)'"),
            ServiceAccount = Checked(
                values, "google:serviceAccount", Account(), "is not the e-mail address of a service account",
                "Write it such as secret-rotator@PROJECT-ID.iam.gserviceaccount.com."),
            CredentialsPath = values.Variable("GOOGLE_APPLICATION_CREDENTIALS"),
            WellKnownPath = WellKnown(values),
            MetadataServer = Metadata(values),
            SecretManagerEndpoint = values.Endpoint("endpoints:google"),
            StsEndpoint = values.Endpoint("endpoints:googleSts") ?? usual.StsEndpoint,
            IamCredentialsEndpoint = values.Endpoint("endpoints:googleIamCredentials") ?? usual.IamCredentialsEndpoint,
            OAuthEndpoint = values.Endpoint("endpoints:googleOAuth") ?? usual.OAuthEndpoint,
        };
    }

    /// <summary>Whether a text is the e-mail address of a service account.</summary>
    public static bool IsServiceAccount(string text) => Account().IsMatch(text);

    private static string? Checked(SettingsValues values, string key, Regex form, string what, string hint)
    {
        if (values.Text(key) is not { } text)
            return null;
        if (form.IsMatch(text))
            return text;
        values.Refuse(key, what, hint);
        return null;
    }

    // https://cloud.google.com/docs/authentication/application-default-credentials#personal
    private static string? WellKnown(SettingsValues values) =>
        (values.Variable("CLOUDSDK_CONFIG"), values.Variable("APPDATA"), values.Variable("HOME")) switch
        {
            ({ } folder, _, _) => Path.Combine(folder, "application_default_credentials.json"),
            (_, { } data, _) => Path.Combine(data, "gcloud", "application_default_credentials.json"),
            (_, _, { } home) => Path.Combine(home, ".config", "gcloud", "application_default_credentials.json"),
            _ => null,
        };

    private static Uri? Metadata(SettingsValues values)
    {
        if (values.Variable("GCE_METADATA_HOST") is not { } host)
            return values.OfSandbox ? null : new Uri("http://metadata.google.internal/");
        if (Uri.TryCreate($"http://{host}/", UriKind.Absolute, out var server) && server.Authority == host)
            return server;
        values.Add(new Problem("GCE_METADATA_HOST is no host with an optional port.", "Take it out, or write such as 169.254.169.254."));
        return null;
    }

    [GeneratedRegex(
        @"^projects/[0-9]{1,20}/locations/global/workloadIdentityPools/[a-z0-9-]{4,32}/providers/[a-z0-9-]{4,32}\z",
        RegexOptions.CultureInvariant, matchTimeoutMilliseconds: Timeout.Infinite)]
    private static partial Regex Provider();

    [GeneratedRegex(
        @"^[a-z0-9][a-z0-9-]{0,62}@[a-z0-9][a-z0-9.-]{0,120}\.gserviceaccount\.com\z",
        RegexOptions.CultureInvariant, matchTimeoutMilliseconds: Timeout.Infinite)]
    private static partial Regex Account();
}
