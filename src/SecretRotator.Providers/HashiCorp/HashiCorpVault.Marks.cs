namespace SecretRotator.Providers.HashiCorp;

// How the marks are read and changed, and what they say.
internal sealed partial class HashiCorpVault
{
    /// <summary>Where a claim's staged value is.</summary>
    private enum StagedPlace
    {
        /// <summary>It was not written.</summary>
        Nowhere,

        /// <summary>In its version of the companion.</summary>
        Readable,

        /// <summary>It was there, and was deleted by an end that was cut short. Targets may hold it.</summary>
        Deleted,
    }

    private async Task<KvMetadata> MetadataAsync(string path, CancellationToken cancellation)
    {
        if (StaticRole.In(Checked(path)) is { } role)
            return await _database.FindAsync(role, cancellation) ?? throw Failed(
                FailureKind.NotFound,
                $"The database role {role.Name} doesn't exist in vault {definition.Name}.",
                $"Check it with: vault read {role.Definition}");
        if (await _engine.FindAsync(path, cancellation) is not { Current: > 0 } metadata)
            throw await MissingAsync(path, cancellation);
        if (!metadata.Find(metadata.Current)!.IsReadable(clock.GetCurrentInstant()))
            throw Conflict(
                $"The current version {metadata.Current} of {path} in vault {definition.Name} was deleted",
                $"Bring it back (vault kv undelete -mount={definition.Mount} -versions={metadata.Current} {path}), or write a new value.");

        // Of several versions that were ever made, the last one alone is left only where no more than one is kept.
        if (metadata.MaxVersions == 1 || (metadata is { MaxVersions: 0, Current: > 1, Versions.Length: 1 }))
            throw Conflict(
                $"Of {path} in vault {definition.Name} only one version is kept (max_versions), so a rotation could not be undone",
                $"Keep more: vault kv metadata put -mount={definition.Mount} -max-versions=10 {path}");
        return metadata;
    }

    private async Task<RemoteFailureException> MissingAsync(string path, CancellationToken cancellation) =>
        await _engine.MountAsync(cancellation) is { } mount && !(mount is { Type: "kv", Options.Version: "2" })
            ? Failed(
                FailureKind.Unsupported,
                $"{path} can't be rotated: the mount {definition.Mount} in vault {definition.Name} is no KV engine of version 2.",
                $"Version 1 keeps no older versions. Enable version 2: vault kv enable-versioning {definition.Mount}")
            : Failed(
                FailureKind.NotFound,
                $"{path} doesn't exist in vault {definition.Name}.",
                $"Check path, mount and namespace in the inventory, and set its first value: vault kv put -mount={definition.Mount} "
                    + $"{path} …");

    private async Task<SeenMarks> ReadMarksAsync(string path, CancellationToken cancellation) =>
        _seen[path] = await _engine.MarksAsync(Checked(path), cancellation);

    private async Task<StagedPlace> StagedOfAsync(string path, OpenClaim open, CancellationToken cancellation)
    {
        switch (_stages.GetValueOrDefault(open.Handle))
        {
            case StageState.There:
                return StagedPlace.Readable;
            case StageState.Nothing:
                return StagedPlace.Nowhere;
        }

        var companion = await _engine.FindAsync(path + HashiCorpVaultDefinition.Companion, cancellation);
        return companion?.Find(open.Stage) switch
        {
            null => StagedPlace.Nowhere,
            var version => version.IsReadable(clock.GetCurrentInstant()) ? StagedPlace.Readable : StagedPlace.Deleted,
        };
    }

    private async Task<SecretDescription> DescribedAsync(
        string path, KvMetadata metadata, SeenMarks seen, StagedPlace staged, CancellationToken cancellation)
    {
        if (seen.DeletesItself)
            throw Conflict(
                $"What is written below {path} in vault {definition.Name} deletes itself after a while (delete_version_after), and "
                    + "with it "
                    + "the marks of a rotation",
                $"Switch that off: vault write {definition.Mount}/config delete_version_after=0s");
        var marks = seen.Marks;
        var current = IdOf(metadata.Current);
        var made = marks.Made is { } known && known.Version == current ? known : null;
        if (made is null && marks.Open is { } own && current == Next(own.Base)
            && await IsPromotedAsync(path, own, staged, cancellation))
            made = new MadeVersion(current, own.Rotation, own.Hold);
        return new SecretDescription(
            current,
            made?.Rotation,
            marks.Delivered,
            marks.Open is { } open
                ? new OpenRotation(open.Rotation, open.Base, open.Holder, open.Since, staged != StagedPlace.Nowhere, open.Handle)
                : null,
            StaticRole.In(path) is null ? new ForeignRotation.None() : new ForeignRotation.ByVault())
        {
            Grace = marks.Grace is { } grace && grace.Version != current && NumberOf(grace.Version) is { } old
                && metadata.Find(old)?.IsReadable(clock.GetCurrentInstant()) == true
                ? grace
                : null,
            Delivering = marks.Delivering,
            Hold = made?.Hold is { } hold && hold.Rotation == made.Rotation ? hold : null,
        };
    }

