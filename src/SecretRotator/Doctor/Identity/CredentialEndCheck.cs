using SecretRotator.Providers.Bitbucket.Credentials;
using SecretRotator.Providers.Doctor;
using SecretRotator.Rotation;

namespace SecretRotator.Doctor.Identity;

/// <summary>When the Bitbucket credential ends. Bitbucket has no call that tells; the vault that keeps it may.</summary>
/// <param name="inventory">The inventory.</param>
/// <param name="callsVault">Whether finding the credential calls a vault.</param>
/// <param name="find">Finds the credential.</param>
/// <param name="clock">The time in which it ends.</param>
internal sealed class CredentialEndCheck(
    RotationInventory inventory, bool callsVault, Func<CancellationToken, Task<BitbucketCredential>> find, IClock clock) : ICheck
{
    private const string Id = "bitbucket-credential-end";

    /// <inheritdoc />
    public CheckArea Area => CheckArea.Identity;

    /// <inheritdoc />
    public bool NeedsNetwork => callsVault;

    /// <inheritdoc />
    public async Task<IReadOnlyList<CheckResult>> RunAsync(CancellationToken cancellation)
    {
        if (!callsVault)
            return [Unknown("The Bitbucket credential is in the environment, where nothing says when it expires.")];
        if (inventory.Credential is null)
            return [];
        try
        {
            using var credential = await find(cancellation);
            return [Judge(credential.End ?? new CredentialEnd("The Bitbucket credential", At: null))];
        }
        catch (Exception exception) when (exception is UsageException or RemoteFailureException)
        {
            var failure = FailureMessages.Of(exception);
            return [failure.Kind == FailureKind.Unavailable ? Unknown(failure.Message) with { Failure = failure } : Failed(failure)];
        }
    }

    private CheckResult Judge(CredentialEnd end)
    {
        var now = clock.GetCurrentInstant();
        if (end.At is null)
            return Unknown(end.Tell(now));
        if (end.HasPassed(now))
            return Failed(new Failure(FailureKind.Unauthenticated, end.Tell(now), CredentialEnd.Renewal));
        return end.IsNear(now)
            ? CheckResult.Warn(
                Area, Id, end.Tell(now),
                "No program can make a new one; after its end every run fails.",
                CredentialEnd.Renewal)
            : CheckResult.Pass(Area, Id, end.Tell(now));
    }

    private CheckResult Unknown(string observed) => CheckResult.Unknown(
        Area, Id, observed,
        "Tokens of Bitbucket's end within a year, and no call tells when. Kept in a vault with the field "
            + $"\"{CredentialEnd.Field}\" beside it, its end is watched.");

    private CheckResult Failed(Failure failure) => CheckResult.Fail(
        Area, Id, failure,
        "Without the credential nothing can be read from Bitbucket or delivered to it.",
        "Check bitbucket.credential in the inventory.");
}
