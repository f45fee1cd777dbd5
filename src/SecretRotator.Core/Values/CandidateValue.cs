namespace SecretRotator.Values;

/// <summary>Makes the new content of a secret.</summary>
public static class CandidateValue
{
    /// <summary>Whether the new content is made from the current one.</summary>
    /// <param name="policy">How it is made.</param>
    public static bool NeedsCurrent(ValuePolicy policy) => policy is ValuePolicy.Json;

    /// <summary>The whole new content: generated, or the current one with its generated fields replaced. The caller disposes it.</summary>
    /// <param name="policy">How it is made; not by the vault.</param>
    /// <param name="current">The current content, which the caller keeps; null where it isn't needed (<see cref="NeedsCurrent"/>).</param>
    /// <param name="random">Where randomness comes from.</param>
    /// <exception cref="SecretContentException">The current content isn't a JSON object that has the generated fields as
    /// strings.</exception>
    /// <exception cref="ArgumentNullException">The current content is needed.</exception>
    /// <exception cref="ArgumentException">The vault makes the value, or no value meets the rule.</exception>
    public static SecretValue Make(ValuePolicy policy, SecretValue? current, IRandomSource random)
    {
        return policy switch
        {
            ValuePolicy.Plain plain => ValueFactory.Generate(plain.Generator, random),
            ValuePolicy.Json json => WithNewFields(json, current ?? throw new ArgumentNullException(nameof(current)), random),
            _ => throw new ArgumentException("The vault makes this value.", nameof(policy)),
        };
    }

    private static SecretValue WithNewFields(ValuePolicy.Json policy, SecretValue current, IRandomSource random)
    {
        var made = new Dictionary<string, SecretValue>(StringComparer.Ordinal);
        try
        {
            foreach (var (field, generator) in policy.Fields)
            {
                if (generator is ValueGenerator.SshKey rule)
                {
                    var pair = SshKeyPair.Generate(rule, random);
                    made.Add(field, pair.Private);
                    made.Add(rule.PublicField, pair.Public);
                }
                else
                {
                    made.Add(field, ValueFactory.Generate(generator, random));
                }
            }

            return JsonSecret.Replace(current, made);
        }
        finally
        {
            foreach (var value in made.Values)
                value.Dispose();
        }
    }
}
