using NodaTime.Text;

namespace SecretRotator.Tests.Contracts;

/// <summary>
/// What the rotation protocol needs of every vault. Each implementation derives this suite and so runs all of it;
/// the facts about one step stand in the part named after it.
/// </summary>
public abstract partial class VaultContract : IAsyncLifetime
{
    protected const string Old = "old-Value-7f3e1c";
    protected const string New = "new-Value-b81d04";

    protected static readonly Instant Start = InstantPattern.ExtendedIso.Parse("2026-11-23T01:02:03.456Z").Value;

    /// <summary>The secret's name, as the vault takes it.</summary>
    protected virtual string Path => "prod/payments/db";

    /// <summary>The vault; made anew for every fact.</summary>
    protected VaultUnderTest Vault { get; private set; } = null!;

    protected abstract Task<VaultUnderTest> OpenAsync();

    public async ValueTask InitializeAsync() => Vault = await OpenAsync();

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await Vault.DisposeAsync();
    }

    protected static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>The n-th rotation id; ids of different numbers differ.</summary>
    protected static RotationId Rotation(int number) => new($"00000000-0000-4000-8000-{number:x12}");

    /// <summary>The n-th contender.</summary>
    protected static Holder Contender(int number) =>
        new Holder.Pipeline("acme", "secret-rotator", $"11111111-1111-4111-8111-{number:x12}", number);

    protected static ClaimRequest Request(int number, VersionId @base, SecretValue candidate, OpenRotation? takeOver = null) =>
        new(takeOver?.Id ?? Rotation(number),
            takeOver?.Base ?? @base, Contender(number), Start + Duration.FromSeconds(number), candidate, takeOver)
        {
            Lease =
                Leases.Endless
        };

    protected static DeliveryMark MarkOf(VersionId version, RotationId rotation) =>
        new(version, Start, Start + Duration.FromMinutes(1), "0123456789abcdef", VerificationLevel.Listed, rotation);

    /// <summary>Takes the claim as contender <paramref name="number"/>, and stages <paramref name="value"/> under it.</summary>
    protected async Task<Claim> StagedAsync(ISecretVault vault, VersionId @base, int number = 1, string value = New)
    {
        using var candidate = SecretValue.FromText(value);
        var result = await vault.ClaimAsync(Path, Request(number, @base, candidate), Stop);
        var claim = result.Should().BeOfType<ClaimResult.Won>().Subject.Claim;
        await vault.StageAsync(claim, candidate, Stop);
        return claim;
    }

    /// <summary>Takes a claim and has the secret described under it, unless taking it showed that already.</summary>
    protected async Task<Claim> DescribedClaimAsync(ISecretVault vault, ClaimRequest request)
    {
        var won = (ClaimResult.Won)await vault.ClaimAsync(Path, request, Stop);
        _ = won.Seen ?? await vault.DescribeAsync(Path, Stop);
        return won.Claim;
    }

    /// <summary>What the act throws, which must be the one exception that vaults throw, and must not tell a value.</summary>
    protected static async Task<RemoteFailureException> FailureOfAsync(Func<Task> act)
    {
        var failure = (await act.Should().ThrowAsync<RemoteFailureException>()).Which;
        failure.ToString().Should().NotContain(Old).And.NotContain(New);
        failure.Hint.Should().NotContain(Old).And.NotContain(New);
        return failure;
    }

    /// <summary>The value of the staged version of a claim, as the adapter reads it.</summary>
    protected static async Task<string?> StagedValueAsync(ISecretVault vault, Claim claim)
    {
        using var staged = await vault.ReadStagedAsync(claim, Stop);
        return staged?.Value.RevealText();
    }
}
