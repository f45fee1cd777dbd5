namespace SecretRotator.Providers;

/// <summary>How a vault of a kind begins in an inventory of one's own, for <c>init</c>.</summary>
/// <param name="Word">What <c>--cloud</c> calls it, such as <c>aws</c>.</param>
/// <param name="Vault">The lines of the vault in <c>rotation.yaml</c>, without indentation.</param>
/// <param name="Credential">The path of the secret with Bitbucket's credential.</param>
/// <param name="NextStep">How the vault comes to trust the pipelines; the repository's address in Bitbucket is
/// <c>{{repository}}</c>.</param>
internal sealed record VaultStart(string Word, string Vault, string Credential, string NextStep);
