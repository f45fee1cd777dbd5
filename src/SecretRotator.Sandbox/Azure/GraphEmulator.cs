using System.Security.Cryptography;
using System.Text.RegularExpressions;
using SecretRotator.Sandbox.Faults;

namespace SecretRotator.Sandbox.Azure;

/// <summary>
/// Microsoft Graph, as far as it is about the client secrets of applications
/// (https://learn.microsoft.com/graph/api/application-addpassword). A new one is refused for a while, unless
/// <see cref="Condition.CredentialsAtOnce"/>.
/// </summary>
/// <param name="conditions">What is wrong all the time.</param>
/// <param name="random">Where ids come from.</param>
internal sealed partial class GraphEmulator(ImmutableHashSet<Condition> conditions, IRandomSource random) : IEmulator
{
    public const string Name = "graph";

    /// <summary>The operations that a fault can name.</summary>
    public static readonly ImmutableArray<string> Operations = ["getApplication", "addPassword", "removePassword"];

    /// <summary>How long a new secret is refused, in the sandbox's time. On the real service it is 4 to 18 seconds.</summary>
    public static readonly TimeSpan Lag = TimeSpan.FromSeconds(2);

    public string Service => Name;

    public bool Tls => true;

    public CallName Identify(SandboxRequest request, SandboxState state) =>
        Address().Match(Uri.UnescapeDataString(request.Path)) is { Success: true } match
            ? new((request.Method, match.Groups[2].Value) switch
            {
                ("GET", "") => "getApplication",
                ("POST", "addPassword") => "addPassword",
                ("POST", "removePassword") => "removePassword",
                _ => "unknown",
            }, match.Groups[1].Value)
            : new("unknown", "");

    public SandboxAnswer Answer(SandboxRequest request, SandboxState state, SandboxClock clock)
    {
        if (!state.Entra.GraphTokens.TryGetValue(request.Bearer ?? "", out var token) || token.Ends <= clock.Real)
            return Error(401, "InvalidAuthenticationToken", "Access token is empty or not valid.");
        var (operation, id) = Identify(request, state);
        if (!state.Entra.Applications.TryGetValue(id, out var application))
            return Error(
                404,
                "Request_ResourceNotFound",
                $"Resource '{id}' does not exist or one of its queried reference-property objects "
                    + "are not present.");
        if (operation is "addPassword" or "removePassword"
            && !application.Owners.Contains(token.ClientId, StringComparer.OrdinalIgnoreCase))
            return Trouble(403);
        try
        {
            return operation switch
            {
                "getApplication" => Json(200, new JsonObject
                {
                    ["@odata.context"] = "https://graph.microsoft.com/v1.0/$metadata#applications(appId,passwordCredentials)/$entity",
                    ["appId"] = id,
                    ["passwordCredentials"] = new JsonArray([.. application.Secrets.Select(secret => Describe(secret, withText: false))]),
                }),
                "addPassword" => Add(application, Body(request).GetProperty("passwordCredential"), clock),
                "removePassword" => Remove(application, Body(request).GetProperty("keyId").GetString()),
                _ => Error(400, "BadRequest", "Resource not found for the segment."),
            };
        }
        catch (Exception wrong) when (wrong is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return Error(400, "Request_BadRequest", "The body is not what it should be.");
        }
    }

    public SandboxAnswer Trouble(int status) => status switch
    {
        401 => Error(401, "InvalidAuthenticationToken", "Access token has expired or is not yet valid."),
        403 => Error(403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation."),
        404 => Error(404, "Request_ResourceNotFound", "Resource does not exist."),
        409 => Error(
            409, "Directory_ConcurrencyViolation",
            "Error due to concurrent requests being made to the tenant. Please wait briefly and retry."),
        429 => Error(429, "TooManyRequests", "Too many requests.").With("Retry-After", "1"),
        503 => Error(503, "serviceNotAvailable", "Service unavailable."),
        _ => Error(status, "Request_BadRequest", "The request was refused."),
    };

    /// <summary>Makes a secret of an application.</summary>
    public static EntraSecretState Add(
        EntraApplicationState application, IRandomSource random, string? name, DateTimeOffset start, DateTimeOffset end,
        DateTimeOffset? worksFrom)
    {
        var secret = new EntraSecretState
        {
            KeyId = random.Uuid(),
            DisplayName = name,
            Text = RandomNumberGenerator.GetString("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789~._-", 40),
            Start = start,
            End = end,
            WorksFrom = worksFrom,
        };
        application.Secrets.Add(secret);
        return secret;
    }

    private SandboxAnswer Add(EntraApplicationState application, JsonElement wish, SandboxClock clock)
    {
        if (application.Secrets.Count >= application.MostSecrets)
            return Error(
                400, "TooManyAppPasswords",
                $"Not allowed to add {application.Secrets.Count + 1} passwords. You can only add a maximum of "
                    + $"{application.MostSecrets} passwords.");
        var end = wish.TryGetProperty("endDateTime", out var asked) ? asked.GetDateTimeOffset() : clock.Now.AddYears(2);
        var made = Add(
            application,
            random,
            wish.TryGetProperty("displayName", out var name) ? name.GetString() : null,
            clock.Now,
            end,
            conditions.Contains(Condition.CredentialsAtOnce) ? null : clock.Now + Lag);
        return Json(200, Describe(made, withText: true)) with { Changed = true };
    }

    private static SandboxAnswer Remove(EntraApplicationState application, string? key) =>
        application.Secrets.RemoveAll(secret => string.Equals(secret.KeyId, key, StringComparison.OrdinalIgnoreCase)) > 0
            ? SandboxAnswer.Done
            : Error(400, "Request_BadRequest", "No password credential found with keyId.");

    private static JsonObject Describe(EntraSecretState secret, bool withText) => new()
    {
        ["customKeyIdentifier"] = null,
        ["displayName"] = secret.DisplayName,
        ["endDateTime"] = Time(secret.End),
        ["hint"] = secret.Text[..3],
        ["keyId"] = secret.KeyId,
        ["secretText"] = withText ? secret.Text : null,
        ["startDateTime"] = Time(secret.Start),
    };

    private static JsonElement Body(SandboxRequest request)
    {
        using var body = JsonDocument.Parse(request.Body);
        return body.RootElement.Clone();
    }

    private static string Time(DateTimeOffset at) =>
        at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'", CultureInfo.InvariantCulture);

    private static SandboxAnswer Error(int status, string code, string message) =>
        Json(status, new JsonObject { ["error"] = new JsonObject { ["code"] = code, ["message"] = message } });

    private static SandboxAnswer Json(int status, JsonObject body) => SandboxAnswer.Json(status, body, "application/json; charset=utf-8");

    [GeneratedRegex(
        @"^/v1\.0/applications\(appId='([^']{1,64})'\)(?:/([A-Za-z]+))?$", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Address();
}
