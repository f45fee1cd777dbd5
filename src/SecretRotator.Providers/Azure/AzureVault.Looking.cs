namespace SecretRotator.Providers.Azure;

// How it reads the state of the vault and of the claims.
internal sealed partial class AzureVault
{
    private async Task<KeyVaultHistory> HistoryAsync(string path, CancellationToken cancellation)
    {
        var history = new KeyVaultHistory(await _secrets.ListAsync(Checked(path), cancellation));
        return history.IsEmpty
            ? throw Failed(
                FailureKind.NotFound,
                $"{path} doesn't exist in vault {definition.Name}.",
                "Check name and vault in the inventory, and set its first value in the vault. Where it was deleted: az keyvault secret "
                    + "recover.")
            : history;
    }

    private async Task<StagedHistory> StagedHistoryAsync(string path, CancellationToken cancellation)
    {
        var staged = new StagedHistory(await _secrets.ListAsync(Checked(path) + Companion, cancellation));
        return staged.IsForeign
            ? throw Conflict(
                $"{path + Companion} in vault {definition.Name} holds a value that SecretRotator didn't stage, and that name is where "
                    + $"it stages the next value of {path}",
                $"Where it is a secret of yours, give it another name. Otherwise disable its enabled versions. {Guide}")
            : staged;
    }

    private async Task<(KeyVaultHistory Secret, StagedHistory Staged)> HistoriesAsync(string path, CancellationToken cancellation)
    {
        var listing = HistoryAsync(path, cancellation);
        var staging = StagedHistoryAsync(path, cancellation);
        await Task.WhenAll(listing, staging);
        return (await listing, await staging);
    }

    private async Task<SecretDescription> DescribedAsync(
        string path, (KeyVaultHistory Secret, StagedHistory Staged) found, PostedClaim? claim, CancellationToken cancellation)
    {
        var current = await CurrentAsync(path, found.Secret, cancellation);
        if (AzureMarks.Foreign(current).Count > AzureMarks.RoomForOthers)
        {
            throw Conflict(
                $"{path} in vault {definition.Name} has {AzureMarks.Foreign(current).Count} tags of its own",
                $"Key Vault allows 15 tags and SecretRotator needs 5: remove some, so that at most {AzureMarks.RoomForOthers} are left.");
        }

        var delivered = Delivered(path, found.Secret, current);
        return new SecretDescription(
            current.Id,
            found.Secret.RotationOf(current),
            delivered,
            OpenOf(path, ClaimKey(path), found.Staged, claim),
            current.Managed ? new ForeignRotation.ByService("Azure Key Vault certificates") : new ForeignRotation.None())
        {
            Grace = Grace(path, found.Secret, current),
            Delivering = Delivering(path, found.Staged, delivered?.Rotation),
            Hold = ReadableHold(() => found.Secret.HoldOf(current), path, current),
        };
    }

    /// <summary>The same, or null where it can't be determined: the holder of the claim asks again then, and is told why.</summary>
    private async Task<SecretDescription?> TryDescribeAsync(
        string path, (KeyVaultHistory Secret, StagedHistory Staged) found, PostedClaim claim, CancellationToken cancellation)
    {
        try
        {
            return await DescribedAsync(path, found, claim, cancellation);
        }
        catch (RemoteFailureException)
        {
            return null;
        }
    }

    private async Task<KeyVaultVersion> CurrentAsync(string path, KeyVaultHistory history, CancellationToken cancellation)
    {
        var candidates = history.NewestCandidates();
        if (candidates is [var only])
            return only;
        try
        {
            var newest = await _secrets.GetNewestIdAsync(path, cancellation);
            return history.Find(newest)
                ?? throw Superseded($"{path} in vault {definition.Name} got a new version while it was looked at", "Run again.");
        }
        catch (RemoteFailureException e) when (KeyVaultFailure.TellsDisabled(e) && candidates.Count(c => !c.Enabled) == 1)
        {
            return candidates.Single(c => !c.Enabled);
        }
    }

    private DeliveryMark? Delivered(string path, KeyVaultHistory history, KeyVaultVersion current) => Readable(
        () => history.DeliveredAt(current),
        $"The tag {AzureMarks.Delivered} on {path} in vault {definition.Name} is not as SecretRotator wrote it, so what was "
            + "delivered can't be determined.",
        "Remove that tag from the current version; the next run then delivers the current value.");

    private GraceMark? Grace(string path, KeyVaultHistory history, KeyVaultVersion current) => Readable(
        () => history.GraceBefore(current)?.Mark,
        $"A tag {AzureMarks.Grace} on {path} in vault {definition.Name} is not as SecretRotator wrote it, so which old version "
            + "is to be retired can't be determined.",
        "Remove that tag from the version that has it; then the version before that one is not retired any more.");