    // The end of a promoted rotation deletes the staged value before it writes the marks; no other end does it in that order.
    private async Task<bool> IsPromotedAsync(string path, OpenClaim open, StagedPlace staged, CancellationToken cancellation)
    {
        if (staged != StagedPlace.Readable)
            return staged == StagedPlace.Deleted;
        var number = NumberOf(open.Base)!.Value + 1;
        var versions = (path, open.Rotation, open.Stage, number);
        if (_compared.TryGetValue(versions, out var known))
            return known;
        try
        {
            using var value = await _engine.ReadStagedAsync(path, open.Stage, open.Rotation, cancellation);
            return value is not null && (_compared[versions] = await IsValueAsync(path, number, value.Value, cancellation));
        }
        catch (RemoteFailureException denied) when (denied.Kind == FailureKind.AccessDenied && !_stages.ContainsKey(open.Handle))
        {
            // A plan may do without. The holder of the claim would take its own version for someone else's.
            return false;
        }
    }

    private async Task<bool> IsValueAsync(string path, long number, SecretValue value, CancellationToken cancellation)
    {
        try
        {
            using var version = await _engine.ReadAsync(path, number, formOf(path), cancellation);
            return KvContent.IsSame(version.Value, value, formOf(path));
        }
        catch (RemoteFailureException other) when (other.Kind == FailureKind.InvalidContent)
        {
            return false;
        }
    }

    private static VersionId? Next(VersionId version) => NumberOf(version) is { } number ? IdOf(number + 1) : null;

    /// <summary>Takes the claim; or says why it is lost.</summary>
    private async Task<(RotationMarks Marks, string? Lost)> TakeAsync(
        string path, ClaimRequest request, string handle, CancellationToken cancellation)
    {
        var mayHaveHappened = false;
        for (var attempt = 1; ; attempt++)
        {
            var isFresh = attempt > 1 || !_seen.ContainsKey(path);
            var (marks, number, _) = isFresh
                ? await LostAnswer.LookAfterAsync(mayHaveHappened, () => ReadMarksAsync(path, cancellation))
                : _seen[path];
            if (marks.Open?.Handle == handle)
                return (marks, null);
            if (marks.Open?.Handle != request.TakeOver?.Handle || attempt > ClaimAttempts)
            {
                if (!isFresh)
                    continue;
                return (marks, marks.Open is { } other
                    ? $"{other.Holder} holds it since {MarkText.Format(other.Since)} for rotation {other.Rotation}"
                    : request.TakeOver is { } ended
                    ? $"rotation {ended.Id} has ended meanwhile"
                    : "others claim it at the same time");
            }

            var before = marks.Open;
            var next = marks with
            {
                Open = new OpenClaim(
                    request.Rotation, request.Base, request.Holder, request.At, handle, before?.Stage ?? marks.Stage + 1,
                    before is null ? request.Hold : before.Hold),
            };
            try
            {
                _seen[path] = await _engine.WriteMarksAsync(path, next, number, cancellation);
                return (_seen[path].Marks, null);
            }
            catch (OtherVersionException other)
            {
                // Another contender's, or an earlier try of this very write: look.
                mayHaveHappened |= other.MayBeOwn;
            }
        }
    }

    /// <summary>The claim in the marks, while it is this one; null where it has ended or was taken over. The marks are in
    /// <see cref="_seen"/> then.</summary>
    private async Task<OpenClaim?> OwnAsync(Claim claim, CancellationToken cancellation)
    {
        if (_seen.TryGetValue(claim.Path, out var seen) && seen.Marks.Open?.Handle == claim.Handle)
            return seen.Marks.Open;
        return (await ReadMarksAsync(claim.Path, cancellation)).Marks.Open is { } open && open.Handle == claim.Handle ? open : null;
    }

    private async Task<RotationMarks> HeldAsync(Claim claim, CancellationToken cancellation) =>
        await OwnAsync(claim, cancellation) is null ? throw TakenOver(claim) : _seen[claim.Path].Marks;

