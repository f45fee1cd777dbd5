namespace SecretRotator.Values;

/// <summary>Which characters a password draws from.</summary>
public static class PasswordAlphabet
{
    private const string Lower = "abcdefghijklmnopqrstuvwxyz";
    private const string Upper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    private const string Digits = "0123456789";
    private const string Symbols = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";

    /// <summary>The ASCII characters of a class, without the excluded ones; may be empty.</summary>
    public static string Of(CharacterClass characters, string exclude)
    {
        ArgumentNullException.ThrowIfNull(exclude);
        var all = characters switch
        {
            CharacterClass.Lower => Lower,
            CharacterClass.Upper => Upper,
            CharacterClass.Digit => Digits,
            CharacterClass.Symbol => Symbols,
            _ => throw new ArgumentOutOfRangeException(nameof(characters)),
        };
        return exclude.AsSpan().ContainsAny(all) ? string.Concat(all.Where(c => !exclude.Contains(c, StringComparison.Ordinal))) : all;
    }
}
