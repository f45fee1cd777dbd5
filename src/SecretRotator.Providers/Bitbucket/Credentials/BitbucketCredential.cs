namespace SecretRotator.Providers.Bitbucket.Credentials;

/// <summary>What the product shows to Bitbucket. The owner of a credential wipes it after the run.</summary>
internal abstract record BitbucketCredential : IDisposable
{
    private BitbucketCredential()
    {
    }

    /// <summary>When it ends, as far as the vault that keeps it tells; null where the settings give it.</summary>
    public CredentialEnd? End { get; init; }

    /// <summary>The part that is secret.</summary>
    public abstract SecretValue Secret { get; }

    /// <summary>A repository, project or workspace access token: sent as a bearer token.</summary>
    /// <param name="Token">The token.</param>
    public sealed record AccessToken(SecretValue Token) : BitbucketCredential
    {
        /// <inheritdoc />
        public override SecretValue Secret => Token;
    }

    /// <summary>A person's API token, sent with their e-mail address as basic authentication. It ends within a year.</summary>
    /// <param name="Email">The Atlassian account's e-mail address.</param>
    /// <param name="Token">The token.</param>
    public sealed record ApiToken(string Email, SecretValue Token) : BitbucketCredential
    {
        /// <inheritdoc />
        public override SecretValue Secret => Token;
    }

    /// <summary>An OAuth consumer (client credentials), exchanged for tokens that end after an hour or two.</summary>
    /// <param name="ClientId">The consumer's key.</param>
    /// <param name="ClientSecret">The consumer's secret.</param>
    public sealed record OAuthClient(string ClientId, SecretValue ClientSecret) : BitbucketCredential
    {
        /// <inheritdoc />
        public override SecretValue Secret => ClientSecret;
    }

    /// <summary>The same with a secret of its own, for an owner that wipes it earlier or later.</summary>
    public BitbucketCredential Copy() => this switch
    {
        AccessToken given => given with { Token = given.Token.Copy() },
        ApiToken given => given with { Token = given.Token.Copy() },
        OAuthClient given => given with { ClientSecret = given.ClientSecret.Copy() },
        _ => throw new InvalidOperationException("A new kind of credential needs its copy."),
    };

    /// <summary>Wipes the secret.</summary>
    public void Dispose() => Secret.Dispose();
}
