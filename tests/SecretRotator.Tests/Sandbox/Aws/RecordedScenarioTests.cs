using System.Text.Json.Nodes;

namespace SecretRotator.Tests.Sandbox.Aws;

/// <summary>The emulator answers as the real Secrets Manager did, scenario by scenario.</summary>
public sealed class RecordedScenarioTests
{
    private const string Function = "arn:aws:lambda:eu-west-1:111111111111:function:rotate";

    private static readonly Dictionary<string, Action<RecordedReplay, string>> Scripts = new(StringComparer.Ordinal)
    {
        ["test_can_recreate_delete_secret"] = (r, _) =>
        {
            r.Create("create_secret_res_0", "x");
            r.Delete("delete_res_1", force: true);
            r.Create("create_secret_res_1", "x");
        },
        ["test_exp_raised_on_creation_of_secret_scheduled_for_deletion"] = (r, _) =>
        {
            r.Create(null, "x");
            r.Delete("delete_res", days: 7);
            r.Create("invalid_req_ex", "x");
        },
        ["test_create_and_update_secret"] = CreateAndUpdate,
        ["test_call_lists_secrets_multiple_times"] = ListRepeatedly,
        ["test_call_lists_secrets_multiple_times_snapshots"] = ListRepeatedly,
        ["test_create_multi_secrets"] = ListSeveral,
        ["test_create_multi_secrets_snapshot"] = ListSeveral,
        ["test_put_secret_value_with_version_stages"] = (r, _) =>
        {
            string[][] stages = [["SAMPLESTAGE1", "SAMPLESTAGE0"], ["SAMPLESTAGE1", "SAMPLESTAGE0"], ["AWSPENDING"]];
            r.Create("create_secret_rs_0", "secret_string_v0");
            r.Get("get_secret_value_res_0");
            for (var i = 1; i <= 4; i++)
            {
                r.Put($"put_secret_value_res_{i}", $"secret_string_v{i}", i <= 3 ? stages[i - 1] : null);
                r.Get($"get_secret_value_res_{i}");
            }

            r.Delete("delete_secret_res_1", force: true);
        },
        ["test_invalid_secret_name"] = InvalidName,
        ["test_update_secret_description"] = (r, _) =>
        {
            r.Create("create_secret_rs_0", "MySecretString");
            r.Describe("describe_secret_res_0");
            r.Update("update_secret_res_0", description: "MyDescription");
            r.Describe("describe_secret_res_1");
            r.Update("update_secret_res_1", "MyNewSecretString", "MyNewDescription");
            r.Describe("describe_secret_res_2");
            r.Update("update_secret_res_2", "MyNewSecretStringMyNewSecretString");
            r.Describe("describe_secret_res_3");
            r.Update("update_secret_res_3");
            r.Describe("describe_secret_res_4");
            r.Delete("delete_secret_res_0", force: true);
        },
        ["test_update_secret_version_stages_return_type"] = (r, _) =>
        {
            var v0 = VersionOf(r.Create("create_secret_rs_0", "Something1"));
            var v1 = VersionOf(r.Put("put_secret_value_res_0", "Something2", ["AWSPENDING"]));
            r.Move("update_secret_version_stage_res_0", "AWSCURRENT", v1, v0);
            r.Delete("delete_secret_res_0", force: true);
        },
        ["test_update_secret_version_stages_current_previous"] = (r, _) =>
        {
            r.Create("create_secret_rs_0", "secret_string_v0");
            r.Versions("list_secret_version_ids_res_0");
            r.Update("update_secret_res_0", "secret_string_v1");
            r.Versions("list_secret_version_ids_res_1");
            r.Delete("delete_secret_res_0", force: true);
        },
        ["test_update_secret_version_stages_current_pending"] = (r, _) =>
        {
            var v0 = VersionOf(r.Create("create_secret_rs_0", "Something1"));
            var v1 = VersionOf(r.Put("put_secret_value_res_0", "Something2", ["AWSPENDING"]));
            r.Versions("list_secret_version_ids_res_0");
            r.Move("update_secret_version_stage_res_0", "AWSCURRENT", v1, v0);
            r.Versions("list_secret_version_ids_res_1");
            r.Put("put_secret_value_res_1", "SS3");
            r.Versions("list_secret_version_ids_res_2");
            r.Delete("delete_secret_res_0", force: true);
        },
        ["test_update_secret_version_stages_current_pending_cycle"] =
            (r, _) => Cycle(r, ["AWSPENDING"], ["AWSPENDING"], "put_secret_value_res_2"),
        ["test_update_secret_version_stages_current_pending_cycle_custom_stages_1"] = (r, _) =>
            Cycle(r, ["AWSSOMETHING", "AWSPENDING", "PUT1"], ["AWSPENDING", "PUT2"], "update_secret_version_stage_res_1"),
        ["test_update_secret_version_stages_current_pending_cycle_custom_stages_2"] = CycleFromCurrent,
        ["test_update_secret_version_stages_current_pending_cycle_custom_stages_3"] = LabelOff,
        ["test_non_versioning_version_stages_replacement"] = (r, _) => Replace(r, ["one", "two", "three", "four"]),
        ["test_non_versioning_version_stages_no_replacement"] = (r, _) => Replace(r, ["one", "two", "four"]),
        ["test_secret_not_found"] = (r, _) =>
        {
            r.Get("get_secret_value_not_found_ex");
            r.Versions("list_secret_version_ids_not_found_ex");
        },
        ["test_secret_exists_snapshots"] = (r, _) =>
        {
            r.Create(null, "x");
            r.Create("ex_log", "x");
            r.Delete("delete_secret_res", force: true);
        },
        ["test_no_client_request_token"] = (r, operation) =>
            r.Do("no-client-request-exc",
                operation,
                new JsonObject
                {
                    [operation == "CreateSecret" ? "Name" : "SecretId"] = r.Name,
                    ["SecretString"] = "thisisthesecret",
                    ["Description"] = "My secret string",
                }),
        ["test_create_secret_version_from_empty_secret"] = (r, _) =>
        {
            var arn = (string?)r.Create("create-empty-secret", description: "")["ARN"];
            r.Describe("describe-secret", arn);
            r.Put("put-secret-value", "example-string-to-protect", id: arn);
        },
        ["test_rotate_secret_with_lambda_success"] = (r, now) =>
        {
            r.Create(null, "my_secret", "testing rotation of secrets");
            RotateAndWait(r, "rotate_secret_immediately", Function, now == "True" ? true : null, 1);
            r.Describe("describe_secret_rotated");
            r.Versions("list_secret_versions_rotated_1");
        },
        ["test_rotate_secret_multiple_times_with_lambda_success"] = (r, _) =>
        {
            r.Create(null, "my_secret", "testing rotation of secrets");
            RotateAndWait(r, "rotate_secret_immediately_1", Function, true, 1);
            r.Describe("describe_secret_rotated_1");
            r.Versions("list_secret_versions_rotated_1_1");
            r.Get(null);
            RotateAndWait(r, "rotate_secret_immediately_2", null, null, null);
            r.Describe("describe_secret_rotated_2");
            r.Versions("list_secret_versions_rotated_1_2");
        },
        ["test_rotate_secret_invalid_lambda_arn"] = (r, _) =>
        {
            r.State.UnreachableFunctions.Add(Function);
            r.Create("create_secret", "init");
            r.Rotate("rotate_secret_invalid_arn_exc", Function, days: 1);
            r.Describe("describe_secret");
        },
        ["test_first_rotate_secret_with_missing_lambda_arn"] = (r, _) =>
        {
            r.Create("create_secret", "init");
            r.Rotate("rotate_secret_no_arn_exc", null, days: 1);
            r.Describe("describe_secret");
        },
        ["test_secret_restore"] = (r, _) =>
        {
            r.Create(null, "my_secret", "test description");
            r.Delete("delete_secret_res");
            r.Do("restore_secret_res", "RestoreSecret", new JsonObject { ["SecretId"] = r.Name });
        },
        ["test_secret_tags"] = Tags,
        ["test_deprecated_secret_version_stage"] = Deprecated,
        ["test_get_secret_value_errors"] = (r, _) =>
        {
            var created = r.Create(null, "test");
            r.Get("error_get_secret_value_non_existing", (string?)created["ARN"], stage: "AWSPREVIOUS");
            r.Get("mismatch_version_id_and_stage", version: VersionOf(created), stage: "AWSPREVIOUS");
        },
        ["test_secret_version_not_found"] = (r, _) =>
        {
            r.Create(null);
            r.Get("get_secret_value_no_version_ex");
            r.Get("get_secret_value_version_not_found_ex", version: "99999999-0000-4000-8000-000000000000");
            r.Get("get_secret_value_stage_not_found_ex", stage: "AWSPENDING");
        },
        ["test_get_secret_value"] = (r, _) =>
        {
            var arn = (string?)r.Create(null, binary: "footest"u8.ToArray())["ARN"];
            r.Get("secret_value_response", arn);
            r.Get("secret_value_http_response");
        },
        ["test_force_delete_deleted_secret"] = (r, _) =>
        {
            var arn = (string?)r.Create("create_secret_response", "x")["ARN"];
            r.Delete("delete_secret_response", id: arn);
            r.Describe("describe_secret_response", arn);
            r.Delete("force_delete_secret_response", force: true, id: arn);
        },
        ["test_tag_untag_resource_on_deleted_secret"] = (r, _) =>
        {
            var arn = (string)r.Create(
                "create_secret", "test-secret-value", tags: [new JsonObject { ["Key"] =
                    "initial-tag", ["Value"] = "initial-value" }])["ARN"]!;
            r.Delete("delete_secret", id: arn);
            r.Tag("tag_deleted_secret_error", arn, "new-tag");
            r.Untag("untag_deleted_secret_error", arn, "initial-tag");
        },
        ["test_change_secret_value_after_creation"] = (r, values) =>
        {
            var parts = values.Split('-').Select(RecordedAnswer.Bytes).ToArray();
            r.Create(null, binary: "initial"u8.ToArray());
            r.Get("put_secret_value_secret_response");
            r.Put(null, null, binary: parts[0]);
            r.Get("put_secret_binary_response_updated");
            r.Update(null, binary: parts[1]);
            r.Get("update_secret_binary_response_updated");
        },
    };