    /// <summary>Changes the marks under a claim.</summary>
    /// <exception cref="RemoteFailureException">The claim was taken over, or the write failed.</exception>
    private async Task ChangeAsync(Claim claim, Func<RotationMarks, RotationMarks> change, CancellationToken cancellation)
    {
        var mayHaveHappened = false;
        for (var attempt = 1; ; attempt++)
        {
            var next = change(await HeldAsync(claim, cancellation));
            try
            {
                _seen[claim.Path] = await _engine.Under(claim.Lease)
                    .WriteMarksAsync(claim.Path, next, _seen[claim.Path].Number, cancellation);
                return;
            }
            catch (OtherVersionException other)
            {
                // An earlier try may have landed, and the next claim have been taken since.
                mayHaveHappened |= other.MayBeOwn;
                var marks = (await LostAnswer.LookAfterAsync(mayHaveHappened, () => ReadMarksAsync(claim.Path, cancellation))).Marks;
                if (marks.Format().AsSpan().SequenceEqual(next.Format())
                    || (next.Open is null && marks.Open?.Handle != claim.Handle && marks.Delivered?.Format() == next.Delivered?.Format()))
                    return;
                if (attempt == ClaimAttempts)
                    throw TakenOver(claim);
            }
        }
    }

    // Another one than the next of the companion's versions that the marks tell of: someone wrote or removed some by hand.
    private async Task MoveStageAsync(Claim claim, CancellationToken cancellation)
    {
        var companion = await _engine.FindAsync(claim.Path + HashiCorpVaultDefinition.Companion, cancellation) ?? KvMetadata.None;
        if (companion.Find(companion.Current) is { } newest && newest.IsReadable(clock.GetCurrentInstant())
            && companion.Current > (await HeldAsync(claim, cancellation)).Open!.Stage)
            throw Conflict(
                $"{claim.Path}{HashiCorpVaultDefinition.Companion} in vault {definition.Name} holds a value that SecretRotator didn't "
                    + $"stage, and that path is where it stages the next value of {claim.Path}",
                "Where it is a secret of yours, give it another path. Otherwise delete its current version.");
        await ChangeAsync(
            claim, marks => marks with { Open = marks.Open! with { Stage = companion.Current + 1 } }, cancellation);
    }

    /// <summary>Ends a claim: its staged value is deleted, and the marks are written without it.</summary>
    private async Task EndAsync(
        Claim claim, bool isPromoted, Func<RotationMarks, RotationMarks> change, CancellationToken cancellation)
    {
        var open = (await HeldAsync(claim, cancellation)).Open!;
        var state = isPromoted ? StageState.There : _stages.GetValueOrDefault(claim.Handle);
        if (state == StageState.Unknown)
            state = await SettleStageAsync(claim, open, cancellation);
        if (isPromoted)
            await DropAsync(claim, open, cancellation);
        await ChangeAsync(
            claim,
            marks => change(marks) with { Open = null, Stage = state == StageState.Nothing ? marks.Stage : open.Stage },
            cancellation);
        if (!isPromoted && state == StageState.There)
            await DropAsync(claim, open, cancellation);
        _stages.TryRemove(claim.Handle, out _);
    }

    // A staged value may still arrive: what takes its place keeps it out.
    private async Task<StageState> SettleStageAsync(Claim claim, OpenClaim open, CancellationToken cancellation)
    {
        try
        {
            await _engine.Under(claim.Lease).StageNothingAsync(claim.Path, open.Stage - 1, cancellation);
        }
        catch (OtherVersionException)
        {
            // It has arrived; or this has, in an earlier try.
        }

        return StageState.There;
    }

    // With those before that ends which were cut short may have left: as many as an engine keeps unless it is told otherwise.
    private Task DropAsync(Claim claim, OpenClaim open, CancellationToken cancellation) => _engine.Under(claim.Lease).DeleteAsync(
        claim.Path + HashiCorpVaultDefinition.Companion,
        $"The staged value of {claim.Path} in vault {definition.Name} could not be deleted",
        Enumerable.Range(0, DefaultMaxVersions).Select(before => open.Stage - before).Where(number => number > 0),
        cancellation);

    /// <summary>Gives a claim back that turned out to be worth nothing, even after a cancellation.</summary>
    private async Task<bool> TryReleaseAsync(Claim claim)
    {
        using var limit = new CancellationTokenSource(ReleaseLimit, time);
        try
        {
            await ChangeAsync(claim, marks => marks with { Open = null }, limit.Token);
            return true;
        }
        catch (Exception e) when (e is RemoteFailureException or OperationCanceledException or LeaseOverException)
        {
            return false;
        }
    }
}
