namespace SecretRotator.Reliability.Processes;

/// <summary>Holds what one placement left to the promises, and keeps what was broken. Values are named old, new or other, never
/// shown.</summary>
/// <param name="before">What there was before anything happened.</param>
internal sealed class Findings(Picture before)
{
    private readonly List<string> _broken = [];
    private readonly List<string> _notes = [];
    private readonly HashSet<string> _values = new(StringComparer.Ordinal);

    /// <summary>What was measured, for people.</summary>
    public IReadOnlyList<string> Notes => _notes;

    /// <summary>Whether the credential that was current before anything happened may be refused: it was retired, or changed by
    /// hand.</summary>
    public bool OldHasEnded { get; set; }

    /// <summary>What was broken, in the order in which it was found.</summary>
    public IReadOnlyList<string> Broken => _broken;

    /// <summary>Keeps what isn't as it should be.</summary>
    public void Must(bool kept, string broken)
    {
        if (!kept)
            _broken.Add(broken);
    }

    /// <summary>P2: whatever a target holds can be read from the vault.</summary>
    public void MustBeReadable(Picture now, string when)
    {
        foreach (var (secret, target) in Targets(now))
            Must(target.CanBeRead(secret.Versions),
                $"P2 {when}: {target.Name} of {secret.Name} holds {Label(secret, target, now)}, which no version of the vault holds "
                    + "that can be read");
    }

    /// <summary>P1: vault and targets agree, and everything is secured.</summary>
    /// <param name="now">What there is.</param>
    /// <param name="when">When.</param>
    /// <param name="made">Whether targets that may be created must be there by now.</param>
    public void MustAgree(Picture now, string when, bool made)
    {
        foreach (var secret in now.Secrets)
            Must(made ? secret.Agrees : secret.AgreesOrNotMade, $"P1 {when}: {Describe(secret, now)}");
    }

    /// <summary>P4: nothing stays staged or claimed, but for the label of a contender that died before it held anything.</summary>
    /// <param name="now">What there is.</param>
    /// <param name="when">When.</param>
    /// <param name="between">What a process that was killed had left, or null.</param>
    public void MustBeClean(Picture now, string when, Picture? between = null)
    {
        foreach (var secret in now.Secrets)
            Must(!secret.Versions.Any(version => version.Staged && !LeftByContender(secret, version)),
                $"P4 {when}: marks of a rotation are left on {secret.Name}");
        Must(now.Claims.IsEmpty, $"P5 {when}: {now.Claims.Length} claims are left");

        bool LeftByContender(SecretPicture secret, VersionPicture version) =>
            between?.Secrets.Single(each => each.Name == secret.Name).LeftByContenders.Contains(version.Id) == true && !version.HoldsClaim
                && !version.IsCurrent;
    }

    /// <summary>P4: where a target held a new value in between, it ends on that one or on the old one, never on a third.</summary>
    public void MustEndOnSameValue(Picture between, Picture now)
    {
        foreach (var ((secret, was), (_, held), (_, target)) in Targets(before).Zip(Targets(between), Targets(now)))
        {
            if (held.Value is not null && held.Value != was.Value)
                Must(target.Value == held.Value || target.Value == was.Value, $"P4: {target.Name} of {secret.Name} ends on a third value");
        }
    }

    /// <summary>P8 and P9: the backend accepts what is current, what targets hold and, until the old credential is retired, what jobs hold
    /// that began before.</summary>
    /// <param name="now">What there is.</param>
    /// <param name="when">When.</param>
    public void MustBeAccepted(Picture now, string when)
    {
        foreach (var (was, secret) in before.Secrets.Zip(now.Secrets))
        {
            if (secret.Credentials is not { } credentials)
                continue;
            Must(
                secret.Current >= 0 && credentials.Accepts(secret.CurrentContent),
                $"P8 {when}: the current credential of {secret.Name} is refused");
            Must(
                OldHasEnded || credentials.Accepts(was.CurrentContent),
                $"P9 {when}: a job that began before the rotation of {secret.Name} is refused");
            foreach (var target in secret.Targets)
            {
                var held = target.Holding(secret.Versions).ToList();
                Must(
                    held.Count == 0 || held.Exists(version => credentials.Accepts(version.Content)),
                    $"P9 {when}: {target.Name} of {secret.Name} holds {Label(secret, target, now)}, which is refused");
            }
        }
    }

    /// <summary>P10: the backend accepts nothing that no version names.</summary>
    public void MustLeaveNoOrphan(Picture now, string when)
    {
        foreach (var secret in now.Secrets)
            Must(!secret.Orphans.Any(), $"P10 {when}: no version of {secret.Name} names {string.Join(", ", secret.Orphans)}");
    }