    public static TheoryData<string> Played => [.. Scripts.Keys];

    [Theory]
    [MemberData(nameof(Played))]
    public void Every_answer_of_a_scenario_agrees_with_the_recorded_one(string test)
    {
        var scenarios = RecordedTraffic.Scenarios().Where(scenario => TestOf(scenario.Key) == test).ToList();

        scenarios.Should().NotBeEmpty();
        foreach (var (name, recorded) in scenarios)
        {
            var replay = Play(name, recorded);
            replay.Differences.Should().BeEmpty("{0} was recorded on the real service", name);
            replay.NotPlayed.Should().BeEmpty("every answer of {0} is compared", name);
        }
    }

    [Fact]
    public void Every_recorded_scenario_is_compared()
    {
        var scenarios = RecordedTraffic.Scenarios().Keys;

        scenarios.Select(TestOf).Should().OnlyContain(test => Scripts.ContainsKey(test));
        scenarios.Should().HaveCount(50);
    }

    /// <summary>The operations that have a recorded answer.</summary>
    internal static IEnumerable<string> RecordedOperations() =>
        RecordedTraffic.Scenarios().SelectMany(scenario => Play(scenario.Key, scenario.Value).Operations).Distinct(StringComparer.Ordinal);

    private static RecordedReplay Play(string name, JsonObject recorded)
    {
        var replay = new RecordedReplay(recorded);
        var test = TestOf(name);
        Scripts[test](replay, name == test ? "" : name[(test.Length + 1)..^1]);
        return replay;
    }

