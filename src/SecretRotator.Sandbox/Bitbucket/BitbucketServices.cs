using SecretRotator.Providers.Backends.DeployKeys;
using SecretRotator.Sandbox.Faults;
using SecretRotator.Sandbox.Seeding;
using SecretRotator.Sandbox.Tokens;
using static SecretRotator.Sandbox.SandboxSettings;

namespace SecretRotator.Sandbox.Bitbucket;

/// <summary>Bitbucket: its API with OAuth and pipelines, and its OIDC issuer.</summary>
internal sealed class BitbucketServices : IEmulatedProvider
{
    // What a user who follows an old manual registers.
    private const string AnotherAudience = "https://bitbucket.org";

    public IEnumerable<KeyValuePair<string, ImmutableArray<string>>> Operations =>
    [
        new(BitbucketEmulator.Name, BitbucketEmulator.Operations),
        new(OidcEmulator.Name, OidcEmulator.Operations),
    ];

    public ImmutableArray<Condition> Conditions =>
    [
        StepToken.WrongAudience, StepToken.ExpiredToken, BitbucketAuthentication.MissingScope, BitbucketAuthentication.NoAccess,
        BitbucketSeed.PipelineRunning,
    ];

    public ImmutableArray<ControlPage> Pages =>
    [
        new(
            "/_sandbox/pipelines",
            "Send {\"workspace\": \"acme\", \"repository\": \"payments-api\", \"uuid\": \"…\", \"buildNumber\": 7, "
                + "\"state\": \"IN_PROGRESS\"}; a COMPLETED one has a \"result\" as well; "
                + "\"stage\", \"branch\" and \"createdOn\" are optional.",
            SetPipeline),
    ];

    public IEnumerable<IEmulator> Emulators(ProviderContext context) =>
        [new BitbucketEmulator(new SystemRandom(), context.Conditions), new OidcEmulator()];

    public void Seed(SandboxSeed seed)
    {
        if (seed.Once("signing key"))
            TokenSigner.AddKey(seed.State);
        var bitbucket = new BitbucketSeed(seed);
        bitbucket.Apply();
        PipelineSeed.Apply(seed);
        bitbucket.ApplyRunningPipelines();
    }

    public string? SeedBackend(ManagedSecret secret, string content, SandboxSeed seed)
    {
        if (secret.Backend is not DeployKeyDefinition definition)
            return null;
        new BitbucketSeed(seed).AddDeployKey(definition, content);
        return content;
    }

    public IEnumerable<KeyValuePair<string, string>> Settings(ProviderContext context, SandboxState state, SandboxClock clock)
    {
        var api = context.EndpointOf(BitbucketEmulator.Name);
        yield return new(Prefix + "ENDPOINTS__BITBUCKET", new Uri(api, "2.0").AbsoluteUri);
        yield return new(Prefix + "ENDPOINTS__BITBUCKETOAUTH", new Uri(api, "site/oauth2/access_token").AbsoluteUri);
        yield return new(Prefix + "ENDPOINTS__OIDC", new Uri(context.EndpointOf(OidcEmulator.Name), "2.0").AbsoluteUri);
        var issued = context.Conditions.Contains(StepToken.ExpiredToken) ? clock.Real - (2 * StepToken.Lifetime) : clock.Real;
        var audience = context.Conditions.Contains(StepToken.WrongAudience) ? AnotherAudience : null;
        yield return new("BITBUCKET_STEP_OIDC_TOKEN", StepOf(state, context.Inventory, new SystemRandom()).Mint(state, issued, audience));
        if (context.Inventory.Credential is null)
            yield return new("BITBUCKET_ACCESS_TOKEN", BitbucketAuthentication.AccessToken);
    }

    public void WriteState(JsonObject document, SandboxState state) => BitbucketDocument.Write(document, state.Bitbucket);

    /// <summary>A step of a pipeline in the tool's home repository; both are made where they are missing.</summary>
    public static StepToken StepOf(SandboxState state, RotationInventory inventory, IRandomSource random)
    {
        var workspace = state.Bitbucket.Workspace(inventory.Workspace, random);
        return new StepToken(
            inventory.Workspace,
            workspace.Uuid.Trim('{', '}'),
            workspace.Repository(inventory.Home.Slug, random).Uuid.Trim('{', '}'),
            PipelineUuid: random.Uuid(),
            StepUuid: random.Uuid(),
            EnvironmentUuid: null,
            Branch: "main");
    }

    private static (int Status, JsonObject Answer) SetPipeline(JsonElement asked, SandboxState state, SandboxClock clock)
    {
        var pipeline = new PipelineState
        {
            Uuid = Guid.Parse(asked.GetProperty("uuid").GetString() ?? "").ToString("B"),
            BuildNumber = asked.GetProperty("buildNumber").GetInt32(),
            State = asked.GetProperty("state").GetString() ?? "",
            Result = asked.TryGetProperty("result", out var result) ? result.GetString() : null,
            Stage = asked.TryGetProperty("stage", out var stage) ? stage.GetString() : null,
            Branch = asked.TryGetProperty("branch", out var branch) ? branch.GetString() ?? "" : "main",
            Created = asked.TryGetProperty("createdOn", out var created) ? created.GetDateTimeOffset() : clock.Now,
        };
        var (workspace, repository) = (asked.GetProperty("workspace").GetString() ?? "", asked.GetProperty("repository").GetString() ?? "");
        if (state.Bitbucket.Workspaces.GetValueOrDefault(workspace)?.Repositories.GetValueOrDefault(repository) is not { } home)
            return (404, new JsonObject { ["error"] = $"There is no repository {workspace}/{repository}." });
        home.Pipelines.RemoveAll(other => other.Uuid == pipeline.Uuid);
        home.Pipelines.Add(pipeline);
        return (200, new JsonObject { ["uuid"] = pipeline.Uuid });
    }
}
