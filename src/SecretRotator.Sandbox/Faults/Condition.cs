using System.Collections.Immutable;

namespace SecretRotator.Sandbox.Faults;

/// <summary>A state of the sandbox's world that lasts, as a fault of one call doesn't: a setting that somebody got wrong.</summary>
internal enum Condition
{
    /// <summary>The step's token is meant for somebody else than the identity provider in AWS knows.</summary>
    WrongAudience,

    /// <summary>The role's trust policy admits another repository or environment than the step's.</summary>
    WrongSubject,

    /// <summary>The step outlived its token.</summary>
    ExpiredToken,

    /// <summary>Nobody registered the workspace's issuer in the AWS account.</summary>
    UnregisteredProvider,

    /// <summary>The Bitbucket credential may read variables and not write them.</summary>
    MissingScope,

    /// <summary>The Bitbucket credential has no access to the repositories: Bitbucket answers 404.</summary>
    NoAccess,

    /// <summary>The machine's clock is ten minutes behind that of the services.</summary>
    ClockSkew,

    /// <summary>In every repository that the inventory names, a pipeline runs for as long as this lasts.</summary>
    PipelineRunning,

    /// <summary>A proxy stands before everything and lets nothing through.</summary>
    ProxyRefuses,
}

/// <summary>Reads conditions: <c>wrong-audience</c>.</summary>
internal static class Conditions
{
    /// <summary>All of them, by the word that <c>--fault</c> takes.</summary>
    public static ImmutableSortedDictionary<string, Condition> ByName { get; } = new Dictionary<string, Condition>(StringComparer.OrdinalIgnoreCase)
    {
        ["wrong-audience"] = Condition.WrongAudience,
        ["wrong-subject"] = Condition.WrongSubject,
        ["expired-token"] = Condition.ExpiredToken,
        ["unregistered-provider"] = Condition.UnregisteredProvider,
        ["missing-scope"] = Condition.MissingScope,
        ["no-access"] = Condition.NoAccess,
        ["clock-skew"] = Condition.ClockSkew,
        ["pipeline-running"] = Condition.PipelineRunning,
        ["proxy-refuses"] = Condition.ProxyRefuses,
    }.ToImmutableSortedDictionary(StringComparer.OrdinalIgnoreCase);

    /// <summary>Splits what was asked for into conditions, which have no <c>=EFFECT</c>, and faults of calls.</summary>
    /// <exception cref="SandboxFailureException">It says what is wrong and what to write.</exception>
    public static (ImmutableHashSet<Condition> Conditions, ImmutableArray<Fault> Faults) Read(IReadOnlyCollection<string> specs) =>
        ([.. specs.Where(IsCondition).Select(Parse)], [.. specs.Where(spec => !IsCondition(spec)).Select(FaultSpec.Parse)]);

    private static bool IsCondition(string spec) => ByName.ContainsKey(spec) || (!spec.Contains('=', StringComparison.Ordinal) && !spec.Contains('.', StringComparison.Ordinal));

    private static Condition Parse(string spec) => ByName.TryGetValue(spec, out var condition)
        ? condition
        : throw new SandboxFailureException(
            $"--fault {spec}: there is no condition called '{spec}'{(FaultVocabulary.Nearest(spec, ByName.Keys) is { } nearest ? $" (did you mean {nearest}?)" : "")}; known are {string.Join(", ", ByName.Keys)}. A fault of a call reads SERVICE.OPERATION=EFFECT.");
}
