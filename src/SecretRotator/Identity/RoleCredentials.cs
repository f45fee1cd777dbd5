using Amazon.Runtime;
using Amazon.SecurityToken;
using Amazon.SecurityToken.Model;

namespace SecretRotator.Identity;

/// <summary>Credentials of a role, taken on when they are first needed and again before they end.</summary>
/// <param name="sts">The client that asks; disposed with this.</param>
/// <param name="take">Takes the role on.</param>
internal sealed class RoleCredentials(AmazonSecurityTokenServiceClient sts, Func<IAmazonSecurityTokenService, Task<Credentials>> take) : RefreshingAWSCredentials
{
    /// <inheritdoc />
    protected override CredentialsRefreshState GenerateNewCredentials() => GenerateNewCredentialsAsync().GetAwaiter().GetResult();

    /// <inheritdoc />
    protected override async Task<CredentialsRefreshState> GenerateNewCredentialsAsync()
    {
        try
        {
            var credentials = await take(sts);
            return new CredentialsRefreshState(
                new ImmutableCredentials(credentials.AccessKeyId, credentials.SecretAccessKey, credentials.SessionToken),
                (credentials.Expiration ?? DateTime.MaxValue).ToUniversalTime());
        }
        catch (Exception silence) when (silence is not AmazonSecurityTokenServiceException)
        {
            // Whoever waits for the answer of another service must be able to tell that this one failed.
            throw new AmazonSecurityTokenServiceException("STS gave no answer.", silence);
        }
    }

    /// <inheritdoc />
    protected override void Dispose(bool disposing)
    {
        if (disposing)
            sts.Dispose();
        base.Dispose(disposing);
    }
}
