namespace SecretRotator.Configuration;

/// <summary>Reads <c>wait</c> and <c>grace</c>: what is done about pipelines that run.</summary>
internal static class InFlightReader
{
    /// <summary>How long a due secret waits where the file only says <c>wait: idle</c>.</summary>
    public static readonly Duration UsualWait = Duration.FromHours(24);

    /// <summary>How long the old credential of a backend stays valid where the file says nothing.</summary>
    public static readonly GracePolicy UsualGrace = new GracePolicy.UntilPipelinesFinish(Duration.FromHours(6));

    /// <summary>A wait; null for none, and where it is reported.</summary>
    public static IdleWait? Wait(YamlNode node, ProblemList problems)
    {
        switch (node)
        {
            case YamlNode.Scalar { Text: Grammar.None }:
                return null;
            case YamlNode.Scalar { Text: Grammar.Idle }:
                return new IdleWait(UsualWait);
            case YamlNode.Mapping:
                return MappingReader.Open(node, Grammar.WaitKeys, problems) is { } mapping
                    && PeriodReader.Limit(mapping, Grammar.IdleLimit, problems) is { } limit ? new IdleWait(limit) : null;
            default:
                problems.Add(
                    node.At,
                    "\"wait\" must say what is waited for, or \"none\"",
                    "Write \"wait: idle\", with a limit of your own \"wait: { idle: 12h }\", or \"wait: none\".");
                return null;
        }
    }

    /// <summary>A grace; null for none, and where it is reported.</summary>
    public static GracePolicy? Grace(YamlNode node, MappingReader owner, ProblemList problems)
    {
        switch (node)
        {
            case YamlNode.Scalar { Text: Grammar.None }:
                return null;
            case YamlNode.Scalar { Text: Grammar.PipelinesFinish }:
                problems.Add(
                    node.At,
                    "A grace that waits for pipelines needs a limit, since one that never finishes would keep the old version valid "
                        + "forever",
                    $"Write \"{Grammar.Grace.Example}\".");
                return null;
            case YamlNode.Scalar:
                return PeriodReader.Limit(owner, Grammar.Grace, problems) is { } time ? new GracePolicy.Lasting(time) : null;
            case YamlNode.Mapping:
                return Until(node, problems);
            default:
                problems.Add(
                    node.At,
                    "\"grace\" must say how long an old version stays valid, or \"none\"",
                    $"Write a time such as \"grace: 2h\", or \"{Grammar.Grace.Example}\", or \"grace: none\".");
                return null;
        }
    }

    /// <summary>Reports a grace that lasts longer than a value does: then no rotation could begin when it is due.</summary>
    public static void CheckLength(GracePolicy grace, Period rotateEvery, Position at, ProblemList problems)
    {
        if (grace.Longest >= PeriodText.Least(rotateEvery))
            problems.Add(
                at,
                "The grace lasts as long as the value does, so the next rotation would have to wait for it",
                "Write a shorter grace, or a longer \"rotate-every\".");
    }

    private static GracePolicy.UntilPipelinesFinish? Until(YamlNode node, ProblemList problems)
    {
        if (MappingReader.Open(node, Grammar.GraceKeys, problems) is not { } mapping)
            return null;
        var until = mapping.Text(Grammar.GraceUntil);
        if (until is not null && until.Value != Grammar.PipelinesFinish)
            problems.Add(
                until.At, $"{Quoted.Of(until.Value)} is nothing that a grace lasts until", $"Write \"until: {Grammar.PipelinesFinish}\".");
        return PeriodReader.Limit(mapping, Grammar.GraceLimit, problems) is { } limit && until?.Value == Grammar.PipelinesFinish
            ? new GracePolicy.UntilPipelinesFinish(limit)
            : null;
    }
}
