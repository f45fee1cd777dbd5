using SecretRotator.Providers.Doctor;

namespace SecretRotator.Doctor.Trust;

/// <summary>
/// A workload identity pool provider for the same pipeline in Google Cloud, where its other steps may need one
/// (https://cloud.google.com/iam/docs/workload-identity-federation-with-other-providers). No vault of the tool is there.
/// </summary>
/// <param name="facts">Whom to trust.</param>
internal sealed class GcpTrust(TrustFacts facts)
{
    /// <summary>The documents.</summary>
    public TrustSet Documents() => new(
        [new TrustDocument(
            "workload-identity.sh", "A workload identity pool with Bitbucket as a provider", "sh workload-identity.sh", Script())
            {
                Lacks = facts.Lacks,
            }],
        [new TrustWord("PROJECT-ID", "the Google Cloud project."), .. facts.Words],
        facts.Notes);

    private string Script()
    {
        // A claim that a token doesn't have can't be mapped: without an environment there is none.
        var mapping = "google.subject=assertion.sub,attribute.repository=assertion.repositoryUuid"
            + (facts.Environment is null ? "" : ",attribute.environment=assertion.deploymentEnvironmentUuid");
        var condition = $"assertion.repositoryUuid == '{facts.Repository}'"
            + (facts.Environment is { } environment ? $" && assertion.deploymentEnvironmentUuid == '{environment}'" : "");
        return $"""
            gcloud iam workload-identity-pools create bitbucket \
              --project=PROJECT-ID --location=global
            gcloud iam workload-identity-pools providers create-oidc bitbucket \
              --project=PROJECT-ID --location=global --workload-identity-pool=bitbucket \
              --issuer-uri={BitbucketIssuer.Of(facts.Workspace)} \
              --allowed-audiences={facts.Audience} \
              --attribute-mapping={mapping} \
              --attribute-condition="{condition}"

            """.ReplaceLineEndings("\n");
    }
}
