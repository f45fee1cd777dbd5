namespace SecretRotator.Providers.Google;

// What is added to the companion and to the secret, and how it is found again.
internal sealed partial class GoogleVault
{
    /// <summary>Makes the companion where there is none; an older one must be the tool's, or empty.</summary>
    private async Task MakeSureOfCompanionAsync(Claim claim, CancellationToken cancellation)
    {
        var name = claim.Path + Companion;
        try
        {
            var found = await calls.GetAsync(name, cancellation);
            if (found.Annotations?.GetValueOrDefault(GoogleMarks.CompanionOf) == claim.Path
                || (await calls.ListAsync(name, cancellation)).IsEmpty)
                return;
            throw Failed(
                FailureKind.Conflict,
                $"{name} in vault {definition.Name} has versions that SecretRotator didn't stage, and that name is where it stages the "
                    + $"next value of {claim.Path}.",
                $"Where it is a secret of yours, give it another name. Otherwise annotate it: {GoogleMarks.CompanionOf}={claim.Path}");
        }
        catch (RemoteFailureException missing) when (missing.Kind == FailureKind.NotFound)
        {
        }

        // As the secret itself: kept where that is kept, and encrypted with the same key.
        var secret = await calls.GetAsync(claim.Path, cancellation);
        var content = new SecretEntry(
            Annotations: ImmutableSortedDictionary<string, string>.Empty.Add(GoogleMarks.CompanionOf, claim.Path),
            Replication: secret.Replication,
            CustomerManagedEncryption: secret.CustomerManagedEncryption);
        try
        {
            await calls.Under(claim.Lease).CreateAsync(name, content, cancellation);
        }
        catch (RemoteFailureException made) when (GoogleFailures.TellsExisting(made))
        {
            // By an earlier try.
        }
        catch (RemoteFailureException refused) when (refused.Kind == FailureKind.AccessDenied)
        {
            throw new RemoteFailureException(
                refused.Failure with
                {
                    Hint = $"Make it once: gcloud secrets create {name} --project={definition.Project}"
                        + $"{(definition.Location is { } location ? $" --location={location}" : "")} "
                        + $"--set-annotations={GoogleMarks.CompanionOf}={claim.Path}",
                },
                refused);
        }
    }

