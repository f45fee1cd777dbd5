using System.Security.Cryptography;
using System.Text.RegularExpressions;
using SecretRotator.Sandbox.Hosting;

namespace SecretRotator.Sandbox.Aws;

/// <summary>One call of Secrets Manager: its input, and the secrets that its caller may touch.</summary>
internal sealed partial class SecretsManagerCall(SecretsManagerState state, AwsCaller caller, JsonObject input, DateTimeOffset now)
{
    private const string Letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    private const string MarkedForDeletion = "You can't perform this operation on the secret because it was marked for deletion.";

    /// <summary>Whether the state was changed.</summary>
    public bool Changed { get; private set; }

    /// <summary>The secret's name in what may be a name, an ARN or an ARN without its last six characters.</summary>
    public static string NameIn(string secretId)
    {
        if (!secretId.StartsWith("arn:", StringComparison.Ordinal))
            return secretId;
        var last = secretId[(secretId.LastIndexOf(':') + 1)..];
        return EndOfArn().IsMatch(last) ? last[..^7] : last;
    }

    public JsonObject Create()
    {
        var name = Text("Name") ?? throw new Refusal("ValidationException", "You must provide a value for the Name parameter.");
        CheckName(name);
        var token = Token("InvalidRequestException");
        if (Find(name) is { } existing)
            throw existing.DeletedDate is not null
                ? new Refusal("InvalidRequestException", "You can't create this secret because a secret with this name is already "
                    + "scheduled for deletion.")
                : new Refusal("ResourceExistsException", $"The operation failed because the secret {name} already exists.");
        var secret = new AwsSecretState
        {
            Arn = Arn(name, RandomNumberGenerator.GetString(Letters, 6)),
            Name = name,
            Description = Text("Description"),
            CreatedDate = now,
            LastChangedDate = now,
        };
        foreach (var tag in input["Tags"]?.AsArray() ?? [])
            SetTag(secret, tag!);
        state.Secrets[Key(name)] = secret;
        Changed = true;
        var answer = About(secret);
        if (HasValue)
        {
            AddVersion(secret, token, ["AWSCURRENT"]);
            answer["VersionId"] = token;
        }

        return answer;
    }

    public JsonObject Update()
    {
        var token = Token("InvalidRequestException");
        var secret = Secret();
        var answer = About(secret);
        if (Text("Description") is { } description)
            secret.Description = description;
        secret.LastChangedDate = now;
        Changed = true;
        if (HasValue)
        {
            PutVersion(secret, token, ["AWSCURRENT"]);
            answer["VersionId"] = token;
        }

        return answer;
    }

    public JsonObject Delete()
    {
        var force = Flag("ForceDeleteWithoutRecovery") == true;
        var id = SecretId();
        var secret = Find(id);
        if (secret is null)
        {
            // The real service answers a forced deletion of nothing as if it had been something.
            return force
                ? new JsonObject { ["ARN"] = Arn(NameIn(id), "000000"), ["Name"] = NameIn(id), ["DeletionDate"] = Seconds(now) }
                : throw NotFound();
        }

        if (secret.DeletedDate is not null && !force)
            throw new Refusal("InvalidRequestException", MarkedForDeletion);
        Changed = true;
        var answer = About(secret);
        answer["DeletionDate"] = Seconds(force ? now : now.AddDays((int?)input["RecoveryWindowInDays"] ?? 30));
        if (force)
            state.Secrets.Remove(Key(secret.Name));
        else
            secret.DeletedDate = now;
        return answer;
    }

    public JsonObject Restore()
    {
        var secret = Find(SecretId()) ?? throw NotFound();
        secret.DeletedDate = null;
        Changed = true;
        return About(secret);
    }

    public JsonObject Tag()
    {
        var secret = Secret();
        foreach (var tag in input["Tags"]?.AsArray() ?? [])
            SetTag(secret, tag!);
        Changed = true;
        return [];
    }

    public JsonObject Untag()
    {
        var secret = Secret();
        foreach (var key in input["TagKeys"]?.AsArray() ?? [])
            secret.Tags.Remove((string)key!);
        Changed = true;
        return [];
    }

    public JsonObject Describe()
    {
        var secret = Find(SecretId()) ?? throw NotFound();
        LookAtRotation(secret);
        var answer = Details(secret);
        if (secret.Versions.Any(version => version.Stages.Count > 0))
            answer["VersionIdsToStages"] = StagesById(secret);
        return answer;
    }

    public JsonObject List() => new()
    {
        ["SecretList"] = StateDocument.List(
            state.Secrets.Where(s => s.Key.StartsWith(Key(""), StringComparison.Ordinal) && s.Value.DeletedDate is null),
            s => Listed(s.Value)),
    };

    private static Refusal NotFound() => new("ResourceNotFoundException", "Secrets Manager can't find the specified secret.");

    private static JsonObject About(AwsSecretState secret) => new() { ["ARN"] = secret.Arn, ["Name"] = secret.Name };

