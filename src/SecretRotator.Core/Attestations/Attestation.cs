using System.Security.Cryptography;

namespace SecretRotator.Attestations;

/// <summary>What one pipeline said of the variables that its step saw, and the nonce that it said it under.</summary>
internal sealed class Attestation(StartedPipeline pipeline, byte[] nonce, AttestationAnswers answers)
{
    /// <summary>Why a target isn't proven to hold what was sent to it, for people; null where it is.</summary>
    /// <param name="target">The target.</param>
    /// <param name="key">Its key as Bitbucket writes it.</param>
    /// <param name="sent">The whole content that was sent.</param>
    /// <param name="before">The whole content from before, or null where it isn't known.</param>
    public string? FindObjection(VariableTarget target, string key, SecretValue sent, SecretValue? before)
    {
        if (answers.LackPermission(key))
            return $"{target}: {pipeline} doesn't answer for {key}. Add it to the list sr_allowed in the script of its step.";
        if (answers.LackVariable(key))
            return $"{target}: {pipeline} has no variable {key}.{Reach(target)}";
        if (answers.Of(key) is not { } answer)
            return $"{target}: {pipeline} gave no answer for {key} that can be read. Its step may be another one than "
                + "docs/attestation/bitbucket-pipelines.yml has, or Bitbucket masked a part of the line in its log.";
        if (Proves(answer, target, key, sent))
            return null;
        return before is not null && Proves(answer, target, key, before)
            ? $"{target}: {pipeline} still sees the value from before. Bitbucket hasn't passed the new one on, or the step keeps it "
            + "somewhere."
            : $"{target}: {pipeline} sees another value than the one that was sent. {Hides(target, key)}";
    }

    private bool Proves(byte[] answer, VariableTarget target, string key, SecretValue content)
    {
        using var value = TargetValue.Of(target, content);
        return CryptographicOperations.FixedTimeEquals(answer, Expected(nonce, key, value));
    }

    /// <summary>The HMAC-SHA256 of <c>KEY=value</c> under the nonce. The key is part of it, so that equal values don't show.</summary>
    internal static byte[] Expected(byte[] nonce, string key, SecretValue value)
    {
        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, nonce);
        hmac.AppendData(Encoding.UTF8.GetBytes(key + "="));
#pragma warning disable RS0030 // What leaves is a keyed hash; the value stays in its buffer.
        return value.Reveal(hmac, static (hash, utf8) =>
        {
            hash.AppendData(utf8.Span);
            return hash.GetHashAndReset();
        });
#pragma warning restore RS0030
    }

    private string Reach(VariableTarget target) => target.Scope is VariableScope.Environment environment
        ? $" Its step needs \"environment: {environment.Name}\"."
        : $" Whether {pipeline.Repository.Slug} may see it is to be looked at in Bitbucket's settings.";

    private string Hides(VariableTarget target, string key) => target.Scope switch
    {
        VariableScope.Environment environment =>
            $"It is shadowed where the pipeline file sets {key} itself, and not seen where the step lacks \"environment: "
                + $"{environment.Name}\".",
        VariableScope.Repository =>
            $"It is shadowed by a variable {key} of a deployment environment where the step runs in one, or where the pipeline file "
                + $"sets {key} itself.",
        _ =>
            $"It is shadowed by a variable {key} of the repository {pipeline.Repository.Slug} or of its deployment environment, or "
                + $"where the pipeline file sets {key} itself.",
    };
}
