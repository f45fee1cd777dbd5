using SecretRotator.Attestations;
using SecretRotator.Bitbucket;
using SecretRotator.Evidence;
using SecretRotator.Providers.Bitbucket.CodeInsights;
using SecretRotator.Sandbox.Bitbucket;
using SecretRotator.Sandbox.Faults;
using SecretRotator.Tests.Providers.Bitbucket;

namespace SecretRotator.Tests.Contracts;

/// <summary>
/// Plays a scenario that makes every call of the client, and holds each request of the client and each answer of the
/// emulator to Atlassian's own description of the API.
/// </summary>
public sealed class BitbucketDescriptionTests
{
    // They happen though the description doesn't declare them: seen in several clients and their issue trackers.
    private static readonly (int Status, string Why)[] UndeclaredStatuses =
    [
        (400, "a key that Bitbucket doesn't take, a plain variable that stays plain"),
        (401, "a wrong, revoked or ended credential"),
        (403, "a credential without the scope"),
        (404, "a listing of something that doesn't exist or may not be seen, a report to delete that isn't there"),
        (409, "a rename to a key that exists"),
        (429, "too many calls, as plain text"),
        (503, "Bitbucket in trouble, as a web page"),
    ];

    // Where the real answers differ from the description.
    private static readonly (string Flaw, string Why)[] KnownFlaws =
    [
        (".value is Null, not string", "a secured value is absent, empty or null"),
        (".last_used is Null, not string", "a deploy key was never used, as in the description's own example"),
        ("answer.type is missing", "errors of the Pipelines service have no type"),
        ("answer.error.detail is Object, not string", "a missing scope is told with lists of scopes"),
    ];

    // What the client calls, which is what the description in tests/Data is cut down to.
    private static readonly string[] Operations =
    [
        "GET /repositories/{workspace}",
        "GET /repositories/{workspace}/{repo_slug}",
        "PUT /repositories/{workspace}/{repo_slug}/commit/{commit}/reports/{reportId}",
        "DELETE /repositories/{workspace}/{repo_slug}/commit/{commit}/reports/{reportId}",
        "POST /repositories/{workspace}/{repo_slug}/commit/{commit}/reports/{reportId}/annotations",
        "GET /repositories/{workspace}/{repo_slug}/deploy-keys",
        "POST /repositories/{workspace}/{repo_slug}/deploy-keys",
        "DELETE /repositories/{workspace}/{repo_slug}/deploy-keys/{key_id}",
        "GET /repositories/{workspace}/{repo_slug}/deployments_config/environments/{environment_uuid}/variables",
        "POST /repositories/{workspace}/{repo_slug}/deployments_config/environments/{environment_uuid}/variables",
        "PUT /repositories/{workspace}/{repo_slug}/deployments_config/environments/{environment_uuid}/variables/{variable_uuid}",
        "DELETE /repositories/{workspace}/{repo_slug}/deployments_config/environments/{environment_uuid}/variables/{variable_uuid}",
        "GET /repositories/{workspace}/{repo_slug}/environments",
        "GET /repositories/{workspace}/{repo_slug}/pipelines",
        "POST /repositories/{workspace}/{repo_slug}/pipelines",
        "GET /repositories/{workspace}/{repo_slug}/pipelines/{pipeline_uuid}",
        "GET /repositories/{workspace}/{repo_slug}/pipelines/{pipeline_uuid}/steps",
        "GET /repositories/{workspace}/{repo_slug}/pipelines/{pipeline_uuid}/steps/{step_uuid}",
        "GET /repositories/{workspace}/{repo_slug}/pipelines/{pipeline_uuid}/steps/{step_uuid}/log",
        "POST /repositories/{workspace}/{repo_slug}/pipelines/{pipeline_uuid}/stopPipeline",
        "GET /repositories/{workspace}/{repo_slug}/pipelines_config",
        "GET /repositories/{workspace}/{repo_slug}/pipelines_config/schedules",
        "POST /repositories/{workspace}/{repo_slug}/pipelines_config/schedules",
        "PUT /repositories/{workspace}/{repo_slug}/pipelines_config/schedules/{schedule_uuid}",
        "DELETE /repositories/{workspace}/{repo_slug}/pipelines_config/schedules/{schedule_uuid}",
        "GET /repositories/{workspace}/{repo_slug}/pipelines_config/ssh/key_pair",
        "PUT /repositories/{workspace}/{repo_slug}/pipelines_config/ssh/key_pair",
        "DELETE /repositories/{workspace}/{repo_slug}/pipelines_config/ssh/key_pair",
        "GET /repositories/{workspace}/{repo_slug}/pipelines_config/variables",
        "POST /repositories/{workspace}/{repo_slug}/pipelines_config/variables",
        "GET /repositories/{workspace}/{repo_slug}/pipelines_config/variables/{variable_uuid}",
        "PUT /repositories/{workspace}/{repo_slug}/pipelines_config/variables/{variable_uuid}",
        "DELETE /repositories/{workspace}/{repo_slug}/pipelines_config/variables/{variable_uuid}",
        "GET /workspaces/{workspace}/pipelines-config/variables",
        "POST /workspaces/{workspace}/pipelines-config/variables",
        "PUT /workspaces/{workspace}/pipelines-config/variables/{variable_uuid}",
        "DELETE /workspaces/{workspace}/pipelines-config/variables/{variable_uuid}",
    ];

