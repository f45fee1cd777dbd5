namespace SecretRotator.Sandbox.Google;

/// <summary>Google's IAM credentials API: tokens of service accounts for those who may act as them.</summary>
internal sealed class IamCredentialsEmulator : IEmulator
{
    public const string Name = "google-iam-credentials";

    /// <summary>The operations that a fault can name.</summary>
    public static readonly ImmutableArray<string> Operations = ["generateAccessToken"];

    private const string Prefix = "/v1/projects/-/serviceAccounts/";
    private const string Suffix = ":generateAccessToken";
    private const int LongestSeconds = 3600;

    public string Service => Name;

    public CallName Identify(SandboxRequest request, SandboxState state)
    {
        var path = Uri.UnescapeDataString(request.Path);
        return request.Method == "POST" && path.StartsWith(Prefix, StringComparison.Ordinal)
            && path.EndsWith(Suffix, StringComparison.Ordinal)
            ? new("generateAccessToken", path[Prefix.Length..^Suffix.Length])
            : new("unknown", request.Path);
    }

    public SandboxAnswer Answer(SandboxRequest request, SandboxState state, SandboxClock clock)
    {
        var (operation, account) = Identify(request, state);
        if (operation == "unknown")
            return GoogleAnswers.Trouble(404);
        if (state.GoogleIdentity.CallerOf(request, clock) is not { } caller)
            return GoogleAnswers.Trouble(401);
        if (Order(request.Body) is not var (scopes, seconds, delegates) || scopes is not ["https://www.googleapis.com/auth/cloud-platform"]
            || seconds is <= 0 or > LongestSeconds)
            return GoogleAnswers.Trouble(400);

        // Each may act as the next one.
        foreach (var next in delegates.Select(name => name.Split('/')[^1]).Append(account))
        {
            if (!caller.IsOneOf(state.GoogleIdentity.Accounts.GetValueOrDefault(next)?.ActedAsBy ?? []))
                return GoogleAnswers.Refused(
                    403, "PERMISSION_DENIED",
                    "Permission 'iam.serviceAccounts.getAccessToken' denied on resource (or it may not exist).", "IAM_PERMISSION_DENIED");
            caller = new GoogleTokenState { Principal = $"serviceAccount:{next}" };
        }

        caller.Ends = clock.Real.AddSeconds(seconds);
        return SandboxAnswer.Json(200, new JsonObject
        {
            ["accessToken"] = GoogleIdentityState.Give(state, caller, clock),
            ["expireTime"] = caller.Ends.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
        }) with
        { Changed = true };
    }

    public SandboxAnswer Trouble(int status) => GoogleAnswers.Trouble(status);

    private static (string[] Scopes, int Seconds, string[] Delegates)? Order(byte[] body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            var lifetime = document.RootElement.TryGetProperty("lifetime", out var asked) ? asked.GetString() ?? "" : "3600s";
            return lifetime.EndsWith('s')
                && int.TryParse(lifetime.AsSpan(..^1), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
                    ? (Texts("scope"), seconds, Texts("delegates"))
                    : null;

            string[] Texts(string name) => document.RootElement.TryGetProperty(name, out var list)
                ? [.. list.EnumerateArray().Select(each => each.GetString()!)]
                : [];
        }
        catch (Exception wrong) when (wrong is JsonException or InvalidOperationException)
        {
            return null;
        }
    }
}