    /// <summary>P5: nothing was changed.</summary>
    public void MustBeUnchanged(Picture then, Picture now, string who) =>
        Must(then.Everything == now.Everything, $"P5: {who} changed something");

    /// <summary>P3 and P6: evidence is whole and names the exit code; nothing that was said holds a value.</summary>
    public void MustBeTold(Stand.Ended run, string who)
    {
        Must(run.Evidence is { Wrong: null, IsTorn: false, IsComplete: true },
            $"P3: the evidence of {who} is {run.Evidence.Wrong ?? "incomplete"}");
        Must(run.Evidence.ExitCode == run.ExitCode, $"P3: {who} ended with {Code(run)} and its evidence says {run.Evidence.ExitCode}");
        MustBeSilent(run, who);
    }

    /// <summary>P6: nothing that was said holds a value.</summary>
    public void MustBeSilent(Stand.Ended run, string who) =>
        Must(!_values.Any(value => run.Said.Contains(value, StringComparison.Ordinal)), $"P6: {who} said a value");

    /// <summary>Notes the values of a moment, which nothing may say.</summary>
    public void Know(params IEnumerable<Picture> moments)
    {
        foreach (var (_, target) in moments.SelectMany(Targets))
            _values.UnionWith(target.Parts.OfType<string>().Append(target.Value ?? "").Where(value => value.Length >= 12));
    }

    /// <summary>Whether a text holds a value.</summary>
    public bool Knows(string text) => _values.Any(value => text.Contains(value, StringComparison.Ordinal));

    /// <summary>Keeps a measurement.</summary>
    public void Note(string measured) => _notes.Add(measured);

    /// <summary>P4: a later run finishes what an earlier one left, and leaves everything as it should be.</summary>
    /// <param name="who">The later run.</param>
    /// <param name="run">How it ended.</param>
    /// <param name="between">What there was before it.</param>
    /// <param name="now">What there is after it.</param>
    /// <param name="onSameValue">Whether it must end on the value that the earlier one made.</param>
    public void MustFinish(string who, Stand.Ended run, Picture between, Picture now, bool onSameValue)
    {
        Know(now);
        Must(run.ExitCode == 0, $"P4: {who} ended with {Code(run)}");
        MustBeTold(run, who);
        MustAgree(now, $"after {who}", made: true);
        MustBeReadable(now, $"after {who}");
        MustBeClean(now, $"after {who}", between);
        OldHasEnded |= run.Evidence.Outcomes.ContainsValue("retired");
        MustBeAccepted(now, $"after {who}");
        MustLeaveNoOrphan(now, $"after {who}");
        if (onSameValue)
            MustEndOnSameValue(between, now);
        Explain(who, run);
    }

    /// <summary>Adds what a run said to what was broken, for whoever looks for the reason.</summary>
    public void Explain(string who, Stand.Ended run)
    {
        if (_broken.Count == 0)
            return;
        var lines = run.Said.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Where(line => !line.Contains("Debug", StringComparison.Ordinal)).TakeLast(12);
        var said = new StringBuilder();
        foreach (var line in lines)
            said.Append("\n      ")
                .Append(_values.Any(value => line.Contains(value, StringComparison.Ordinal)) ? "(a line with a value)" : line);
        _broken.Add($"{who} ended with {Code(run)} and said:{said}");
    }

    /// <summary>An exit code for people.</summary>
    public static string Code(Stand.Ended run) => run.ExitCode is { } code ? $"{code}" : "no end";

    private static IEnumerable<(SecretPicture Secret, TargetPicture Target)> Targets(Picture picture) =>
        picture.Secrets.SelectMany(secret => secret.Targets.Select(target => (secret, target)));

    private string Describe(SecretPicture secret, Picture now)
    {
        var current = secret.CurrentId is null
            ? "has no current version"
            : secret.CurrentId == Before(secret).CurrentId ? "is on the old version" : "is on a new version";
        return $"{secret.Name} {current}; "
            + $"{string.Join(", ", secret.Targets.Select(target => $"{target.Name} holds {Label(secret, target, now)}"))}";
    }

    private string Label(SecretPicture secret, TargetPicture target, Picture now)
    {
        var plain = target.Secured ? "" : ", not secured";
        if (target.Count != 1)
            return $"nothing ({target.Count} variables)";
        var was = Before(secret).Targets.Single(each => each.Name == target.Name);
        var versions = now.Secrets.Single(each => each.Name == secret.Name).Versions;
        var at = target.Parts.IndexOf(target.Value);
        return (target.Value == was.Value
            ? "the old value"
            : at < 0
            ? "another value"
            : versions[at].IsCurrent ? "the new value" : versions[at].Staged ? "the staged value" : "a value of another version") + plain;
    }

    private SecretPicture Before(SecretPicture secret) => before.Secrets.Single(each => each.Name == secret.Name);
}
