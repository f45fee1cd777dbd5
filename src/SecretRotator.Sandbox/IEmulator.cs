using System.Net;
using System.Net.Mime;
using System.Text.Encodings.Web;
using SecretRotator.Sandbox.Hosting;

namespace SecretRotator.Sandbox;

/// <summary>A service that answers on a listener of its own.</summary>
internal interface IEmulatedService
{
    /// <summary>The name of the service in a fault, such as <c>bitbucket</c> or <c>sts</c>.</summary>
    string Service { get; }

    /// <summary>Which listener it answers on, unique, such as <c>bitbucket</c> or <c>azure:prod</c>.</summary>
    string Listener => Service;
}

/// <summary>One emulated service over HTTP, such as Bitbucket or one Key Vault.</summary>
/// <remarks>
/// An emulator is a function from a call and the state to an answer. It doesn't wait, keeps nothing of its own, and
/// doesn't handle sockets, faults or files: the host does, and calls it while it holds
/// the state, one call at a time.
/// </remarks>
internal interface IEmulator : IEmulatedService
{
    /// <summary>Whether it speaks TLS.</summary>
    bool Tls => false;

    /// <summary>Operation and resource of a request for faults and the call log: <c>put</c> on <c>payments-api:DB_PASSWORD</c>.</summary>
    CallName Identify(SandboxRequest request, SandboxState state);

    /// <summary>Answers a request, and changes the state as the real service would.</summary>
    SandboxAnswer Answer(SandboxRequest request, SandboxState state, SandboxClock clock);

    /// <summary>The answer that the real service gives with this status when it is unavailable.</summary>
    SandboxAnswer Trouble(int status);
}

/// <summary>What a request asks for, as faults name it.</summary>
/// <param name="Operation">Such as <c>put</c>, <c>list</c>, <c>UpdateSecretVersionStage</c> or <c>PutSecret</c>.</param>
/// <param name="Resource">Such as a variable's scope and key, or a secret's name.</param>
internal sealed record CallName(string Operation, string Resource);

/// <summary>A request, read to its end.</summary>
/// <param name="Method">In upper case.</param>
/// <param name="Path">The path, with escapes as they came.</param>
/// <param name="RawQuery">The query as it came, without the question mark.</param>
/// <param name="Query">The query by name.</param>
/// <param name="Headers">The headers by name, ignoring case.</param>
/// <param name="Body">The whole body.</param>
/// <param name="Host">Host and port as the client sees them, with scheme.</param>
internal sealed record SandboxRequest(
    string Method,
    string Path,
    string RawQuery,
    IReadOnlyDictionary<string, string> Query,
    IReadOnlyDictionary<string, string> Headers,
    byte[] Body,
    Uri Host)
{
    private const string BearerScheme = "Bearer ";

    /// <summary>The token of a request that is authorized by one; null where it has none.</summary>
    public string? Bearer => Header("Authorization") is { } given && given.StartsWith(BearerScheme, StringComparison.Ordinal)
        ? given[BearerScheme.Length..]
        : null;

    /// <summary>A header, or null.</summary>
    public string? Header(string name) => Headers.GetValueOrDefault(name);

    /// <summary>The fields of a form in the body by name; of several with one name the last.</summary>
    public Dictionary<string, string> Form() =>
        Encoding.UTF8.GetString(Body).Split('&', StringSplitOptions.RemoveEmptyEntries)
            .Select(pair => pair.Split('=', 2))
            .GroupBy(pair => WebUtility.UrlDecode(pair[0]), StringComparer.Ordinal)
            .ToDictionary(
                group => group.Key, group => WebUtility.UrlDecode(group.Last() is [_, var value] ? value : ""), StringComparer.Ordinal);
}

/// <summary>An answer, whole.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="ContentType">The content type, or null without a body.</param>
/// <param name="Body">The body.</param>
internal sealed record SandboxAnswer(int Status, string? ContentType, byte[] Body)
{
    /// <summary>How deep JSON may be, as <see cref="Utf8JsonWriter"/> has it.</summary>
    public const int MostLevels = 1000;

    private static readonly JsonSerializerOptions Relaxed =
        new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, MaxDepth = MostLevels };

    /// <summary>Further headers.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether the state may have changed, so that it must be saved before the answer leaves.</summary>
    public bool Changed { get; init; }

    /// <summary>What the call has started, to be run beside the calls; null for nothing.</summary>
    public IBackgroundJob? Starts { get; init; }

    /// <summary>The answer to a change where there is nothing to tell.</summary>
    public static SandboxAnswer Done { get; } = new(204, null, []) { Changed = true };

    /// <summary>The answer with one header.</summary>
    public SandboxAnswer With(string header, string value) =>
        this with { Headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase) { [header] = value } };

    /// <summary>An answer with JSON.</summary>
    public static SandboxAnswer Json(int status, JsonNode body, string contentType = MediaTypeNames.Application.Json) =>
        new(status, contentType, Encoding.UTF8.GetBytes(body.ToJsonString(Relaxed)));
}

/// <summary>A call that a service would refuse, for those that throw where they find it.</summary>
/// <param name="code">The error's name.</param>
/// <param name="message">What the service says, as far as it is known.</param>
/// <param name="status">The HTTP status.</param>
internal sealed class Refusal(string code, string message, int status = 400) : Exception(message)
{
    public string Code => code;

    public int Status => status;
}
