using SecretRotator.Sandbox.Hosting;

namespace SecretRotator.Sandbox.Aws;

internal sealed partial class SecretsManagerCall
{
    private const int MostStages = 20;
    private const int MostVersions = 100;

    private bool HasValue => Text("SecretString") is not null || Text("SecretBinary") is not null;

    public JsonObject GetValue()
    {
        var secret = Secret();
        var (id, stage) = (Text("VersionId"), Text("VersionStage"));
        var version = id is not null
            ? secret.Versions.Find(v => v.Id == id)
            : secret.Versions.Find(v => v.Stages.Contains(stage ?? "AWSCURRENT", StringComparer.Ordinal));
        if (version is not null && id is not null && stage is not null && !version.Stages.Contains(stage, StringComparer.Ordinal))
            throw new Refusal(
                "InvalidRequestException", "You provided a VersionStage that is not associated to the provided VersionId.");
        if (version is null || (version.SecretString is null && version.SecretBinary is null))
            throw new Refusal("ResourceNotFoundException", "Secrets Manager can't find the specified secret value for "
                + $"{(id is not null ? $"VersionId: {id}" : $"staging label: {stage ?? "AWSCURRENT"}")}");
        var today = new DateTimeOffset(now.UtcDateTime.Date, TimeSpan.Zero);
        Changed = secret.LastAccessedDate != today || version.LastAccessedDate != today;
        secret.LastAccessedDate = version.LastAccessedDate = today;
        var answer = About(secret);
        answer["VersionId"] = version.Id;
        answer["CreatedDate"] = Seconds(version.CreatedDate);
        answer.AddKnown("SecretString", version.SecretString);
        answer.AddKnown("SecretBinary", version.SecretBinary);
        if (version.Stages.Count > 0)
            answer["VersionStages"] = Stages(version);
        return answer;
    }

    public JsonObject ListVersions()
    {
        var secret = Find(SecretId()) ?? throw NotFound();
        var all = Flag("IncludeDeprecated") == true;
        var answer = About(secret);
        answer["Versions"] = new JsonArray([.. secret.Versions.Where(version => all || version.Stages.Count > 0).Select(Entry)]);
        return answer;

        static JsonObject Entry(AwsVersionState version)
        {
            var entry = new JsonObject
            {
                ["VersionId"] = version.Id,
                ["CreatedDate"] = Seconds(version.CreatedDate),
                ["KmsKeyIds"] = new JsonArray("DefaultEncryptionKey"),
            };
            entry.AddKnown("LastAccessedDate", Seconds(version.LastAccessedDate));
            if (version.Stages.Count > 0)
                entry["VersionStages"] = Stages(version);
            return entry;
        }
    }

    public JsonObject PutValue()
    {
        var token = Token("InvalidRequestException");
        var secret = Secret();
        if (!HasValue)
            throw new Refusal("InvalidRequestException", "You must provide either SecretString or SecretBinary.");
        var stages = input["VersionStages"]?.AsArray().Select(stage => (string)stage!).ToList() ?? ["AWSCURRENT"];
        var version = PutVersion(secret, token, stages);
        var answer = About(secret);
        answer["VersionId"] = version.Id;
        answer["VersionStages"] = Stages(version);
        return answer;
    }

    public JsonObject UpdateStage()
    {
        var secret = Secret();
        var label = Text("VersionStage")
            ?? throw new Refusal("ValidationException", "You must provide a value for the VersionStage parameter.");
        if (label.Length is < 1 or > 256)
            throw new Refusal("InvalidParameterException", "A staging label has 1 to 256 characters.");
        var (to, from) = (Version(secret, "MoveToVersionId"), Version(secret, "RemoveFromVersionId"));
        var holder = secret.Versions.Find(version => version.Stages.Contains(label, StringComparer.Ordinal));
        if (from is not null && from != holder)
            throw new Refusal("InvalidParameterException", $"The staging label {label} is not attached to version {from.Id}.");
        if (from is null && holder is not null && to != holder)
            throw new Refusal("InvalidParameterException", "The parameter RemoveFromVersionId can't be empty. Staging label "
                + $"{label} is currently attached to version {holder.Id}, so you must explicitly reference that version in "
                + "RemoveFromVersionId.");
        if (to is null && from is null)
            throw new Refusal("InvalidParameterException", "You must provide MoveToVersionId, RemoveFromVersionId or both.");
        if (to is null && label == "AWSCURRENT")
            throw new Refusal("InvalidParameterException", "You can't remove the AWSCURRENT staging label from a version without "
                + "moving it to another one.");
        if (to is not null)
            Attach(secret, to, label);
        else
            from!.Stages.Remove(label);
        secret.LastChangedDate = now;
        Changed = true;
        return About(secret);
    }

