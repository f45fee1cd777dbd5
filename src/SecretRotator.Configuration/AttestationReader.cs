namespace SecretRotator.Configuration;

/// <summary>Reads <c>attestation</c>.</summary>
internal static class AttestationReader
{
    private const int LongestBranch = 200;

    /// <summary>The section; null where it is wrong, which is reported.</summary>
    /// <param name="node">The section's node.</param>
    /// <param name="home">The home repository, where the workspace's variables are looked at unless another one is named; null where that
    /// is wrong.</param>
    /// <param name="limits">For the lease that the proof must fit into.</param>
    /// <param name="problems">Where mistakes are reported.</param>
    public static AttestationPolicy? Read(YamlNode node, VariableScope.Repository? home, RunLimits limits, ProblemList problems)
    {
        if (MappingReader.Open(node, Grammar.AttestationKeys, problems) is not { } mapping)
            return null;
        var pipeline = mapping.Checked(
            Grammar.AttestationPipeline, Names.IsSlug, "can't be the name of the pipeline",
            $"Write letters, digits, dots, hyphens and underscores, such as \"{Grammar.AttestationPipeline.Example}\".");
        var branch = mapping.Has(Grammar.AttestationBranch)
            ? mapping.Text(Grammar.AttestationBranch, LongestBranch)?.Value
            : AttestationPolicy.UsualBranch;
        var limit = Limit(mapping, limits, problems);
        var repository = mapping.Repository(Grammar.AttestationRepository, home);
        return pipeline is null || branch is null || limit is null || repository is null
            ? null
            : new AttestationPolicy(pipeline, branch, limit.Value, repository);
    }

    // The rest of the lease is for everything else: waiting for the other secrets, promoting, or putting back.
    private static Duration? Limit(MappingReader mapping, RunLimits limits, ProblemList problems)
    {
        var most = limits.Lease / 2;
        var written = mapping.Has(Grammar.AttestationLimit);
        if ((written ? PeriodReader.Limit(mapping, Grammar.AttestationLimit, problems) : AttestationPolicy.UsualLimit) is not { } limit)
            return null;
        if (limit <= most)
            return limit;
        problems.Add(
            mapping.PlaceOf(Grammar.AttestationLimit),
            $"\"limit\" is {limit.TotalMinutes:0} minutes{(written ? "" : " by default")}, and a claim leaves at most "
                + $"{most.TotalMinutes:0.#} for the proof (half of the time that its holder may use)",
            "Write a shorter \"limit\", or a longer \"claim-limit\" under \"limits\".");
        return null;
    }
}
