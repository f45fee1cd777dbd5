using System.Numerics;
using SecretRotator.Inventory;

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
        null => throw new ArgumentNullException(nameof(generator)),
        _ => throw new ArgumentOutOfRangeException(nameof(generator), "A new kind of value needs its entropy counted."),
    };

    // The number of texts that hold every class at least once, by inclusion and exclusion over the classes left out.
    private static double BitsOf(ValueGenerator.Password password)
    {
        var sizes = password.Classes.Distinct().Select(c => PasswordAlphabet.Of(c, password.Exclude).Distinct().Count()).ToArray();
        var all = sizes.Sum();
        var count = BigInteger.Zero;
        for (var leftOut = 0; leftOut < 1 << sizes.Length; leftOut++)
        {
            var missing = sizes.Where((_, i) => (leftOut & (1 << i)) != 0).Sum();
            var texts = BigInteger.Pow(all - missing, password.Length);
            count += BitOperations.PopCount((uint)leftOut) % 2 == 0 ? texts : -texts;
        }

        return count.IsZero ? double.NegativeInfinity : BigInteger.Log(count, 2);
    }
}
