using SecretRotator.Bitbucket;

namespace SecretRotator.Configuration.Schedules;

/// <summary>What the tool recorded of the schedule that belongs to one name: Bitbucket itself doesn't say who made a schedule.</summary>
/// <param name="Name">The name that a file gives it.</param>
/// <param name="Owned">The schedule that belongs to the name, or null where none is known yet.</param>
/// <param name="Making">What a run set out to make, noted before it did, so that the next run recognises the result as its own; else
/// null.</param>
internal sealed record ScheduleRecord(string Name, OwnedSchedule? Owned, IntendedSchedule? Making)
{
    private const string Made = "made=";
    private const string Adopted = "adopted=";
    private const string Intended = "making=";

    /// <summary>One line, such as <c>made=REPOSITORY/UUID/FINGERPRINT making=REPOSITORY/FINGERPRINT</c>.</summary>
    public string Format()
    {
        var owned = Owned is null ? null : $"{(Owned.IsMade ? Made : Adopted)}{Owned.Repository}/{Owned.Uuid}/{Owned.Fingerprint.Value}";
        var making = Making is null ? null : $"{Intended}{Making.Repository}/{Making.Fingerprint.Value}";
        return string.Join(' ', new[] { owned, making }.Where(part => part is not null));
    }

    /// <summary>Reads such a line, or answers null where someone wrote something else.</summary>
    public static ScheduleRecord? Parse(string name, string? text)
    {
        OwnedSchedule? owned = null;
        IntendedSchedule? making = null;
        foreach (var part in (text ?? "").Split(' '))
        {
            if (part.StartsWith(Intended, StringComparison.Ordinal))
                making = IntendedOf(part[Intended.Length..]);
            else if (part.StartsWith(Made, StringComparison.Ordinal))
                owned = OwnedOf(part[Made.Length..], isMade: true);
            else if (part.StartsWith(Adopted, StringComparison.Ordinal))
                owned = OwnedOf(part[Adopted.Length..], isMade: false);
        }

        var record = new ScheduleRecord(name, owned, making);
        return text?.Length > 0 && record.Format() == text ? record : null;
    }

    private static OwnedSchedule? OwnedOf(string text, bool isMade) =>
        text.Split('/') is [var repository, var uuid, var print] && BitbucketUuid.Normal(uuid) is { } normal
            && Fingerprint.Parse(print) is { } fingerprint
            ? new(repository, normal, fingerprint, isMade)
            : null;

    private static IntendedSchedule? IntendedOf(string text) =>
        text.Split('/') is [var repository, var print] && Fingerprint.Parse(print) is { } fingerprint ? new(repository, fingerprint) : null;
}

/// <summary>A schedule in Bitbucket that belongs to a name.</summary>
/// <param name="Repository">The slug of its repository.</param>
/// <param name="Uuid">Its identity, in lower case and without braces.</param>
/// <param name="Fingerprint">What it was made or taken for.</param>
/// <param name="IsMade">Whether this tool made it, so that this tool may delete it.</param>
internal sealed record OwnedSchedule(string Repository, string Uuid, Fingerprint Fingerprint, bool IsMade);

/// <summary>A schedule that a run set out to make.</summary>
/// <param name="Repository">The slug of its repository.</param>
/// <param name="Fingerprint">What it is to be.</param>
internal sealed record IntendedSchedule(string Repository, Fingerprint Fingerprint);

/// <summary>A record as it is in Bitbucket.</summary>
/// <param name="Uuid">The identity of the variable that holds it.</param>
/// <param name="Record">What it says.</param>
internal sealed record PostedRecord(string Uuid, ScheduleRecord Record);
