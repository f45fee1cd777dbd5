namespace SecretRotator.Sandbox.Bitbucket;

/// <summary>The SSH key pair of a repository's pipelines. Its private key is never answered.</summary>
internal static class EmulatedKeyPair
{
    /// <summary>Answers a call on the key pair of a repository that the caller may see.</summary>
    public static SandboxAnswer Answer(SandboxRequest request, RepositoryState repository)
    {
        if (!repository.PipelinesEnabled)
            return BitbucketAnswers.NotFound("pipelines configuration");
        switch (request.Method)
        {
            case "PUT" when BitbucketRequests.Read(request.Body, BitbucketRequests.Default.KeyPairRequest) is { } asked
                && Of(asked.PrivateKey) is { } pair && SshPublicKey.Parse(asked.PublicKey)?.Fingerprint == pair.Uuid:
                repository.KeyPair = [pair];
                return Describe(pair) with { Changed = true };
            case "PUT":
                return BitbucketAnswers.ByPipelines(400, "Bad request", "The private key and the public key are no SSH key pair.");
            case not ("GET" or "DELETE"):
                return BitbucketAnswers.NotAllowed();
            case var _ when repository.KeyPair is []:
                return BitbucketAnswers.NotFound("SSH key pair");
            case "GET":
                return Describe(repository.KeyPair[0]);
            default:
                repository.KeyPair = [];
                return SandboxAnswer.Done;
        }
    }

    /// <summary>The pair of a private key in OpenSSH's format; null where the text is none.</summary>
    public static VariableState? Of(string privateKey) => KeyOf(privateKey) is { } key
        ? new() { Uuid = key.Fingerprint, Key = VariableScope.SshKeyPair.Key, Value = privateKey, Secured = true }
        : null;

    private static SshPublicKey? KeyOf(string privateKey) => SshPublicKey.FindIn(Encoding.UTF8.GetBytes(privateKey));

    private static SandboxAnswer Describe(VariableState pair) => SandboxAnswer.Json(200, new JsonObject
    {
        ["type"] = "pipeline_ssh_key_pair",
        ["public_key"] = KeyOf(pair.Value)!.Text,
    });
}