    private async Task<GoogleVersion> AddStagedAsync(Claim claim, SecretValue candidate, CancellationToken cancellation)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await calls.Under(claim.Lease).AddAsync(claim.Path + Companion, candidate, cancellation);
            }
            catch (RemoteFailureException e) when (e.Kind == FailureKind.NotFound && attempt < Tries)
            {
                // Someone deleted it, or it was made just now and doesn't show everywhere yet.
                await MakeSureOfCompanionAsync(claim, cancellation);
                await Task.Delay(FirstPause * attempt, time, cancellation);
            }
            catch (RemoteFailureException e) when (e.Effect == Effect.Unknown && attempt < Tries)
            {
                // A second one does no harm in the companion: the annotations name the one that counts.
                await Task.Delay(FirstPause * attempt, time, cancellation);
            }
        }
    }

    /// <summary>Reads a staged value; null where it was dropped, by a rotation that was about to end.</summary>
    private async Task<SecretVersion?> ReadStagedAsync(string path, StagedMark staged, CancellationToken cancellation)
    {
        for (var look = 1; ; look++)
        {
            try
            {
                var value = await calls.AccessAsync(path + Companion, staged.Number, cancellation);
                return new SecretVersion(GoogleVersion.IdOf(staged.Number), value, staged.Created);
            }
            catch (RemoteFailureException e) when (GoogleFailures.TellsState(e))
            {
                return null;
            }
            catch (RemoteFailureException e) when (e.Kind == FailureKind.NotFound && look < Looks)
            {
                // A read may lag behind one's own write.
                await Task.Delay(FirstPause * look, time, cancellation);
            }
        }
    }

    /// <summary>Disables what the rotation has staged, and whatever else is in the companion without counting for anything.</summary>
    /// <returns>The newest version of the companion that this dealt with, or null where it dealt with none.</returns>
    private async Task<int?> DropStagedAsync(Claim claim, CancellationToken cancellation)
    {
        var name = claim.Path + Companion;
        var leased = calls.Under(claim.Lease);
        var seen = await KnownAsync(claim.Path, cancellation);
        if (!seen.Marks.IsHeldBy(claim))
            seen = await GetAsync(claim.Path, cancellation);
        if (!seen.Marks.IsHeldBy(claim) || _clean.ContainsKey(claim.Handle))
            return null;

        // Versions are numbered one after the other: a gap before this one was made by a request that had no answer.
        if (seen.Marks is { Staged: { } staged, Companion: { } last } && staged.Number == last + 1)
        {
            await leased.DisableAsync(name, staged.Number, etag: null, cancellation);
            return staged.Number;
        }

        ImmutableArray<GoogleVersion> versions;
        try
        {
            versions = await leased.ListAsync(name, cancellation);
        }
        catch (RemoteFailureException missing) when (missing.Kind == FailureKind.NotFound)
        {
            return null;
        }

        foreach (var version in versions.Where(version => version.Enabled))
            await leased.DisableAsync(name, version.Number, etag: null, cancellation);
        return versions.IsEmpty ? null : versions[0].Number;
    }

    /// <summary>The newest version from a number on, and whether it holds what is staged; null where there is none.</summary>
    private async Task<(int Number, bool IsStaged)?> NewestAsync(
        string path, int from, SecretValue staged, CancellationToken cancellation)
    {
        (int, bool)? newest = null;
        for (var number = from; ; number++)
        {
            try
            {
                using var value = await calls.AccessAsync(path, number, cancellation);
                newest = (number, value.FixedTimeEquals(staged));
            }
            catch (RemoteFailureException e) when (e.Kind == FailureKind.NotFound)
            {
                return newest;
            }
            catch (RemoteFailureException e) when (GoogleFailures.TellsState(e))
            {
                // Disabled: it is current all the same.
                newest = (number, false);
            }
        }
    }

    private async Task<int> AddCurrentAsync(Claim claim, int from, SecretValue staged, CancellationToken cancellation)
    {
        try
        {
            var added = await calls.Under(claim.Lease).AddAsync(claim.Path, staged, cancellation);
            if (_seen.TryGetValue(claim.Path, out var seen)
                && seen.Versions is { IsDefault: false } known && known is [var last, ..] && last.Number == added.Number - 1)
                Remember(claim.Path, seen with { Versions = known.Insert(0, added) });
            return added.Number;
        }
        catch (RemoteFailureException e) when (e.Effect == Effect.Unknown)
        {
            // Never added twice: look whether it landed.
            for (var look = 1; look <= Looks; look++)
            {
                await Task.Delay(FirstPause * look, time, cancellation);
                try
                {
                    if (await NewestAsync(claim.Path, from + 1, staged, cancellation) is { IsStaged: true, Number: var landed })
                        return landed;
                }
                catch (RemoteFailureException)
                {
                    // The next look may see more. A look that is refused says nothing of the promotion.
                }
            }

            throw;
        }
    }

    private RemoteFailureException NothingStaged(Claim claim) => Failed(
        FailureKind.Conflict, $"No value is staged for {claim.Path} in vault {definition.Name}.",
        "Nothing was promoted. The next run starts again.");

    /// <summary>Records which version the rotation made.</summary>
    private Task<Seen> RecordAsync(Claim claim, int promoted, CancellationToken cancellation) => ChangeAsync(
        claim.Path,
        claim.Lease,
        marks => marks.IsHeldBy(claim)
            ? marks with { Made = new MadeMark(GoogleVersion.IdOf(promoted), claim.Rotation, claim.Base) }
            : throw Gone(claim),
        cancellation);

    /// <summary>Whether the holder before died between its promotion and the record of it: values tell, and nothing else does.</summary>
    private async Task<Seen> SettlePromotionAsync(Claim claim, Seen taken, CancellationToken cancellation)
    {
        using var staged = await ReadStagedAsync(claim.Path, taken.Marks.Staged!, cancellation);
        var from = Math.Max(NumberOf(claim.Base) + 1, taken.Versions[0].Number);
        if (staged is null
            || await NewestAsync(claim.Path, from, staged.Value, cancellation) is not { IsStaged: true, Number: var promoted })
            return taken;
        await RecordAsync(claim, promoted, cancellation);
        return await LookAsync(claim.Path, cancellation);
    }
}