    private static string TestOf(string scenario) => scenario.Split('[')[0];

    private static string VersionOf(JsonObject answer) => (string)answer["VersionId"]!;

    private static void CreateAndUpdate(RecordedReplay r, string name)
    {
        r.Name = name.EndsWith("-True", StringComparison.Ordinal)
            ? name[..^5]
            : name.EndsWith("-False", StringComparison.Ordinal) ? name[..^6] : name;
        var arn = (string)r.Create("create_secret_rs_1", "my_secret", "Testing secret creation.")["ARN"]!;
        r.Get("get_secret_value_rs_1");
        r.Describe("describe_secret_rs_1");
        r.Get("get_secret_value_rs_2", arn);

        // An ARN without its last six characters finds the secret, unless its name ends as if it had them.
        r.Get(r.Has("get_secret_value_rs_3") ? "get_secret_value_rs_3" : "resource_not_found_dict_1", arn[..^7]);
        r.Put("put_secret_value_rs_1", "new_secret");
        r.Get("get_secret_value_rs_4");
        r.Update("update_secret_res_1", "test123", "d1", id: arn);
        r.Delete("delete_secret_res_1", force: true);
    }

    private static void ListRepeatedly(RecordedReplay r, string parameter)
    {
        r.Create("create_secret_rs_1", "my_secret", "testing creation of secrets");
        foreach (var i in new[] { 0, 1, 2 })
            r.Do($"list_secrets_res_{i}", "ListSecrets", []);
        r.Delete("delete_secret_res_1", force: true);
    }