    /// <summary>Adds a version unless the token made the same one before.</summary>
    private AwsVersionState PutVersion(AwsSecretState secret, string token, List<string> stages)
    {
        if (secret.Versions.Find(version => version.Id == token) is not { } existing)
            return AddVersion(secret, token, stages);
        return existing.SecretString == Text("SecretString") && existing.SecretBinary == Text("SecretBinary")
            ? existing
            : throw new Refusal("ResourceExistsException", $"You can't use ClientRequestToken {token} because that value is "
                + $"already in use for a version of secret {secret.Arn}.");
    }

    private AwsVersionState AddVersion(AwsSecretState secret, string id, List<string> stages)
    {
        if (stages.Count > MostStages)
            throw new Refusal("LimitExceededException", "You have exceeded the maximum number of staging labels for a version.");
        if ((Text("SecretString")?.Length ?? Text("SecretBinary")?.Length * 3 / 4) is < 1 or > 65536)
            throw new Refusal("InvalidParameterException", "A secret value has 1 to 65536 bytes.");
        Prune(secret);
        var version = new AwsVersionState
        {
            Id = id,
            SecretString = Text("SecretString"),
            SecretBinary = Text("SecretBinary"),
            CreatedDate = now,
        };
        secret.Versions.Add(version);
        foreach (var stage in secret.Versions.Count == 1 ? stages.Union(["AWSCURRENT"], StringComparer.Ordinal) : stages)
            Attach(secret, version, stage);
        secret.LastChangedDate = now;
        Changed = true;
        return version;
    }

    /// <summary>Makes room as the service does: the oldest versions without labels go, none that is younger than a day.</summary>
    private void Prune(AwsSecretState secret)
    {
        while (secret.Versions.Count >= MostVersions)
        {
            var oldest = secret.Versions.Find(version => version.Stages.Count == 0 && version.CreatedDate <= now.AddDays(-1))
                ?? throw new Refusal("LimitExceededException", "You have exceeded the maximum number of versions for a secret.");
            secret.Versions.Remove(oldest);
        }
    }

    /// <summary>Puts a label on a version and takes it off the one that had it.</summary>
    private static void Attach(AwsSecretState secret, AwsVersionState version, string label)
    {
        var holder = secret.Versions.Find(v => v.Stages.Contains(label, StringComparer.Ordinal));
        if (holder == version)
            return;
        if (version.Stages.Count >= MostStages)
            throw new Refusal("LimitExceededException", "You have exceeded the maximum number of staging labels for a version.");
        holder?.Stages.Remove(label);
        version.Stages.Add(label);
        if (label != "AWSCURRENT" || holder is null)
            return;
        // A version that stops being current becomes the previous one, and is pending no longer (recorded).
        holder.Stages.Remove("AWSPENDING");
        Attach(secret, holder, "AWSPREVIOUS");
    }

    private AwsVersionState? Version(AwsSecretState secret, string parameter) =>
        Text(parameter) is not { } id ? null
        : secret.Versions.Find(version => version.Id == id)
            ?? throw new Refusal("ResourceNotFoundException", $"Secrets Manager can't find the specified secret version: {id}.");

    private string Token(string refusal)
    {
        var token = Text("ClientRequestToken")
            ?? throw new Refusal(refusal, "You must provide a ClientRequestToken value. We recommend a UUID-type value.");
        return token.Length is >= 32 and <= 64
            ? token
            : throw new Refusal("InvalidParameterException", "ClientRequestToken has 32 to 64 characters.");
    }
}
