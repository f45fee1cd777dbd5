namespace SecretRotator.Values;

/// <summary>What a vault and a variable take: sizes, and no line breaks in a variable. Checked before anything is written.</summary>
public static class SizeLimits
{
    /// <summary>
    /// Characters that the names and values of all variables of a pipeline may have together (Atlassian: variables and
    /// secrets, 120,000). Atlassian names no limit for one value, so this is the least that it can be held to.
    /// </summary>
    public const int BitbucketCharacters = 120_000;

    /// <summary>Refuses content that the vault wouldn't take.</summary>
    /// <exception cref="SecretContentException">It is too large.</exception>
    public static void CheckContent(VaultDefinition vault, SecretValue content)
    {
        var bytes = content.Look(0, static (_, utf8) => utf8.Length);
        if (bytes > vault.LargestSecretBytes)
        {
            throw new SecretContentException(
                $"The new content has {bytes} bytes, and the vault {vault.Name} takes at most {vault.LargestSecretBytes}.",
                "Make the generated value shorter, or move other fields to a secret of their own.");
        }
    }

    /// <summary>Refuses a value that no variable could hold.</summary>
    /// <param name="target">The variable.</param>
    /// <param name="value">What it is to carry, in its encoding.</param>
    /// <exception cref="SecretContentException">It is too large, or has line breaks, which Bitbucket's variables don't take.</exception>
    public static void CheckVariable(VariableTarget target, SecretValue value)
    {
        if (target.Scope is VariableScope.SshKeyPair)
            return;
        var characters = target.Variable.Length + value.Look(0, static (_, utf8) => Encoding.UTF8.GetCharCount(utf8));
        if (characters > BitbucketCharacters)
        {
            throw new SecretContentException(
                $"Name and value of {target} have {characters} characters, and all variables of a pipeline together may have "
                    + $"{BitbucketCharacters}.",
                "Make the value shorter, or deliver one field of it only.");
        }

        if (value.Look(0, static (_, utf8) => utf8.ContainsAny((byte)'\n', (byte)'\r')))
        {
            throw new SecretContentException(
                "The value has line breaks, and a Bitbucket variable takes none.",
                "Add \"encoding: base64\" to the target and decode it where it is used; or, if the line break at its end is a slip, take "
                    + "it out in the vault.");
        }
    }
}
