using System.Security.Cryptography;
using System.Text.Json.Serialization.Metadata;

namespace SecretRotator.Providers.HashiCorp;

/// <summary>
/// One call as people see it. Doing it twice is as good as once, but where it says otherwise: what is written, is written by check-and-set.
/// </summary>
/// <param name="Method">GET, POST or LIST.</param>
/// <param name="Path">The path behind <c>/v1/</c>, with the query.</param>
/// <param name="What">What its failure means, such as <c>Version 3 of db in vault prod could not be read</c>.</param>
/// <param name="Resource">The thing there, for the failure.</param>
internal sealed record HashiCorpCall(HttpMethod Method, string Path, string What, string? Resource)
{
    /// <summary>Makes the body; each try needs one of its own. Null for none.</summary>
    public Func<HttpContent>? Body { get; init; }

    /// <summary>Whether it changes something.</summary>
    public bool Writes { get; init; }

    /// <summary>Whether doing it twice does something else.</summary>
    public bool Once { get; init; }

    /// <summary>Asked before every try, or null.</summary>
    public Lease? Lease { get; init; }

    /// <summary>Whether it goes without a token, as a login does.</summary>
    public bool IsLogin { get; init; }
}

/// <summary>The body of an answer, which may hold a value: zeroed when it is disposed.</summary>
internal sealed class HashiCorpAnswer : IDisposable
{
    private readonly byte[] _json;

    private HashiCorpAnswer(byte[] json) => _json = json;

    /// <summary>The body, empty where there is none.</summary>
    public ReadOnlySpan<byte> Json => _json;

    /// <summary>What is below <c>data</c> in it.</summary>
    /// <exception cref="JsonException">There is nothing such.</exception>
    public T Data<T>(JsonTypeInfo<DataAnswer<T>> type)
        where T : class =>
        JsonSerializer.Deserialize(_json, type)?.Data ?? throw new JsonException();

    /// <summary>Takes the body of an answer that is there to the last byte.</summary>
    public static async Task<HashiCorpAnswer> OfAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        await using var body = await response.Content.ReadAsStreamAsync(cancellation);
        var json = GC.AllocateUninitializedArray<byte>((int)body.Length, pinned: true);
        await body.ReadExactlyAsync(json, cancellation);
        return new HashiCorpAnswer(json);
    }

    /// <inheritdoc />
    public void Dispose() => CryptographicOperations.ZeroMemory(_json);
}

/// <summary>The form of most answers.</summary>
internal sealed record DataAnswer<T>(T? Data)
    where T : class;
