namespace SecretRotator.Providers.HashiCorp;

/// <summary>The token that calls bear. It logs in when it is first asked.</summary>
internal interface IHashiCorpToken
{
    /// <summary>The token, asked for before every try of every call. The caller leaves it alone: whoever gives it wipes it.</summary>
    /// <exception cref="RemoteFailureException">There is none to be had.</exception>
    ValueTask<SecretValue> GetAsync(CancellationToken cancellation);
}
