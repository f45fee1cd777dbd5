
using SecretRotator.Vaults;

namespace SecretRotator.Configuration;

/// <summary>Reads <c>verify</c>, which targets, secrets and defaults may have.</summary>
internal static class VerifyReader
{
    /// <summary>The level that is written, or the usual one where none is, or a wrong one, which is reported.</summary>
    public static VerificationLevel Read(MappingReader mapping, VerificationLevel usual) =>
        mapping.Word(Grammar.Verify, Grammar.VerifyWords) is (true, var level) ? level : usual;
}