    private static JsonObject Listed(AwsSecretState secret)
    {
        var entry = Details(secret);
        entry["SecretVersionsToStages"] = StagesById(secret);
        return entry;
    }

    private static JsonObject Details(AwsSecretState secret)
    {
        var answer = About(secret);
        answer["CreatedDate"] = Seconds(secret.CreatedDate);
        answer["LastChangedDate"] = Seconds(secret.LastChangedDate);
        if (!string.IsNullOrEmpty(secret.Description))
            answer["Description"] = secret.Description;
        answer.AddKnown("LastAccessedDate", Seconds(secret.LastAccessedDate));
        answer.AddKnown("LastRotatedDate", Seconds(secret.LastRotatedDate));
        answer.AddKnown("DeletedDate", Seconds(secret.DeletedDate));
        answer.AddKnown("OwningService", secret.OwningService);
        if (secret.WasTagged || secret.Tags.Count > 0)
            answer["Tags"] = new JsonArray([.. secret.Tags.Select(tag => new JsonObject { ["Key"] = tag.Key, ["Value"] = tag.Value })]);
        if (secret.RotationEnabled)
        {
            answer["RotationEnabled"] = true;
            answer["RotationLambdaARN"] = secret.RotationLambdaArn;
            answer["RotationRules"] = new JsonObject { ["AutomaticallyAfterDays"] = secret.RotationDays };
            answer["NextRotationDate"] = Seconds((secret.LastRotatedDate ?? secret.CreatedDate).AddDays(secret.RotationDays));
        }

        return answer;
    }

    private static JsonObject StagesById(AwsSecretState secret) =>
        new(secret.Versions.Where(version => version.Stages.Count > 0)
            .Select(version => KeyValuePair.Create<string, JsonNode?>(version.Id, Stages(version))));

    private static JsonArray Stages(AwsVersionState version) =>
        new([.. version.Stages.Order(StringComparer.Ordinal).Select(stage => (JsonNode)stage)]);

    private static decimal? Seconds(DateTimeOffset? time) => time?.ToUnixTimeMilliseconds() / 1000m;

    private static void SetTag(AwsSecretState secret, JsonNode tag)
    {
        var (key, value) = ((string?)tag["Key"] ?? "", (string?)tag["Value"] ?? "");
        if (key.Length is < 1 or > 128 || value.Length > 256)
            throw new Refusal("InvalidParameterException", "A tag's key has 1 to 128 characters, its value at most 256.");
        if (!TagText().IsMatch(key) || !TagText().IsMatch(value))
            throw new Refusal("InvalidParameterException", "A tag has letters, digits, spaces and + - = . _ : / @.");
        if (!secret.Tags.ContainsKey(key) && secret.Tags.Count >= 50)
            throw new Refusal("LimitExceededException", "You have exceeded the maximum number of tags for a secret.");
        secret.Tags[key] = value;
        secret.WasTagged = true;
    }

    private static void CheckName(string name)
    {
        if (!Names().IsMatch(name))
            throw new Refusal("ValidationException", "Invalid name. Must be a valid name containing alphanumeric characters, or "
                + "any of the following: -/_+=.@!");
    }

    private AwsSecretState Secret()
    {
        var secret = Find(SecretId()) ?? throw NotFound();
        return secret.DeletedDate is null ? secret : throw new Refusal("InvalidRequestException", MarkedForDeletion);
    }

    private string SecretId()
    {
        var id = Text("SecretId") ?? throw new Refusal("ValidationException", "You must provide a value for the SecretId parameter.");
        CheckName(NameIn(id));
        return id;
    }

    private AwsSecretState? Find(string id)
    {
        if (!id.StartsWith("arn:", StringComparison.Ordinal))
            return state.Secrets.GetValueOrDefault(Key(id));
        var parts = id.Split(':', 7);
        if (parts.Length < 7 || parts[3] != caller.Region || parts[4] != caller.Account)
            throw new Refusal("AccessDeniedException", $"User: {caller.Arn} is not authorized to perform this operation on "
                + $"resource: {id} because no resource-based policy allows the action");
        // What looks like the six characters at the end of an ARN is taken for them, even in a name that happens to end so.
        return EndOfArn().IsMatch(parts[6])
            ? state.Secrets.GetValueOrDefault(Key(parts[6][..^7])) is { } whole && whole.Arn == id ? whole : null
            : state.Secrets.GetValueOrDefault(Key(parts[6]));
    }

    private string Arn(string name, string suffix) => $"arn:aws:secretsmanager:{caller.Region}:{caller.Account}:secret:{name}-{suffix}";

    private string Key(string name) => $"{caller.Account}/{caller.Region}/{name}";

    private string? Text(string name) => (string?)input[name];

    private bool? Flag(string name) => (bool?)input[name];

    [GeneratedRegex("-[A-Za-z0-9]{6}$", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex EndOfArn();

    [GeneratedRegex("^[A-Za-z0-9/_+=.@!-]{1,512}$", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Names();

    [GeneratedRegex(@"^[\p{L}\p{Z}\p{N}_.:/=+@-]*\z", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex TagText();
}
