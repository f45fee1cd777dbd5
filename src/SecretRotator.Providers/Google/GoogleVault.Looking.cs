namespace SecretRotator.Providers.Google;

// How it reads the state of the vault, and changes the annotations.
internal sealed partial class GoogleVault
{
    private async Task<Seen> LookAsync(string path, CancellationToken cancellation)
    {
        var getting = calls.GetAsync(Checked(path), cancellation);
        var listing = VersionsAsync(path, cancellation);
        await Task.WhenAll(getting, listing);
        return Remember(path, SeenOf(path, await getting) with { Versions = await listing });
    }

    private async Task<ImmutableArray<GoogleVersion>> VersionsAsync(string path, CancellationToken cancellation) =>
        await calls.ListAsync(Checked(path), cancellation) is { IsEmpty: false } versions
            ? versions
            : throw Failed(
                FailureKind.NotFound, $"{path} in vault {definition.Name} has no version.",
                $"Give it a first value: gcloud secrets versions add {path} --project={definition.Project} --data-file=…");

    private SecretDescription Described(string path, Seen seen)
    {
        var marks = seen.Marks;
        if (marks.BytesOfOthers > GoogleMarks.RoomForOthers)
            throw Failed(
                FailureKind.Conflict,
                $"{path} in vault {definition.Name} has {marks.BytesOfOthers} bytes of annotations of its own.",
                $"Google allows less than 16 KiB: remove some, so that at most {GoogleMarks.RoomForOthers} bytes are left.");
        var current = seen.Versions[0].Id;
        var made = marks.Made is { } last && last.Version == current ? last.Rotation : (RotationId?)null;
        return new SecretDescription(
            current,
            made,
            marks.Delivered,
            marks.Claim is { } claim
                ? new OpenRotation(claim.Rotation, claim.Base, claim.Holder, claim.At, marks.Staged is not null, claim.Format())
                : null,
            new ForeignRotation.None())
        {
            Grace = marks.Graces
                .Where(grace => grace.Version != current && seen.Versions.Any(each => each.Id == grace.Version && each.Enabled))
                .MaxBy(grace => grace.Since),
            Delivering = marks.Delivering,
            Hold = marks.Holds.FirstOrDefault(hold => hold.Rotation == made),
        };
    }

    /// <summary>Changes the annotations, provided that nothing of the secret has changed since they were looked at.</summary>
    /// <param name="path">The secret.</param>
    /// <param name="lease">Asked before every try, or null.</param>
    /// <param name="change">Makes the new marks of the old ones. It may be asked again, and then changes nothing more.</param>
    /// <param name="cancellation">Stops the calls.</param>
    /// <exception cref="LostException">The change said so, of marks that were looked at for it.</exception>
    private async Task<Seen> ChangeAsync(
        string path, Lease? lease, Func<GoogleMarks, GoogleMarks> change, CancellationToken cancellation)
    {
        var seen = _seen.GetValueOrDefault(Checked(path));
        var mayHaveHappened = false;
        for (var look = 1; ; look++)
        {
            var isFresh = seen is null;
            seen ??= await LostAnswer.LookAfterAsync(mayHaveHappened, () => GetAsync(path, cancellation));
            GoogleMarks changed;
            try
            {
                changed = change(seen.Marks);
            }
            catch (Exception e) when (!isFresh && e is LostException or RemoteFailureException)
            {
                seen = null;
                continue;
            }

            var annotations = changed.Format();
            if (annotations.SequenceEqual(seen.Marks.Format()))
            {
                if (isFresh)
                    return seen;
                seen = null;
                continue;
            }

            try
            {
                var entry = await calls.Under(lease).AnnotateAsync(path, seen.Etag, annotations, cancellation);
                return Remember(path, SeenOf(path, entry) with { Versions = seen.Versions });
            }
            catch (RemoteFailureException e) when (GoogleFailures.TellsState(e))
            {
                // Something has changed, perhaps by this very call; a look may lag behind it.
                mayHaveHappened |= e.Effect == Effect.Unknown;
                if (look == Looks)
                    throw mayHaveHappened ? e.With(Effect.Unknown) : e;
                seen = null;
                if (look > 1)
                    await Task.Delay(FirstPause * look, time, cancellation);
            }
        }
    }

    /// <summary>What is known of a secret, or what a look shows.</summary>
    private async Task<Seen> KnownAsync(string path, CancellationToken cancellation) =>
        _seen.GetValueOrDefault(Checked(path)) ?? await GetAsync(path, cancellation);

    private async Task<Seen> GetAsync(string path, CancellationToken cancellation) =>
        Remember(path, SeenOf(path, await calls.GetAsync(path, cancellation)) with { Versions = VersionsOf(path) });

    private ImmutableArray<GoogleVersion> VersionsOf(string path) => _seen.GetValueOrDefault(path)?.Versions ?? default;

    private Seen Remember(string path, Seen seen) => _seen[path] = seen;

    private Seen SeenOf(string path, SecretEntry entry)
    {
        try
        {
            return new Seen(entry.Etag!, GoogleMarks.Read(entry.Annotations), default);
        }
        catch (FormatException e)
        {
            throw new RemoteFailureException(
                FailureKind.Garbled,
                Effect.Rejected,
                $"The annotation {e.Message} of {path} in vault {definition.Name} is not as SecretRotator wrote it, so its state can't be "
                    + "determined.",
                $"{MarkText.MayBeNewer}Once nothing rotates {path}, remove that annotation; the next run then delivers the current value. "
                    + Guide,
                e);
        }
    }

    private string Checked(string path) => GoogleGrammar.IsName(path)
        ? path
        : throw Failed(
            FailureKind.Other,
            $"'{path}' can't be a secret in vault {definition.Name}.",
            $"A name in Secret Manager has letters, digits, hyphens and underscores; at most 248 of them, so that {Companion} fits "
                + "behind it.");

    private int NumberOf(VersionId version) => GoogleVersion.NumberOf(version)
        ?? throw Failed(FailureKind.Garbled, $"'{version}' is no version of a secret in vault {definition.Name}.", Guide);

    private RemoteFailureException NoVersion(string path, VersionId version) =>
        Failed(FailureKind.NotFound, $"{path} in vault {definition.Name} has no version {version}.", "Run again.");

    private RemoteFailureException Gone(Claim claim) => Failed(
        FailureKind.Conflict, $"The claim on {claim.Path} in vault {definition.Name} is gone: someone has taken it over or ended it.",
        "Run again: the next plan sees what is there.");

    private static RemoteFailureException Failed(FailureKind kind, string what, string hint) => new(kind, Effect.Rejected, what, hint);

    /// <summary>A secret as it was seen last.</summary>
    /// <param name="Etag">What changes with every change of it.</param>
    /// <param name="Marks">Its marks.</param>
    /// <param name="Versions">Its versions, the newest one first; default where they aren't known.</param>
    private sealed record Seen(string Etag, GoogleMarks Marks, ImmutableArray<GoogleVersion> Versions);

    /// <summary>The claim that was asked for is someone else's.</summary>
    private sealed class LostException(string why) : Exception(why);
}
