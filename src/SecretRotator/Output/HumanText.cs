using System.Diagnostics;
using NodaTime.Text;
using SecretRotator.Planning;
using SecretRotator.Rotation;

namespace SecretRotator.Output;

/// <summary>How decisions, outcomes, times and versions are told to people. Everything that comes out is printable.</summary>
internal static class HumanText
{
    private const int ShortVersion = 8;

    /// <summary>An instant to the minute, in UTC.</summary>
    public static string Time(Instant instant) => Patterns.Minute.Format(instant);

    /// <summary>A stretch of time in its two largest units, such as <c>2 d 3 h</c>.</summary>
    public static string Stretch(Duration duration)
    {
        var length = duration < Duration.Zero ? -duration : duration;
        return length switch
        {
            { Days: > 2 } => $"{length.Days} d",
            { Days: > 0 } => Two(length.Days, "d", length.Hours, "h"),
            { Hours: > 0 } => Two(length.Hours, "h", length.Minutes, "min"),
            { Minutes: > 0 } => $"{length.Minutes} min",
            _ => $"{length.Seconds} s",
        };
    }

    /// <summary>As much of a version's id as a person compares.</summary>
    public static string Short(VersionId version)
    {
        var text = PrintableText.Of(version.Value);
        return text.Length <= ShortVersion ? text : text[..ShortVersion];
    }

    /// <summary>Why a decision was made, and since or until when it holds.</summary>
    public static string Why(Decision decision, Instant now) => PrintableText.Of(decision switch
    {
        Decision.Unfinished unfinished =>
            $"A rotation begun {Time(unfinished.Open.StartedAt)} by {unfinished.Open.Holder} is open: {unfinished.Why}",
        Decision.Redeliver redeliver => redeliver.Why,
        Decision.Adopt { Approved: true } => "Never delivered by this tool: the vault's current value goes to all targets",
        Decision.Adopt =>
            "Never delivered by this tool. What Bitbucket holds now can't be read, so it can't be put back: add --adopt to deliver the "
                + "vault's current value",
        Decision.Due due => $"Since {Time(due.Since)} ({Stretch(now - due.Since)} ago)",
        Decision.Retire retire => $"Version {Short(retire.Version)}: {retire.Why}",
        Decision.NotDue notDue => $"Until {Time(notDue.Until)} (in {Stretch(notDue.Until - now)})",
        Decision.Forced forced => $"By {forced.By}: {forced.Reason}",
        Decision.Waiting { Until: { } until } waiting => $"{waiting.Why.TrimEnd('.')}; until {Time(until)} (in {Stretch(until - now)})",
        Decision.Waiting waiting => waiting.Why,
        Decision.Blocked blocked => FailureMessages.Text(blocked.Failure),
        _ => throw new UnreachableException("A new decision needs a phrase."),
    });

    /// <summary>Until when a secret gets no new value, and why.</summary>
    public static string Held(Hold hold, Instant now) => PrintableText.Of(
        $"held until {Time(hold.Until)} (in {Stretch(hold.Until - now)}) by "
            + $"{(hold.ByRollback ? "a rollback" : "its entry in the inventory")}: {hold.Reason}");

    /// <summary>A decision in a word or two.</summary>
    public static string Label(Decision decision) =>
        decision is Decision.Adopt { Approved: false } ? "needs --adopt" : ForPeople(WireNames.Of(decision));

    /// <summary>How it ended for one secret, for a person in a hurry.</summary>
    public static string Label(RotationOutcome outcome) => outcome switch
    {
        RotationOutcome.Untouched untouched => Label(untouched.Decision),
        RotationOutcome.RolledBack { Cancelled: true } => "stopped",
        RotationOutcome.NeedsOperator => "NEEDS OPERATOR",
        _ => ForPeople(WireNames.Of(outcome)),
    };

    /// <summary>The versions that an outcome names.</summary>
    public static string Versions(RotationOutcome outcome) => outcome switch
    {
        RotationOutcome.Rotated rotated => $"{Short(rotated.From)} -> {Short(rotated.To)}",
        RotationOutcome.Redelivered redelivered => Short(redelivered.Version),
        RotationOutcome.Adopted adopted => Short(adopted.Version),
        RotationOutcome.Retired retired => $"{Short(retired.Version)} ->",
        _ => "-",
    };

    /// <summary>How surely the targets hold the value, as far as an outcome tells.</summary>
    public static VerificationLevel? Level(RotationOutcome outcome) => outcome switch
    {
        RotationOutcome.Rotated rotated => rotated.Level,
        RotationOutcome.Redelivered redelivered => redelivered.Level,
        RotationOutcome.Adopted adopted => adopted.Level,
        _ => null,
    };

    /// <summary>A word that machines read, as people read it.</summary>
    public static string ForPeople(string word) => word.Replace('-', ' ');

    /// <summary>A number of things in words that agree with it.</summary>
    public static string Count(int number, string one, string? many = null) =>
        number.ToString(CultureInfo.InvariantCulture) + " " + (number == 1 ? one : many ?? one + "s");

    /// <summary>How many there are of each word, in the order of their first ones, such as <c>2 rotated, 1 blocked</c>.</summary>
    public static string Counts(IEnumerable<string> words) =>
        string.Join(", ", words.CountBy(word => word).Select(each => $"{each.Value} {each.Key}"));

    /// <summary>A text that ends as a sentence does.</summary>
    public static string Sentence(string text) => FailureMessages.Sentence(text);

    // Apart, so that a command that tells no time makes no pattern.
    private static class Patterns
    {
        public static readonly InstantPattern Minute = InstantPattern.CreateWithInvariantCulture("uuuu'-'MM'-'dd HH':'mm 'UTC'");
    }

    private static string Two(int large, string largeUnit, int small, string smallUnit) => small == 0
        ? $"{large} {largeUnit}"
        : $"{large} {largeUnit} {small} {smallUnit}";
}
