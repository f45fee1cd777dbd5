namespace SecretRotator.Values;

/// <summary>Which characters a password draws from.</summary>
public static class PasswordAlphabet
{
    /// <summary>The ASCII characters of a class, without the excluded ones; may be empty.</summary>
    public static string Of(CharacterClass characters, string exclude)
    {
        var all = characters switch
        {
            CharacterClass.Lower => "abcdefghijklmnopqrstuvwxyz",
            CharacterClass.Upper => "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
            CharacterClass.Digit => "0123456789",
            CharacterClass.Symbol => "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~",
            _ => throw new ArgumentOutOfRangeException(nameof(characters)),
        };
        return exclude.AsSpan().ContainsAny(all) ? string.Concat(all.Where(c => !exclude.Contains(c, StringComparison.Ordinal))) : all;
    }
}
