namespace SecretRotator.Configuration;

/// <summary>The targets that ask for the proof of a pipeline, which not every inventory can give.</summary>
internal sealed class AttestedTargets(ProblemList problems)
{
    private readonly List<(VariableTarget Target, MappingReader Place)> _all = [];

    /// <summary>Notes a target, whether it asks for the proof or not.</summary>
    public void Add(VariableTarget target, MappingReader place) => _all.Add((target, place));

    /// <summary>Reports targets whose proof nothing can give.</summary>
    /// <param name="policy">How proofs are made; null where the inventory doesn't say, or says it wrong.</param>
    /// <param name="isWritten">Whether the inventory says it.</param>
    public void Check(AttestationPolicy? policy, bool isWritten)
    {
        var asking = _all.Where(each => each.Target.Verify == VerificationLevel.Attested).ToList();
        if (!isWritten && asking is [var first, ..])
        {
            problems.Add(
                first.Place.PlaceOf(Grammar.Verify),
                "A target asks for the proof of a pipeline, and the inventory names none",
                $"Add \"{Grammar.Attestation.Example}\" at the top level, or write \"verify: listed\".");
        }

        if (policy is null)
            return;
        var ofTheRepository = _all
            .Where(each => each.Target.Scope == policy.Repository)
            .Select(each => each.Target.Variable)
            .ToHashSet(StringComparer.OrdinalIgnoreCase);
        foreach (var (target, place) in asking.Where(each => each.Target.Scope is VariableScope.Workspace))
        {
            if (ofTheRepository.Contains(target.Variable))
            {
                problems.Add(
                    place.At,
                    $"A pipeline of {Quoted.Of(policy.Repository.Slug)} can't prove the workspace's {Quoted.Of(target.Variable)}: it "
                        + "sees the repository's own variable of that key",
                    "Name another repository under \"attestation\".");
            }
        }
    }
}
