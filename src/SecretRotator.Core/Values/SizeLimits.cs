using System.Globalization;
using System.Text;
using SecretRotator.Inventory;

namespace SecretRotator.Values;

/// <summary>How large a secret and a variable may be. Checked before anything is written.</summary>
public static class SizeLimits
{
    /// <summary>Bytes of an AWS Secrets Manager secret (API reference: <c>SecretString</c>, at most 65,536).</summary>
    public const int AwsSecretBytes = 65_536;

    /// <summary>Bytes of an Azure Key Vault secret ("About Azure Key Vault secrets": a maximum of 25k bytes, read here as the smaller 25,000).</summary>
    public const int AzureSecretBytes = 25_000;

    /// <summary>
    /// Characters that the names and values of all variables of a pipeline may have together (Atlassian: variables and
    /// secrets, 120,000). Atlassian names no limit for one value, so this is the least that it can be held to.
    /// </summary>
    public const int BitbucketCharacters = 120_000;

    /// <summary>Refuses content that the vault wouldn't take.</summary>
    /// <exception cref="SecretContentException">It is too large.</exception>
    public static void CheckContent(VaultDefinition vault, SecretValue content)
    {
        ArgumentNullException.ThrowIfNull(vault);
        ArgumentNullException.ThrowIfNull(content);
        var most = vault is VaultDefinition.AzureKeyVault ? AzureSecretBytes : AwsSecretBytes;
        var bytes = content.Look(0, static (_, utf8) => utf8.Length);
        if (bytes > most)
        {
            throw new SecretContentException(
                Text($"The new content has {bytes} bytes, and the vault {vault.Name} takes at most {most}."),
                "Make the generated value shorter, or move other fields to a secret of their own.");
        }
    }

    /// <summary>Refuses a value that no variable could hold.</summary>
    /// <exception cref="SecretContentException">It is too large.</exception>
    public static void CheckVariable(VariableTarget target, SecretValue value)
    {
        ArgumentNullException.ThrowIfNull(target);
        ArgumentNullException.ThrowIfNull(value);
        var characters = target.Variable.Length + value.Look(0, static (_, utf8) => Encoding.UTF8.GetCharCount(utf8));
        if (characters > BitbucketCharacters)
        {
            throw new SecretContentException(
                Text($"Name and value of {target} have {characters} characters, and all variables of a pipeline together may have {BitbucketCharacters}."),
                "Make the value shorter, or deliver one field of it only.");
        }
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
