using System.Numerics;

namespace SecretRotator.Values;

/// <summary>How hard a generated value is to guess.</summary>
public static class Entropy
{
    /// <summary>What a value must have, in bits, unless its entry says why less is enough.</summary>
    public const double EnoughBits = 128;

    /// <summary>
    /// The entropy of a value in bits, where every value that the rule allows is equally likely. SSH keys count by
    /// their strength (NIST SP 800-57, part 1, table 2): 128 bits at least.
    /// </summary>
    /// <returns>Zero where the rule allows one value; negative infinity where it allows none.</returns>
    public static double BitsOf(ValueGenerator generator) => generator switch
    {
        ValueGenerator.Password password => BitsOf(password),
        ValueGenerator.Hex hex => 8.0 * hex.Bytes,
        ValueGenerator.Base64 base64 => 8.0 * base64.Bytes,
        ValueGenerator.Base64Url base64 => 8.0 * base64.Bytes,
        ValueGenerator.Uuid => 122,
        ValueGenerator.SshKey => 128,
        _ => throw new ArgumentOutOfRangeException(nameof(generator), "A new kind of value needs its entropy counted."),
    };

    // Of all texts over the alphabet, those that hold every class at least once: their share is counted by inclusion
    // and exclusion over the classes left out.
    private static double BitsOf(ValueGenerator.Password password)
    {
        var sizes = password.Classes.Distinct().Select(c => PasswordAlphabet.Of(c, password.Exclude).Length).ToArray();
        if (sizes.Length == 0 || sizes.Contains(0) || password.Length < sizes.Length)
            return double.NegativeInfinity;
        var all = sizes.Sum();
        var share = 0.0;
        for (var leftOut = 0; leftOut < 1 << sizes.Length; leftOut++)
        {
            var characters = all;
            for (var i = 0; i < sizes.Length; i++)
                characters -= (leftOut & (1 << i)) != 0 ? sizes[i] : 0;
            var texts = Math.Pow((double)characters / all, password.Length);
            share += BitOperations.PopCount((uint)leftOut) % 2 == 0 ? texts : -texts;
        }

        return (password.Length * Math.Log2(all)) + Math.Log2(share);
    }
}
