using System.Text.RegularExpressions;

namespace SecretRotator.Sandbox.Faults;

/// <summary>Reads what <c>--fault</c> takes: conditions, and faults <c>SERVICE.OPERATION[@MATCH][#N or #N..]=EFFECT</c>.</summary>
internal static partial class FaultSpec
{
    private const string Grammar =
        "A fault reads SERVICE.OPERATION[@MATCH][#N or #N..]=EFFECT, such as bitbucket.put@DB_PASSWORD#1..=503. "
        + "EFFECT is a status from 200 to 599, lost, delay:5s (or ms, m), late:8s, garbage, kill, kill-before, hold or hold-before. "
        + "* means every service or operation.";

    private static readonly Dictionary<string, FaultEffect> Effects = new(StringComparer.OrdinalIgnoreCase)
    {
        ["lost"] = new FaultEffect.Lost(),
        ["garbage"] = new FaultEffect.Garbage(),
        ["kill"] = new FaultEffect.Kill(Before: false),
        ["kill-before"] = new FaultEffect.Kill(Before: true),
        ["hold"] = new FaultEffect.Hold(Before: false),
        ["hold-before"] = new FaultEffect.Hold(Before: true),
    };

    /// <summary>Splits what was asked for into conditions, which have no <c>=EFFECT</c>, and faults of calls.</summary>
    /// <exception cref="SandboxFailureException">It says what is wrong and what to write.</exception>
    public static (ImmutableHashSet<Condition> Conditions, ImmutableArray<Fault> Faults) Read(IReadOnlyCollection<string> specs) =>
        ([.. specs.Where(IsCondition).Select(ParseCondition)], [.. specs.Where(spec => !IsCondition(spec)).Select(Parse)]);

    /// <summary>Reads one fault.</summary>
    /// <exception cref="SandboxFailureException">It says what is wrong and what to write.</exception>
    public static Fault Parse(string text)
    {
        var equals = text.LastIndexOf('=');
        if (equals < 0)
            throw Wrong(text, "it has no =EFFECT at its end");
        var dot = text.IndexOf('.', StringComparison.Ordinal);
        if (dot < 0 || dot > equals)
            throw Wrong(text, "it doesn't begin with SERVICE.OPERATION");

        var service = text[..dot] == Fault.Any ? Fault.Any : Known(text, "service", text[..dot], FaultVocabulary.Services.Keys);
        var (call, first, last) = Count(text, text[(dot + 1)..equals]);
        var at = call.IndexOf('@', StringComparison.Ordinal);
        var operation = Operation(text, service, at < 0 ? call : call[..at]);
        var match = at < 0 ? "" : call[(at + 1)..];
        if (at >= 0 && match.Length == 0)
            throw Wrong(text, "nothing follows the @; leave it out to mean every resource");

        return new Fault(text, service, operation, match, first, last, Effect(text, text[(equals + 1)..]));
    }

    private static bool IsCondition(string spec) =>
        FaultVocabulary.Conditions.ContainsKey(spec)
        || (!spec.Contains('=', StringComparison.Ordinal) && !spec.Contains('.', StringComparison.Ordinal));

    private static Condition ParseCondition(string spec) => FaultVocabulary.Conditions.TryGetValue(spec, out var condition)
        ? condition
        : throw new SandboxFailureException(
            $"--fault {spec}: there is no condition called '{spec}'{FaultVocabulary.Suggestion(spec, FaultVocabulary.Conditions.Keys)}; "
            + $"known are {string.Join(", ", FaultVocabulary.Conditions.Keys)}. A fault of a call reads SERVICE.OPERATION=EFFECT.");

    private static string Operation(string text, string service, string word)
    {
        if (word == Fault.Any)
            return Fault.Any;
        var all = FaultVocabulary.Services.Values.SelectMany(operations => operations).Distinct(StringComparer.Ordinal);
        return service == Fault.Any
            ? Known(text, "operation of any service", word, all)
            : Known(text, $"operation of {service}", word, FaultVocabulary.Services[service]);
    }

    private static string Known(string text, string what, string word, IEnumerable<string> known)
    {
        var words = known.ToList();
        if (words.Find(candidate => string.Equals(candidate, word, StringComparison.OrdinalIgnoreCase)) is { } found)
            return found;
        throw Wrong(text, $"there is no {what} called '{word}'{FaultVocabulary.Suggestion(word, words)}; "
            + $"known are {string.Join(", ", words)}");
    }

    private static (string Call, int First, int Last) Count(string text, string call)
    {
        var match = CountPattern().Match(call);
        if (!match.Success)
        {
            // A # elsewhere may be part of a resource's name; one without a number at the end is a mistake.
            return call.EndsWith('#') || call.EndsWith("..", StringComparison.Ordinal)
                ? throw Wrong(text, "what follows the # is not N or N..")
                : (call, 1, int.MaxValue);
        }

        if (!int.TryParse(match.Groups[1].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var first) || first < 1)
            throw Wrong(text, $"'{match.Groups[1].Value}' is not a call's number; they count from 1");
        return (call[..match.Index], first, match.Groups[2].Success ? int.MaxValue : first);
    }

    private static FaultEffect Effect(string text, string word)
    {
        if (Effects.TryGetValue(word, out var effect))
            return effect;
        if (word.StartsWith("delay:", StringComparison.OrdinalIgnoreCase))
            return new FaultEffect.Delay(Time(text, word[6..]));
        if (word.StartsWith("late:", StringComparison.OrdinalIgnoreCase))
            return new FaultEffect.Late(Time(text, word[5..]));
        if (!int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var status))
        {
            var suggestion = FaultVocabulary.Suggestion(word, [.. Effects.Keys, "delay:5s", "late:8s"]);
            throw Wrong(text, $"there is no effect called '{word}'{suggestion}");
        }

        return status is >= 200 and <= 599
            ? new FaultEffect.Status(status)
            : throw Wrong(text, $"{word} is not the status of an answer; those go from 200 to 599");
    }

    private static TimeSpan Time(string text, string word) =>
        ParseDuration(word) is { } by && by > TimeSpan.Zero ? by : throw Wrong(text, $"'{word}' is not a time like 500ms, 5s or 1m");

    /// <summary>Reads a time such as <c>500ms</c>, <c>5s</c> or <c>1m</c>, at most ten minutes; null where it is none.</summary>
    public static TimeSpan? ParseDuration(string text)
    {
        var match = DurationPattern().Match(text);
        if (!match.Success)
            return null;
        var number = decimal.Parse(match.Groups[1].ValueSpan, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture);
        var milliseconds = number * match.Groups[2].Value.ToLowerInvariant() switch { "ms" => 1, "s" => 1_000, _ => 60_000 };
        return milliseconds <= 600_000 ? TimeSpan.FromTicks((long)(milliseconds * TimeSpan.TicksPerMillisecond)) : null;
    }

    private static SandboxFailureException Wrong(string text, string what) => new($"--fault {text}: {what}. {Grammar}");

    [GeneratedRegex(@"#([0-9]+)(\.\.)?$", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex CountPattern();

    [GeneratedRegex(
        @"^([0-9]{1,6}(?:\.[0-9]{1,3})?)(ms|s|m)$",
        RegexOptions.CultureInvariant | RegexOptions.IgnoreCase,
        matchTimeoutMilliseconds: 1000)]
    private static partial Regex DurationPattern();
}
