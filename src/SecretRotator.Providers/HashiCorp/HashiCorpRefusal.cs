using SecretRotator.Providers.HashiCorp.Identity;

namespace SecretRotator.Providers.HashiCorp;

/// <summary>Why the server refused a call, as far as it is told apart. Its words are matched, and never shown.</summary>
internal enum RefusalReason
{
    /// <summary>None of the others.</summary>
    Other,

    /// <summary>Check-and-set: another version is current.</summary>
    OtherVersion,

    /// <summary>The server is sealed.</summary>
    Sealed,

    /// <summary>Nothing is mounted there.</summary>
    NoMount,

    /// <summary>The version was deleted or destroyed: it exists, without its value.</summary>
    VersionGone,

    /// <summary>The token isn't one, or has ended.</summary>
    InvalidToken,
}

/// <summary>The server answered with something else than what the call is for.</summary>
/// <param name="status">The HTTP status.</param>
/// <param name="reason">Why.</param>
/// <param name="retryAfter">How long it asks to wait, or null.</param>
internal sealed class HashiCorpRefusal(int status, RefusalReason reason, TimeSpan? retryAfter)
    : Exception("HashiCorp Vault refused a call.")
{
    /// <summary>The HTTP status.</summary>
    public int Status => status;

    /// <summary>Why.</summary>
    public RefusalReason Reason => reason;

    /// <summary>How long it asks to wait, or null.</summary>
    public TimeSpan? RetryAfter => retryAfter;

    /// <summary>Of a version that is gone, its number: a write there by check-and-set must name it.</summary>
    public KvVersion? Gone { get; private init; }

    /// <summary>Of a login, why it was refused, and the claim that differs; read where nothing else explains it.</summary>
    public (LoginFault Fault, string? Claim) Login { get; private init; }

    /// <summary>Reads an answer that isn't a success.</summary>
    public static async Task<HashiCorpRefusal> OfAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        using var answer = await HashiCorpAnswer.OfAsync(response, cancellation);
        var status = (int)response.StatusCode;
        var gone = status == 404 ? GoneIn(answer.Json) : null;
        return new(
            status,
            gone is null ? ReasonOf(status, answer.Json) : RefusalReason.VersionGone,
            response.Headers.RetryAfter?.Delta)
        {
            Gone = gone,
            Login = LoginFaults.Of(status, answer.Json),
        };
    }

    private static RefusalReason ReasonOf(int status, ReadOnlySpan<byte> json) => status switch
    {
        400 when json.IndexOf("check-and-set parameter did not match"u8) >= 0 => RefusalReason.OtherVersion,
        403 when json.IndexOf("invalid token"u8) >= 0 || json.IndexOf("bad token"u8) >= 0 => RefusalReason.InvalidToken,
        404 when json.IndexOf("no handler for route"u8) >= 0 => RefusalReason.NoMount,
        503 when json.IndexOf("sealed"u8) >= 0 => RefusalReason.Sealed,
        _ => RefusalReason.Other,
    };

    private static KvVersion? GoneIn(ReadOnlySpan<byte> json)
    {
        try
        {
            return KvRead.Parse(json).Version;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