    private static void ListSeveral(RecordedReplay r, string parameter)
    {
        foreach (var i in new[] { 0, 1, 2 })
        {
            r.Name = $"several-{i}";
            r.Create(null, "x", "Testing secrets creation.");
        }

        r.Do("list_secrets_res", "ListSecrets", []);
        foreach (var i in new[] { 0, 1, 2 })
            r.Delete($"delete_secret_res{i}", force: true, id: $"several-{i}");
    }

    private static void InvalidName(RecordedReplay r, string name)
    {
        r.Name = name.Replace("\\\\", "\\", StringComparison.Ordinal);
        r.Create("ex_log_1", "MySecretString");
        r.Delete("ex_log_2", force: true);
        r.Describe("ex_log_3");
        r.Get("ex_log_4");
        r.Versions("ex_log_5", deprecated: true);
        r.Put("ex_log_6", "MySecretString");
        r.Tag("ex_log_7", r.Name, "FirstTag");
        r.Untag("ex_log_8", r.Name, "FirstTag");
        r.Update("ex_log_9", description: "MyNewDescription");
    }

    private static void Cycle(RecordedReplay r, string[] first, string[] second, string secondMove)
    {
        var v0 = VersionOf(r.Create("create_secret_rs_0", "S1"));
        var v1 = VersionOf(r.Put("put_secret_value_res_0", "S2", first));
        r.Versions("list_secret_version_ids_res_0");
        r.Get("get_secret_value_res_0");
        r.Move("update_secret_version_stage_res_0", "AWSCURRENT", v1, v0);
        r.Versions("list_secret_version_ids_res_1");
        r.Get("get_secret_value_res_1");
        var v2 = VersionOf(r.Put("put_secret_value_res_1", "S3", second));
        r.Versions("list_secret_version_ids_res_2");
        r.Get("get_secret_value_res_2");
        r.Move(secondMove, "AWSCURRENT", v2, v1);
        r.Versions("list_secret_version_ids_res_3");
        r.Get("get_secret_value_res_3");
        r.Delete("delete_secret_res_0", force: true);
    }

