namespace SecretRotator.Sandbox.Google;

/// <summary>The metadata server of a machine of Google's: the token of the machine's service account.</summary>
internal sealed class MetadataEmulator : IEmulator
{
    public const string Name = "google-metadata";

    /// <summary>The operations that a fault can name.</summary>
    public static readonly ImmutableArray<string> Operations = ["token"];

    private const string Flavor = "Metadata-Flavor";
    private const int Seconds = 3599;

    public string Service => Name;

    public CallName Identify(SandboxRequest request, SandboxState state) =>
        request is { Method: "GET", Path: "/computeMetadata/v1/instance/service-accounts/default/token" }
            ? new("token", "default")
            : new("unknown", request.Path);

    public SandboxAnswer Answer(SandboxRequest request, SandboxState state, SandboxClock clock)
    {
        // What a browser or a forwarded request can't set by mistake.
        if (request.Headers.GetValueOrDefault(Flavor) != "Google" || request.Headers.ContainsKey("X-Forwarded-For"))
            return Trouble(403);
        if (Identify(request, state).Operation != "token")
            return Trouble(404);
        var token = new GoogleTokenState
        {
            Principal = $"serviceAccount:{state.GoogleIdentity.MachineAccount}",
            Ends = clock.Real.AddSeconds(Seconds),
        };
        var answer = new JsonObject
        {
            ["access_token"] = GoogleIdentityState.Give(state, token, clock),
            ["expires_in"] = Seconds,
            ["token_type"] = "Bearer",
        };
        return SandboxAnswer.Json(200, answer).With(Flavor, "Google") with { Changed = true };
    }

    public SandboxAnswer Trouble(int status) =>
        new SandboxAnswer(status, "text/html", "<!DOCTYPE html>"u8.ToArray()).With(Flavor, "Google");
}
