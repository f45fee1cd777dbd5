using Amazon.Runtime;
using Amazon.SecurityToken;
using Amazon.SecurityToken.Model;

namespace SecretRotator.Providers.Aws;

/// <summary>
/// Credentials of a role, which is assumed when they are first needed and again five minutes before they end. Where that is
/// refused, because the step outlived its token, what is left of the old ones is used up first: an undo may need them.
/// </summary>
/// <param name="sts">The client that asks; disposed with this.</param>
/// <param name="take">Assumes the role.</param>
/// <param name="time">Tells when they end.</param>
internal sealed class RoleCredentials(
    AmazonSecurityTokenServiceClient sts, Func<IAmazonSecurityTokenService, Task<Credentials>> take, TimeProvider time)
    : AWSCredentials, IDisposable
{
    private static readonly TimeSpan Early = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(30);

    private readonly SemaphoreSlim _gate = new(1, 1);
    private ImmutableCredentials? _taken;
    private DateTimeOffset _ends;
    private DateTimeOffset _askAgain;

    /// <inheritdoc />
    public override ImmutableCredentials GetCredentials() => GetCredentialsAsync().GetAwaiter().GetResult();

    /// <inheritdoc />
    /// <exception cref="AmazonSecurityTokenServiceException">Refused, or without an answer.</exception>
    public override async Task<ImmutableCredentials> GetCredentialsAsync()
    {
        await _gate.WaitAsync();
        try
        {
            var now = time.GetUtcNow();
            if (_taken is not null && now < _askAgain)
                return _taken;
            try
            {
                return await TakeAsync();
            }
            catch (AmazonSecurityTokenServiceException) when (_taken is not null && now < _ends - Pause)
            {
                _askAgain = now + Pause;
                return _taken;
            }
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        sts.Dispose();
        _gate.Dispose();
    }

    private async Task<ImmutableCredentials> TakeAsync()
    {
        try
        {
            var made = await take(sts);
            _ends = made.Expiration is { } end ? new DateTimeOffset(end.ToUniversalTime()) : DateTimeOffset.MaxValue;
            _askAgain = _ends - Early;
            return _taken = new ImmutableCredentials(made.AccessKeyId, made.SecretAccessKey, made.SessionToken);
        }
        catch (Exception silence) when (silence is not AmazonSecurityTokenServiceException)
        {
            // A caller that waits for the answer of another service must be able to tell that this one failed.
            throw new AmazonSecurityTokenServiceException("STS gave no answer.", silence);
        }
    }
}
