using SecretRotator.Sandbox.Aws;

namespace SecretRotator.Tests.Providers.Aws;

/// <summary>
/// A secret that AWS rotates by a function, and that the tool only delivers. However a delivery ends, the next rotation of AWS makes
/// a new value: it never finds a copy of the current one where it looks for the value that it made before.
/// </summary>
public sealed class AwsOwnRotationTests : IAsyncLifetime
{
    private const string Path = "prod/payments/db";
    private const string Old = "old-Value-7f3e1c";
    private const string Made = "made-by-the-function";

    private static readonly Instant Start = Instant.FromUtc(2026, 11, 23, 1, 0);

    private AwsVaultUnderTest _aws = null!;
    private VersionId _current;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _aws = await AwsVaultUnderTest.StartAsync();
        _current = _aws.Seed(Path, Old);
        _aws.Edit(Path, secret => secret.RotationEnabled = true);
    }

    public ValueTask DisposeAsync() => _aws.DisposeAsync();

    [Theory]
    [InlineData("claimed")]
    [InlineData("marked")]
    [InlineData("taken over")]
    [InlineData("recorded")]
    [InlineData("unlocked")]
    [InlineData("finished")]
    [InlineData("discarded")]
    public async Task Wherever_a_delivery_dies_the_next_rotation_of_AWS_makes_a_new_value(string diesWhen)
    {
        await DeliverAsync(diesWhen);

        RotateByAws();

        _aws.Look(Path).Current.Should().Be(Made);
    }

    [Fact]
    public async Task A_rotation_of_AWS_that_is_under_way_is_not_touched_and_blocks_the_delivery()
    {
        var pending = _aws.AddVersion(Path, null, StagingOfAws);
        var vault = _aws.Connect();
        var claim = await ClaimAsync(1, null);

        (await vault.DescribeAsync(Path, Stop)).Foreign.Should().Be(new ForeignRotation.Pending(new(pending)));
        await vault.DiscardAsync(claim, Stop);

        _aws.Edit(Path, secret => secret.Versions.Single(v => v.Stages.Contains(StagingOfAws)).Id.Should().Be(pending));
    }

    [Fact]
    public async Task A_claim_that_an_older_release_took_by_AWSPENDING_is_taken_over_and_AWSPENDING_is_free_in_the_end()
    {
        await ClaimAsync(1, null, vaultRotates: false);
        var claim = await ClaimAsync(2, (await _aws.Connect().DescribeAsync(Path, Stop)).Open);

        await _aws.Connect().FinishAsync(claim, MarkOf(claim), promoted: false, Stop);

        _aws.Look(Path).Traces.Should().BeEmpty();
        RotateByAws();
        _aws.Look(Path).Current.Should().Be(Made);
    }

    private const string StagingOfAws = "AWSPENDING";

    private async Task DeliverAsync(string diesWhen)
    {
        var vault = _aws.Connect();
        var claim = await ClaimAsync(1, null);
        if (diesWhen == "marked")
            await vault.MarkDeliveringAsync(claim, DeliveringMark.Of(claim.Rotation, Start, []), Stop);
        if (diesWhen == "taken over")
            await ClaimAsync(2, (await vault.DescribeAsync(Path, Stop)).Open);
        if (diesWhen == "discarded")
            await vault.DiscardAsync(claim, Stop);
        if (diesWhen is not ("recorded" or "unlocked" or "finished"))
            return;
        if (diesWhen != "finished")
            _aws.Fault($"aws.UpdateSecretVersionStage#{(diesWhen == "recorded" ? 1 : 2)}..=403");
        try
        {
            await vault.FinishAsync(claim, MarkOf(claim), promoted: false, Stop);
        }
        catch (RemoteFailureException) when (diesWhen != "finished")
        {
        }
    }

    private async Task<Claim> ClaimAsync(int number, OpenRotation? takeOver, bool vaultRotates = true)
    {
        using var copy = SecretValue.FromText(Old);
        var holder = new Holder.Pipeline("acme", "secret-rotator", $"11111111-1111-4111-8111-{number:x12}", number);
        var request = new ClaimRequest(
            takeOver?.Id ?? new($"00000000-0000-4000-8000-{number:x12}"), _current, holder, Start, copy, takeOver)
        {
            Lease =
                Leases.Endless,
            VaultRotates = vaultRotates
        };
        return (await _aws.Connect().ClaimAsync(Path, request, Stop)).Should().BeOfType<ClaimResult.Won>().Which.Claim;
    }

    private DeliveryMark MarkOf(Claim claim) => new(_current, Start, Start, "0123456789abcdef", VerificationLevel.Listed, claim.Rotation);

    // As Secrets Manager and the functions of its templates do it. "A previous rotation isn't complete. That rotation will be reattempted":
    // with the version that has AWSPENDING, where that isn't the current one. createSecret makes a value only where get_secret_value
    // finds none for that version and AWSPENDING; finishSecret moves AWSCURRENT to it
    // (aws-samples/aws-secrets-manager-rotation-lambdas, SecretsManagerRotationTemplate/lambda_function.py).
    private void RotateByAws() => _aws.Edit(Path, secret =>
    {
        var version = secret.Versions.Find(v => v.Stages.Contains(StagingOfAws) && !v.Stages.Contains("AWSCURRENT"));
        if (version is null)
            secret.Versions.Add(
                version = new AwsVersionState
                {
                    Id = "ffffffff-0000-4000-8000-000000000001",
                    Stages = [StagingOfAws],
                    CreatedDate = DateTimeOffset.UnixEpoch,
                });
        version.SecretString ??= Made;
        foreach (var other in secret.Versions)
        {
            if (other.Stages.Remove("AWSCURRENT"))
                other.Stages.Add("AWSPREVIOUS");
        }

        version.Stages.Add("AWSCURRENT");
    });
}