    private DeliveringMark? Delivering(string path, StagedHistory staged, RotationId? recorded) => Readable(
        () => staged.Delivering(recorded),
        $"A tag {AzureMarks.Delivering} on {path}{Companion} in vault {definition.Name} is not as SecretRotator wrote it, "
            + "so which variables were deleted can't be determined.",
        "Create those that are missing by hand, as secured variables, and remove that tag from the version that has it; "
            + "then the next run delivers.");

    private HoldMark? ReadableHold(Func<HoldMark?> read, string name, KeyVaultVersion version) => Readable(
        read,
        $"The tag {AzureMarks.Hold} on version {version.Id} of {name} in vault {definition.Name} is not as SecretRotator wrote it, so "
            + "the end of the rollback's hold on the secret is unknown.",
        "Remove that tag from that version; then nothing holds it.");

    private static T Readable<T>(Func<T> read, string what, string hint)
    {
        try
        {
            return read();
        }
        catch (FormatException e)
        {
            throw new RemoteFailureException(FailureKind.Garbled, Effect.Rejected, what, MarkText.MayBeNewer + hint, e);
        }
    }

    /// <summary>The rotation that is open, from what is staged and from the claim: either may exist without the other.</summary>
    private OpenRotation? OpenOf(string path, string key, StagedHistory staged, PostedClaim? claim)
    {
        if (claim is { Text: null })
            throw Failed(
                FailureKind.Garbled,
                $"The variable {key} in the home repository claims {path} in vault {definition.Name}, but SecretRotator didn't write "
                    + "what it holds.",
                $"{MarkText.MayBeNewer}Find out who wrote it. Once nothing rotates {path}, delete that variable. {Guide}");
        if (staged.Open() is not { } version)
            return claim?.Text is { } alone
                ? new OpenRotation(alone.Rotation, alone.Base, alone.Holder, alone.At, Staged: false, claim.Uuid)
                : null;

        var marks = StagedMarks.Of(version) ?? throw Failed(
            FailureKind.Garbled,
            $"Version {version.Id} of {path + Companion} in vault {definition.Name} is staged, but its tags are not as SecretRotator "
                + "wrote them.",
            $"{MarkText.MayBeNewer}Compare its value with the Bitbucket variables' use, then disable that version. {Guide}");

        // The holder of the claim is responsible for what is staged, whichever run staged it.
        return claim?.Text is { } text
            ? new OpenRotation(marks.Rotation, marks.Base, text.Holder, text.At, Staged: true, claim.Uuid)
            : new OpenRotation(marks.Rotation, marks.Base, marks.Holder, marks.At, Staged: true, Handle: "");
    }

    /// <summary>Why a claim that was just taken is worth nothing, or null.</summary>
    private string? FindObjection(Claim claim, OpenRotation? takeOver, StagedHistory staged, KeyVaultVersion? @base)
    {
        if (staged.OfAnother(claim.Rotation) is { } other)
            return $"version {other.Id} of {claim.Path + Companion} is staged by rotation {other.Rotation}";
        if (takeOver is { Staged: true } && staged.Of(claim.Rotation) is null)
            return $"rotation {claim.Rotation} has ended meanwhile";

        var own = staged.Of(claim.Rotation)?.Id;
        Remember(claim, _ => new Known(own, IsAlone: false, NothingStaged: own is null, Recorded: null, @base));
        return null;
    }

    /// <summary>After a promotion without an answer: the version that it made, or null where none shows.</summary>
    private async Task<VersionId?> PromotedAsync(Claim claim, CancellationToken cancellation)
    {
        for (var look = 1; look <= Looks; look++)
        {
            try
            {
                if ((await HistoryAsync(claim.Path, cancellation)).MadeBy(claim.Rotation) is { } made)
                    return made.Id;
            }
            catch (RemoteFailureException)
            {
                // The next look may see more. A look that is refused says nothing of the promotion.
            }

            if (look < Looks)
                await Task.Delay(FirstPause * look, time, cancellation);
        }

        return null;
    }

    private string Checked(string path) => AzureGrammar.IsName(path)
        ? path
        : throw Failed(
            FailureKind.Other,
            $"'{path}' can't be a secret in vault {definition.Name}.",
            $"A name in Key Vault has letters, digits and hyphens; at most 120 of them, so that {Companion} fits behind it.");

    private static RemoteFailureException Superseded(string what, string hint) => Failed(FailureKind.Superseded, what + ".", hint);

    private static RemoteFailureException Conflict(string what, string hint) => Failed(FailureKind.Conflict, what + ".", hint);

    private static RemoteFailureException Failed(FailureKind kind, string what, string hint) => new(kind, Effect.Rejected, what, hint);
}
