using System.Security.Cryptography;

namespace SecretRotator.Values;

/// <summary>Makes passwords that are uniformly distributed over everything that the rule allows.</summary>
/// <remarks>
/// Each character is chosen by a random byte; bytes beyond the largest multiple of the alphabet's size are thrown
/// away, so none is likelier than another. A candidate that lacks a class is thrown away as a whole, and not fixed:
/// that keeps every allowed password equally likely.
/// </remarks>
internal static class PasswordMaker
{
    // The rarest rule that an inventory can write is met once in some thousand candidates; a source of randomness
    // that is broken would otherwise keep this going forever.
    private const int MostCandidates = 1_000_000;

    public static SecretValue Make(ValueGenerator.Password rule, IRandomSource random)
    {
        var classes = rule.Classes.Distinct().Select(c => PasswordAlphabet.Of(c, rule.Exclude)).ToArray();
        if (classes.Length == 0 || classes.Any(c => c.Length == 0) || rule.Length < classes.Length)
            throw new ArgumentException(
                "No password meets this rule: a class is empty, or there are more classes than characters.", nameof(rule));
        var alphabet = System.Text.Encoding.ASCII.GetBytes(string.Concat(classes));
        using var candidate = new SecretBuffer(rule.Length);
        var characters = candidate.Extend(rule.Length);
        using var bytes = new RandomBytes(random);
        for (var attempt = 0; attempt < MostCandidates; attempt++)
        {
            foreach (ref var character in characters)
                character = alphabet[bytes.NextBelow(alphabet.Length)];
            if (HasAll(classes, characters))
                return candidate.ToValue();
        }

        throw new CryptographicException("The source of randomness is broken: it never yields a password that meets the rule.");
    }

    private static bool HasAll(string[] classes, ReadOnlySpan<byte> characters)
    {
        foreach (var one in classes)
        {
            var found = false;
            foreach (var character in characters)
                found |= one.Contains((char)character, StringComparison.Ordinal);
            if (!found)
                return false;
        }

        return true;
    }

    /// <summary>Random bytes, fetched in blocks and wiped.</summary>
    private sealed class RandomBytes(IRandomSource random) : IDisposable
    {
        private readonly byte[] _block = GC.AllocateUninitializedArray<byte>(128, pinned: true);
        private int _used = 128;

        /// <summary>A number from 0 to <paramref name="count"/> - 1, each equally likely.</summary>
        public int NextBelow(int count)
        {
            var accepted = 256 - (256 % count);
            while (true)
            {
                if (_used == _block.Length)
                {
                    random.Fill(_block);
                    _used = 0;
                }

                var value = _block[_used++];
                if (value < accepted)
                    return value % count;
            }
        }

        public void Dispose() => CryptographicOperations.ZeroMemory(_block);
    }
}
