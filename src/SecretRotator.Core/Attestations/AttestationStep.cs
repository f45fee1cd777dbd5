using SecretRotator.Bitbucket;

namespace SecretRotator.Attestations;

/// <summary>
/// What the step of <c>docs/attestation/bitbucket-pipelines.yml</c> is given, and what it is called. The step answers
/// with a line for each key, see <see cref="AttestationAnswers"/>.
/// </summary>
public static class AttestationStep
{
    /// <summary>The variable with the one-time nonce: 64 lower-case hexadecimal digits, secured.</summary>
    public const string NonceVariable = "SECRET_ROTATOR_ATTEST_NONCE";

    /// <summary>The variable with the keys to answer for, with spaces between them.</summary>
    public const string KeysVariable = "SECRET_ROTATOR_ATTEST_KEYS";

    /// <summary>The variable that names the run, so that people, and a run whose call got no answer, know whose pipeline it is.</summary>
    public const string RunVariable = "SECRET_ROTATOR_ATTEST_RUN";

    /// <summary>The bytes of a nonce.</summary>
    public const int NonceBytes = 32;

    /// <summary>Whether a running pipeline only proves what it sees: it answers with a keyed hash, and uses no value for anything
    /// else.</summary>
    public static bool IsAttestation(AttestationPolicy? policy, RunningPipeline running) =>
        policy is not null && running.Custom is { } custom
            && (custom == policy.Pipeline || custom.StartsWith(policy.Pipeline + "-", StringComparison.Ordinal));

    /// <summary>The custom pipeline for a place: <c>NAME</c>, or <c>NAME-ENVIRONMENT</c> in lower case, with hyphens for spaces.</summary>
    public static string PipelineOf(AttestationPolicy policy, AttestationPlace place) => place.Environment is { } environment
        ? $"{policy.Pipeline}-{environment.ToLowerInvariant().Replace(' ', '-')}"
        : policy.Pipeline;
}