    private static readonly VariableScope[] Scopes =
    [
        new VariableScope.Workspace(BitbucketStage.Workspace),
        new VariableScope.Repository(BitbucketStage.Workspace, BitbucketStage.Repository),
        new VariableScope.Environment(BitbucketStage.Workspace, BitbucketStage.Repository, BitbucketStage.Environment),
    ];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_request_and_every_answer_agrees_with_atlassian_s_description()
    {
        var description = OpenApiDescription.Read();

        var calls = await PlayAsync();

        calls.SelectMany(call => Flaws(description, call)).Should().BeEmpty();
    }

    [Fact]
    public async Task The_scenario_meets_every_operation_that_the_client_knows()
    {
        var description = OpenApiDescription.Read();

        var met = (await PlayAsync()).Select(call => $"{call.Method} {description.Operation(call.Method, call.Uri)?.Template}");

        met.Distinct(StringComparer.Ordinal).Should().BeEquivalentTo(Operations);
    }

    [Fact]
    public async Task The_scenario_meets_all_that_the_stand_in_has()
    {
        var met = (await PlayAsync()).Select(call => BitbucketRoute.Of(call.Uri.AbsolutePath)!.Collection).Distinct();

        met.Should().BeEquivalentTo(Enum.GetValues<BitbucketCollection>());
    }

    [Fact]
    public void The_description_holds_no_more_than_is_used()
    {
        var description = OpenApiDescription.Read();

        description.Operations.Should().BeEquivalentTo(Operations);
        description.Unreached.Should().BeEmpty();
    }

    [Fact]
    public void The_check_finds_what_is_wrong()
    {
        var description = OpenApiDescription.Read();
        var uri = new Uri("https://api.bitbucket.org/2.0/workspaces/acme/pipelines-config/variables");

        Flaws(description,
            new("POST", uri, "application/json", """{"key":1,"valve":"v"}""", null, 201, "application/json", """{"uuid":7}""")).Should()
                .BeEquivalentTo(
            $"POST {uri}: request.type is missing",
            $"POST {uri}: request.key is Number, not string",
            $"POST {uri}: request.valve isn't declared",
            $"POST {uri}: answer.type is missing",
            $"POST {uri}: answer.uuid is Number, not string");
        Flaws(description, new("PATCH", uri, null, "", null, 200, null, ""))
            .Should().ContainSingle().Which
            .Should().EndWith("the description has no such operation");
        Flaws(description, new("GET", uri, null, "", null, 418, null, ""))
            .Should().ContainSingle().Which
            .Should().EndWith("418 isn't declared");
    }

