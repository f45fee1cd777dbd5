using System.Text.Json.Nodes;
using SecretRotator.Sandbox.Aws;

namespace SecretRotator.Tests.Sandbox.Aws;

/// <summary>Plays one scenario against the emulator, and compares each answer with the recorded one of the same name.</summary>
internal sealed class RecordedReplay(JsonObject recorded)
{
    private readonly SecretsManagerState _state = new();
    private readonly AwsCaller _caller = new("111111111111", "arn:aws:iam::111111111111:user/tests", "eu-west-1", "AKIA");
    private readonly RecordedAnswer _answers = new();
    private readonly HashSet<string> _compared = new(StringComparer.Ordinal);
    private int _tokens;

    /// <summary>What the secret is called.</summary>
    public string Name { get; set; } = "s-c64bdc03";

    public List<string> Differences { get; } = [];

    public SecretsManagerState State => _state;

    public bool Has(string key) => recorded.ContainsKey(key);

    /// <summary>The operations of which an answer was compared.</summary>
    public HashSet<string> Operations { get; } = new(StringComparer.Ordinal);

    /// <summary>The recorded answers that the script did not ask for.</summary>
    public IEnumerable<string> NotPlayed => recorded.Select(answer => answer.Key).Where(key => !_compared.Contains(key));

    public JsonObject Create(
        string? key, string? value = null, string? description = null, byte[]? binary = null, JsonArray? tags = null) =>
        Do(key, "CreateSecret",
            Input(("Name", Name),
                ("SecretString", value), ("Description", description), ("SecretBinary", Base64(binary)), ("Tags", tags), Token()));

    public JsonObject Put(string? key, string? value, string[]? stages = null, byte[]? binary = null, string? id = null) =>
        Do(key, "PutSecretValue",
            Input(Id(id),
                ("SecretString", value), ("SecretBinary", Base64(binary)),
                ("VersionStages", stages is null ? null : new JsonArray([.. stages.Select(s => (JsonNode)s)])), Token()));

    public JsonObject Update(string? key, string? value = null, string? description = null, byte[]? binary = null, string? id = null) =>
        Do(key, "UpdateSecret",
            Input(Id(id), ("SecretString", value), ("SecretBinary", Base64(binary)), ("Description", description), Token()));

    public JsonObject Get(string? key, string? id = null, string? version = null, string? stage = null) =>
        Do(key, "GetSecretValue", Input(Id(id), ("VersionId", version), ("VersionStage", stage)));

    public JsonObject Describe(string? key, string? id = null) => Do(key, "DescribeSecret", Input(Id(id)));

    public JsonObject Versions(string? key, bool? deprecated = null) =>
        Do(key, "ListSecretVersionIds", Input(Id(null), ("IncludeDeprecated", deprecated)));

    public JsonObject Move(string? key, string label, string? to, string? from) =>
        Do(key, "UpdateSecretVersionStage",
            Input(Id(null), ("VersionStage", label), ("MoveToVersionId", to), ("RemoveFromVersionId", from)));

    public JsonObject Delete(string? key, bool? force = null, int? days = null, string? id = null) =>
        Do(key, "DeleteSecret", Input(Id(id), ("ForceDeleteWithoutRecovery", force), ("RecoveryWindowInDays", days)));

    public JsonObject Tag(string? key, string id, params string[] tags) =>
        Do(key, "TagResource",
            Input(Id(id),
                ("Tags",
                    new JsonArray([.. tags.Select(tag => new JsonObject { ["Key"] =
                        tag, ["Value"] = tag.Replace("tag", "value", StringComparison.Ordinal) })]))));

    public JsonObject Untag(string? key, string id, params string[] tags) =>
        Do(key, "UntagResource", Input(Id(id), ("TagKeys", new JsonArray([.. tags.Select(tag => (JsonNode)tag)]))));

    public JsonObject Rotate(string? key, string? function, bool? now = null, int? days = null) =>
        Do(key, "RotateSecret",
            Input(Id(null),
                ("RotationLambdaARN", function), ("RotateImmediately", now),
                ("RotationRules", days is { } d ? new JsonObject { ["AutomaticallyAfterDays"] = d } : null), Token()));

    /// <summary>Calls an operation; compares the answer where <paramref name="key"/> names a recorded one.</summary>
    public JsonObject Do(string? key, string operation, JsonObject input)
    {
        var answer = SecretsManagerEmulator.Perform(
            operation, (JsonObject)input.DeepClone(), _state, _caller, DateTimeOffset.UnixEpoch.AddDays(20000));
        var body = JsonNode.Parse(answer.Body)!.AsObject();
        if (key is not null)
            Compare(key, operation, answer.Status, body);
        return body;
    }

    private void Compare(string key, string operation, int status, JsonObject body)
    {
        _compared.Add(key);
        Operations.Add(operation);
        if (recorded[key] is not { } expected)
            Differences.Add($"{key}: not recorded");
        else if (_answers.Compare(expected, AsRecorded(expected, operation, status, body)) is { } difference)
            Differences.Add($"{key}: {difference}");
    }

    /// <summary>The answer in the shape in which the recording client shows it.</summary>
    private static JsonNode AsRecorded(JsonNode expected, string operation, int status, JsonObject body)
    {
        var shown = (JsonObject)body.DeepClone();
        var (code, message) = ((string?)body["__type"], (string?)body["Message"] ?? (string?)body["message"]);
        if (expected is JsonValue)
            return $"An error occurred ({code}) when calling the {operation} operation: {message}";
        if (expected["Metadata"] is not null)
            return new JsonObject { ["Error"] = shown, ["Metadata"] = new JsonObject { ["StatusCode"] = status } };
        if (code is not null)
        {
            shown = new JsonObject { ["Error"] = new JsonObject { ["Code"] = code, ["Message"] = message } };
            if (body.ContainsKey("Message"))
                shown["Message"] = message;
        }

        if (expected["ResponseMetadata"] is not null)
            shown["ResponseMetadata"] = new JsonObject { ["HTTPStatusCode"] = status };
        return shown;
    }

    private static JsonObject Input(params (string Name, JsonNode? Value)[] members) =>
        new(members.Where(member => member.Value is not null).Select(member => KeyValuePair.Create(member.Name, member.Value)));

    private (string Name, JsonNode? Value) Id(string? id) => ("SecretId", id ?? Name);

    private (string Name, JsonNode? Value) Token() => ("ClientRequestToken", $"dddddddd-0000-4000-8000-{++_tokens:x12}");

    private static string? Base64(byte[]? bytes) => bytes is null ? null : Convert.ToBase64String(bytes);
}
