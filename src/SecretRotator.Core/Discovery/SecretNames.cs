using System.Collections.Frozen;
using System.Text.RegularExpressions;

namespace SecretRotator.Discovery;

/// <summary>What a variable's key alone gives away.</summary>
internal static class SecretNames
{
    // Long-lived keys of clouds that a pipeline's own identity (OIDC) makes needless.
    private static readonly FrozenDictionary<string, string> CloudKeys = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase)
    {
        ["AWS_ACCESS_KEY_ID"] = "AWS",
        ["AWS_SECRET_ACCESS_KEY"] = "AWS",
        ["AWS_SESSION_TOKEN"] = "AWS",
        ["AZURE_CLIENT_SECRET"] = "Azure",
        ["AZURE_APP_SECRET"] = "Azure",
        ["AZURE_PASSWORD"] = "Azure",
        ["ARM_CLIENT_SECRET"] = "Azure",
        ["ARM_ACCESS_KEY"] = "Azure",
        ["GOOGLE_APPLICATION_CREDENTIALS"] = "Google Cloud",
        ["GOOGLE_CREDENTIALS"] = "Google Cloud",
        ["GCLOUD_SERVICE_KEY"] = "Google Cloud",
        ["GCLOUD_API_KEYFILE"] = "Google Cloud",
        ["GCP_SA_KEY"] = "Google Cloud",
        ["KEY_FILE"] = "Google Cloud",
        ["VAULT_TOKEN"] = "HashiCorp Vault",
        ["VAULT_SECRET_ID"] = "HashiCorp Vault",
    }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    /// <summary>The cloud whose static key a variable holds by its name, or null.</summary>
    public static string? CloudOf(string key) => CloudKeys.GetValueOrDefault(key);

    /// <summary>Whether a variable of this name probably holds a secret.</summary>
    public static bool LooksSecret(string key) => Telling.IsMatch(key) && !Harmless.IsMatch(key);

    /// <summary>Whether Bitbucket or this tool itself keeps something under this name.</summary>
    public static bool IsOurs(string key) =>
        key.StartsWith("BITBUCKET_", StringComparison.OrdinalIgnoreCase)
        || key.StartsWith("SECRET_ROTATOR_CLAIM_", StringComparison.OrdinalIgnoreCase)
        || key.StartsWith("SECRET_ROTATOR_SCHEDULE_", StringComparison.OrdinalIgnoreCase);

    private static readonly Regex Telling = new(
        "(^|_)(PASS(WORD|WD|PHRASE)?|PWD|SECRETS?|TOKENS?|CREDENTIALS?|CREDS|API_?KEY|(PRIVATE|ACCESS|SIGNING|ENCRYPTION|DEPLOY|SSH|MASTER|ACCOUNT|LICEN[CS]E)_KEY|DSN|CONN(ECTION)?_?STR(ING)?|[A-Z]+PASSWORD|[A-Z]+TOKEN)(_|$)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, Regex.InfiniteMatchTimeout);

    // What is about a secret, and isn't one.
    private static readonly Regex Harmless = new(
        "_(URL|URI|ENDPOINT|FILE|PATH|NAME|ID|ARN|TTL|LENGTH|EXPIRY|VERSION|ENABLED|REGION)$",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, Regex.InfiniteMatchTimeout);
}