    private static IEnumerable<string> Flaws(OpenApiDescription description, RecordedCall call)
    {
        var name = $"{call.Method} {call.Uri}";
        if (description.Operation(call.Method, call.Uri) is not { } operation)
            return [$"{name}: the description has no such operation"];
        return RequestFlaws(description, call, operation).Concat(AnswerFlaws(description, call, operation))
            .Select(flaw => $"{name}: {flaw}");
    }

    private static List<string> RequestFlaws(OpenApiDescription description, RecordedCall call, OpenApiOperation operation)
    {
        if (call.Body.Length == 0)
            return operation.RequestSchema is null ? [] : ["the request has no body"];
        // What adding a deploy key takes is only shown in an example there: it is a part of what is answered.
        var asked = operation.Template.EndsWith("/deploy-keys", StringComparison.Ordinal)
            ? operation.AnswerSchema(200)
            : operation.RequestSchema;
        if (asked is not { } schema || call.ContentType != "application/json")
            return ["the request has a body that the description doesn't know"];
        using var body = JsonDocument.Parse(call.Body);
        var item = description.Resolve(schema).TryGetProperty("items", out var items) ? items : schema;
        var declared = description.Properties(item).ToHashSet(StringComparer.Ordinal);
        return
        [
            .. description.Flaws(body.RootElement, schema, "request").Where(flaw => !IsFact(flaw)),
            .. Objects(body.RootElement)
                .SelectMany(each => each.EnumerateObject())
                .Where(p => !declared.Contains(p.Name))
                .Select(p => $"request.{p.Name} isn't declared"),
        ];
    }

    private static IEnumerable<JsonElement> Objects(JsonElement body) =>
        body.ValueKind == JsonValueKind.Array ? body.EnumerateArray() : [body];

    // A fact's value is declared as an object, and the description's own text and example have numbers, booleans and texts.
    private static bool IsFact(string flaw) =>
        flaw.StartsWith("request.data[", StringComparison.Ordinal) && flaw.EndsWith(", not object", StringComparison.Ordinal);

    private static List<string> AnswerFlaws(OpenApiDescription description, RecordedCall call, OpenApiOperation operation)
    {
        if (!operation.Declares(call.Status))
            return UndeclaredStatuses.Any(u => u.Status == call.Status) ? [] : [$"{call.Status} isn't declared"];
        if (operation.AnswerSchema(call.Status) is not { } schema)
            return call.Answer.Length == 0 ? [] : ["the answer has a body that the description doesn't know"];
        if (call.AnswerType != "application/json")
            return [$"the answer is {call.AnswerType}"];
        using var answer = JsonDocument.Parse(call.Answer);
        return [.. description.Flaws(answer.RootElement, schema, "answer").Where(flaw => call.Status < 300
            ? !KnownFlaws[..2].Any(known => flaw.EndsWith(known.Flaw, StringComparison.Ordinal))
            : !KnownFlaws[2..].Any(known => flaw == known.Flaw))];
    }