    private static void CycleFromCurrent(RecordedReplay r, string parameter)
    {
        r.Create("create_secret_rs_0", "SS");
        var v0 = VersionOf(r.Put("put_secret_value_res_0", "S1", ["AWSCURRENT", "PUT0"]));
        r.Versions("list_secret_version_ids_res_0");
        var v1 = VersionOf(r.Put("put_secret_value_res_1", "S2", ["AWSPENDING", "PUT1"]));
        r.Versions("list_secret_version_ids_res_1");
        r.Get("get_secret_value_res_0");
        r.Move("update_secret_version_stage_res_0", "AWSCURRENT", v1, v0);
        r.Versions("list_secret_version_ids_res_2");
        r.Get("get_secret_value_res_1");
        var v2 = VersionOf(r.Put("put_secret_value_res_2", "S3", ["AWSPENDING", "PUT2"]));
        r.Versions("list_secret_version_ids_res_3");
        r.Get("get_secret_value_res_2");
        r.Move("update_secret_version_stage_res_1", "AWSCURRENT", v2, v1);
        r.Versions("list_secret_version_ids_res_4");
        r.Get("get_secret_value_res_3");
        r.Delete("delete_secret_res_0", force: true);
    }

    private static void LabelOff(RecordedReplay r, string parameter)
    {
        var v1 = VersionOf(r.Create("create_secret_rs", "SS"));
        var v2 = VersionOf(r.Put("put_secret_value_res_0", "S1", ["PENDING"]));
        r.Versions("list_secret_version_ids_rs");
        r.Get("get_secret_value_v1_rs", version: v1);
        r.Get("get_secret_value_v2_rs", version: v2);
        r.Move("update_secret_version_stage_res_1", "AWSCURRENT", v2, v1);
        r.Get("get_secret_value_v1_rs_1", version: v1);
        r.Get("get_secret_value_v2_rs_1", version: v2);
        r.Move("update_secret_version_stage_res_2", "PENDING", null, v2);
        r.Get("get_secret_value_v1_rs_2", version: v1);
        r.Get("get_secret_value_v2_rs_2", version: v2);
        r.Delete("delete_secret_res_0", force: true);
    }

    private static void Replace(RecordedReplay r, string[] second)
    {
        r.Create("create_secret_rs_0", "S0");
        r.Put("put_secret_value_res_0", "S1", ["one", "two", "three"]);
        r.Versions("list_secret_version_ids_res_0");
        r.Put("put_secret_value_res_1", "S2", second);
        r.Versions("list_secret_version_ids_res_1");
        r.Delete("delete_secret_res_0", force: true);
    }

    private static void RotateAndWait(RecordedReplay r, string key, string? function, bool? now, int? days)
    {
        var version = VersionOf(r.Rotate(key, function, now, days));
        for (var look = 0; look < 5
            && r.Describe(null)["VersionIdsToStages"]![version]!.AsArray().All(stage => (string?)stage != "AWSCURRENT"); look++)
        {
        }
    }

    private static void Tags(RecordedReplay r, string parameter)
    {
        var arn = (string)r.Create("create_secret")["ARN"]!;
        r.Describe("describe_secret", arn);
        r.Tag("tag_resource_1", arn, "tag1");
        r.Describe("describe_secret_1", arn);
        r.Tag("tag_resource_2", arn, "tag2");
        r.Describe("describe_secret_2", arn);
        r.Untag("untag_resource_1", arn, "tag1");
        r.Describe("describe_secret_3", arn);
        r.Untag("untag_resource_2", arn, "tag2");
        r.Describe("describe_secret_4", arn);
        r.Tag(null, arn, "tag3", "tag4");
        r.Describe("describe_secret_5", arn);
        r.Untag(null, arn, "tag3", "tag4");
        r.Describe("describe_secret_6", arn);
    }

    private static void Deprecated(RecordedReplay r, string parameter)
    {
        r.Create("create_secret", "original", "My secret");
        r.Versions("list_secret_version_ids");
        r.Put("put_secret_value_1", "update1");
        r.Versions("list_secret_version_ids_1");
        r.Put("put_secret_value_2", "update2");
        r.Versions("list_secret_version_ids_2");
        r.Versions("list_secret_version_ids_3", deprecated: true);
        r.Put("put_secret_value_3", "update3");
        r.Versions("list_secret_version_ids_4");
        r.Versions("list_secret_version_ids_5", deprecated: true);
    }
}
