namespace SecretRotator.Tests.Contracts;

public abstract partial class VaultContract
{
    [Fact]
    public async Task A_missing_secret_is_not_found()
    {
        using var candidate = SecretValue.FromText(New);
        var vault = Vault.Connect();
        Vault.Seed("another-" + Path, Old);

        var described = await FailureOfAsync(() => vault.DescribeAsync(Path, Stop));
        var claimed = await FailureOfAsync(() => vault.ClaimAsync(Path, Request(1, new("none"), candidate), Stop));

        (described.Kind, described.Effect).Should().Be((FailureKind.NotFound, Effect.Rejected));
        (claimed.Kind, claimed.Effect).Should().Be((FailureKind.NotFound, Effect.Rejected));
        described.Message.Should().Contain(Path);
    }

    [Fact]
    public async Task A_deleted_secret_can_not_be_described()
    {
        Vault.Seed(Path, Old);
        Vault.Delete(Path);

        var failure = await FailureOfAsync(() => Vault.Connect().DescribeAsync(Path, Stop));

        failure.Effect.Should().Be(Effect.Rejected);
        failure.Kind.Should().BeOneOf(FailureKind.NotFound, FailureKind.Conflict);
        failure.Message.Should().Contain(Path);
    }

    [Theory]
    [InlineData("403", FailureKind.AccessDenied)]
    [InlineData("429", FailureKind.Throttled)]
    [InlineData("503", FailureKind.Unavailable)]
    [InlineData("garbage", FailureKind.Garbled)]
    public async Task A_read_that_fails_tells_why(string fault, FailureKind kind)
    {
        var version = Vault.Seed(Path, Old);
        Vault.Fault($"{Vault.DescribeOperation}#1..={fault}");
        Vault.Fault($"{Vault.ReadOperation}#1..={fault}");

        var described = await FailureOfAsync(() => Vault.Connect().DescribeAsync(Path, Stop));
        var read = await FailureOfAsync(() => Vault.Connect().ReadAsync(Path, version, Stop));

        (described.Kind, described.Effect).Should().Be((kind, Effect.Rejected));
        (read.Kind, read.Effect).Should().Be((kind, Effect.Rejected));
    }

    [Fact]
    public async Task A_vault_that_is_busy_until_the_end_says_for_how_long_it_was_tried()
    {
        Vault.Seed(Path, Old);
        Vault.Fault($"{Vault.DescribeOperation}#1..=429");

        (await FailureOfAsync(() => Vault.Connect().DescribeAsync(Path, Stop))).Message.Should()
            .MatchRegex(", after 4 tries in ([0-9]+ min )?[0-9]+ s\\.$");
    }

    [Fact]
    public async Task A_write_that_was_refused_is_told_as_such_and_nothing_counts_as_delivered_but_what_was_promoted()
    {
        foreach (var operation in Vault.WriteOperations)
            await InterruptAsync(operation, "#1..=403", (failure, before, after) =>
            {
                failure.Kind.Should().Be(FailureKind.AccessDenied, "{0} was refused", operation);

                // A vault that writes value and mark in one call has the mark from the promotion on.
                if (after.Delivered != before.Delivered)
                    (after.Current, after.Delivered!.Version).Should().Be((New, after.Version), "{0} was refused", operation);
            });
    }

    [Fact]
    public async Task A_lost_answer_to_any_write_is_told_truthfully()
    {
        foreach (var operation in Vault.WriteOperations)
            await InterruptAsync(
                operation, "#1=lost", (failure, _, _) => failure.Effect.Should().Be(Effect.Unknown, "{0} was lost", operation));
    }

    [Fact]
    public async Task A_write_without_any_answer_is_told_truthfully()
    {
        foreach (var operation in Vault.WriteOperations)
            await InterruptAsync(
                operation, "#1..=lost", (failure, _, _) => failure.Effect.Should().Be(Effect.Unknown, "{0} was lost", operation));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_claim_or_a_promotion_whose_answer_is_lost_and_whose_looks_are_refused_may_have_happened(bool promotes)
    {
        var version = Vault.Seed(Path, Old);
        var vault = Vault.Connect();
        await vault.DescribeAsync(Path, Stop);
        var claim = promotes ? await StagedAsync(vault, version) : null;
        var before = Vault.Writes;
        foreach (var operation in Vault.WriteOperations)
            Vault.Fault(operation + "#1=lost");
        Vault.Fault(Vault.DescribeOperation + "#1..=403");
        Vault.Fault(Vault.ReadOperation + "#1..=403");

        try
        {
            if (claim is null)
                await StagedAsync(vault, version);
            else
                await vault.PromoteAsync(claim, MarkOf(default, claim.Rotation), Stop);
        }
        catch (RemoteFailureException failure)
        {
            if (Vault.Writes > before)
                failure.Effect.Should().Be(Effect.Unknown);
        }
    }

    [Fact]
    public async Task Whatever_was_cut_short_can_be_ended_by_another_machine()
    {
        foreach (var operation in Vault.WriteOperations)
        {
            await InterruptAsync(operation, "#1..=503", (_, _, _) => { });
            await RepairAsync();

            Vault.Look(Path).Traces.Should().BeEmpty("{0} was cut short and then repaired", operation);
            Vault.Look(Path).Current.Should().BeOneOf(Old, New);
            Vault.Delete(Path);
        }
    }

    [Fact]
    public async Task A_cancelled_call_passes_the_cancellation_on()
    {
        Vault.Seed(Path, Old);
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        var vault = Vault.Connect();

        await vault.Invoking(v => v.DescribeAsync(Path, cancelled.Token)).Should().ThrowAsync<OperationCanceledException>();
    }

    /// <summary>
    /// Runs a rotation with one fault. Where it fails, the fault is healed and <paramref name="judge"/> sees the
    /// failure, and what stood before and after it; where it doesn't, the vault must tell of a rotation that is whole.
    /// </summary>
    private async Task InterruptAsync(
        string operation, string fault, Action<RemoteFailureException, VaultView, VaultView> judge, bool stagesLater = false)
    {
        var version = Vault.Seed(Path, Old);
        var before = Vault.Look(Path);
        Vault.Fault(operation + fault);
        try
        {
            await RotateWholeAsync(Vault.Connect(), version, stagesLater);
            Vault.Heal();
            var whole = Vault.Look(Path);
            whole.Current.Should().Be(New, "{0}{1} was survived", operation, fault);
            whole.Traces.Should().BeEmpty("{0}{1} was survived", operation, fault);
            whole.Delivered.Should().NotBeNull();
        }
        catch (RemoteFailureException failure)
        {
            Vault.Heal();
            failure.ToString().Should().NotContain(Old).And.NotContain(New);
            judge(failure, before, Vault.Look(Path));
        }
    }

    /// <summary>What the next run does: takes over what stands open, and discards or finishes it.</summary>
    private async Task RepairAsync()
    {
        var vault = Vault.Connect();
        var described = await vault.DescribeAsync(Path, Stop);
        if (described.Open is not { } open)
        {
            // A claim that was cut short before it stood is cleared away under the next claim.
            await vault.DiscardAsync(await StagedAsync(vault, described.Current, number: 2), Stop);
            return;
        }

        var claim = (await ContendAsync(3, open.Base, open)).Should().BeOfType<ClaimResult.Won>().Subject.Claim;
        if (described.CurrentRotation == claim.Rotation)
            await vault.FinishAsync(claim, MarkOf(described.Current, claim.Rotation), promoted: true, Stop);
        else
            await vault.DiscardAsync(claim, Stop);
    }
}