    private static async Task<IReadOnlyList<RecordedCall>> PlayAsync()
    {
        await using var stage = await BitbucketStage.StartAsync(faults: "bitbucket.put@TROUBLE#1=503");
        using var value = SecretValue.FromText("a value");
        var variables = stage.Connection.Variables;
        foreach (var scope in Scopes)
        {
            for (var i = 0; i < 120; i++)
                await stage.SeedAsync(scope, $"KEY_{i}", secured: i % 3 > 0);
            await variables.ListAsync(scope, Cancellation);
            var created = (await variables.CreateAsync(scope, "TROUBLE", value, Cancellation)).Variable;
            await variables.PutAsync(scope, created, value, Cancellation);
            await RefusedAsync(() => variables.CreateAsync(scope, "key_1", value, Cancellation));
            await variables.DeleteAsync(scope, created.Uuid, Cancellation);
            await variables.DeleteAsync(scope, created.Uuid, Cancellation);
            await RefusedAsync(() => variables.PutAsync(scope, created, value, Cancellation));
        }
        await RefusedAsync(() => variables.ListAsync(new VariableScope.Repository(BitbucketStage.Workspace, "missing"), Cancellation));

        var board = stage.Connection.Claims(BitbucketStage.Home);
        var text = new ClaimText(
            new("r"), new("v"), Instant.FromUtc(2026, 11, 23, 12, 0), new Holder.Process("0123456789abcdef", 1, 1, "x"));
        await board.FindAsync("CLAIM", Cancellation);
        var claim = await board.PostAsync("CLAIM", text, Cancellation);
        await board.PostAsync("CLAIM", text with { Rotation = new("other") }, Cancellation);
        await board.RemoveAsync(claim.Standing.Uuid, null, Cancellation);

        var pipeline = Guid.NewGuid();
        await stage.ChangeAsync(state => state.Workspaces[BitbucketStage.Workspace].Repositories[BitbucketStage.Repository].Pipelines
            .Add(new PipelineState
            {
                Uuid = pipeline.ToString("B"),
                BuildNumber = 7,
                State = "COMPLETED",
                Result = "FAILED",
                StepUuid = pipeline.ToString("B"),
            }));
        var holder = new Holder.Pipeline(BitbucketStage.Workspace, BitbucketStage.Repository, pipeline.ToString(), 7);
        foreach (var step in new[] { null, new Holder.StepRun(pipeline.ToString(), 1), new Holder.StepRun(Guid.NewGuid().ToString(), 1) })
            await stage.Connection.Holders.StateOfAsync(holder with { Step = step }, Cancellation);
        await ProveAsync(stage);
        await stage.ChangeAsync(state => state.Workspaces[BitbucketStage.Workspace].Repositories[BitbucketStage.Repository].Pipelines
            .Add(new PipelineState { Uuid = Guid.NewGuid().ToString("B"), BuildNumber = 8, Created = DateTimeOffset.UnixEpoch }));
        await stage.Connection.InFlight.ListRunningAsync(
            new VariableScope.Repository(BitbucketStage.Workspace, BitbucketStage.Repository), Cancellation);
        var insights = stage.Connection.Insights(
            new CommitFacts(BitbucketStage.Workspace, BitbucketStage.Repository, "0f3b11c0ffee"),
            why => throw new InvalidOperationException(why));
        for (var i = 0; i < 2; i++)
        {
            await insights.PublishAsync(
                new InsightReport(
                    "Secret rotation",
                    "1 secret is overdue.",
                    HasPassed: false,
                    [
                        new InsightFact.Number("Secrets", 8),
                        new InsightFact.Percentage("Within policy", 87.5),
                        new InsightFact.Flag("Whole", true),
                        new InsightFact.Text("Oldest", "x"),
                        new InsightFact.Date("Next", Instant.FromUtc(2026, 11, 24, 1, 30)),
                    ],
                    [new InsightAnnotation(
                        "a", InsightSeverity.High, InsightKind.Vulnerability, "It is overdue.", "Rotate it.", "rotation.yaml", 12)]),
                Cancellation);
        }

        await PlaySchedulesAsync(stage);
        await PlayDeployKeysAsync(stage);
        await PlayKeyPairAsync(variables);
        var repository = new VariableScope.Repository(BitbucketStage.Workspace, BitbucketStage.Repository);
        await stage.Connection.Repositories.RunPipelinesAsync(repository, Cancellation);
        await stage.Connection.Repositories.IsSeenAsync(repository, Cancellation);
        await stage.Connection.Scopes.ListRepositoriesAsync(BitbucketStage.Workspace, "APPS", Cancellation);
        await stage.ChangeAsync(state => state.Credentials[0].Scopes = []);
        await RefusedAsync(() => variables.ListAsync(Scopes[0], Cancellation));
        // Where logs are kept is no part of the API, and a lost answer is none.
        return [.. stage.Recorded.Calls.Where(
            call => call.Status != 0 && !call.Uri.AbsolutePath.StartsWith(BitbucketRuns.StoragePath, StringComparison.Ordinal))];
    }

    private static async Task ProveAsync(BitbucketStage stage)
    {
        await stage.ChangeAsync(
            state => state.Workspaces[BitbucketStage.Workspace].Repositories[BitbucketStage.Home.Slug].PipelineFile =
                "pipelines: { custom: { attest: [ { step: { script: [ 'true' ] } } ] } }");
        using var nonce = SecretValue.FromText(new string('a', 64));
        var order = new PipelineOrder(BitbucketStage.Home, "main", "attest", RunId.None, ["KEY"], nonce);
        stage.Host.Faults.Add([FaultSpec.Parse("bitbucket.run#1=lost")]);
        var started = await stage.Connection.Pipelines.StartAsync(order, Cancellation);
        while ((await stage.Connection.Pipelines.LookAsync(started, Cancellation)).Result is null)
            await Task.Yield();
        await stage.Connection.Pipelines.ReadLogAsync(started, Cancellation);
        await stage.Connection.Pipelines.StopAsync(started, Cancellation);
        await RefusedAsync(() => stage.Connection.Pipelines.StartAsync(order with { Pipeline = "missing" }, Cancellation));
    }

    private static async Task PlaySchedulesAsync(BitbucketStage stage)
    {
        var store = stage.Connection.Schedules(BitbucketStage.Home);
        var declared = BitbucketSchedulesTests.Declared;
        var made = await store.CreateAsync(declared, [], Cancellation);
        await store.EnableAsync(made, enabled: false, Cancellation);
        await stage.ChangeAsync(state => state.MostSchedules = 1);
        await RefusedAsync(() => store.CreateAsync(declared with { Pipeline = "verify" }, [], Cancellation));
        await store.ListAsync(BitbucketStage.Home, Cancellation);
        await store.DeleteAsync(made, Cancellation);
        await store.DeleteAsync(made, Cancellation);
        await RefusedAsync(() => store.EnableAsync(made, enabled: true, Cancellation));
    }

    private static async Task PlayDeployKeysAsync(BitbucketStage stage)
    {
        var repository = new VariableScope.Repository(BitbucketStage.Workspace, BitbucketStage.Repository);
        await stage.ChangeAsync(BitbucketAuthentication.AdmitDeployKeys);
        var key = SshPublicKey.Parse("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIUQhd9mtd14FfQpWFU5V+HWIS/k4Jn4GPsukdr+chT1 me@host")!;
        await stage.Connection.DeployKeys.AddAsync(repository, key, "label", Cancellation);
        await stage.Connection.DeployKeys.ListAsync(repository, Cancellation);
        await stage.Connection.DeployKeys.RemoveAsync(repository, key.Fingerprint, Cancellation);
    }

    private static async Task PlayKeyPairAsync(IVariableStore variables)
    {
        var scope = new VariableScope.SshKeyPair(BitbucketStage.Workspace, BitbucketStage.Repository);
        using var pair = SshKeyPair.Generate(new(SshKeyAlgorithm.Ed25519, 0, "public", ""), new SystemRandom());
        await variables.ListAsync(scope, Cancellation);
        var created = await variables.CreateAsync(scope, VariableScope.SshKeyPair.Key, pair.Private, Cancellation);
        await variables.PutAsync(scope, created.Variable, pair.Private, Cancellation);
        await variables.ListAsync(scope, Cancellation);
        await variables.DeleteAsync(scope, created.Variable.Uuid, Cancellation);
    }

    private static async Task RefusedAsync(Func<Task> act) => await act.Should().ThrowAsync<RemoteFailureException>();
}
