using System.Text.Json;
using NodaTime;
using SecretRotator.Evidence;
using SecretRotator.Inventory;
using SecretRotator.Planning;
using SecretRotator.Vaults;

namespace SecretRotator.Output;

/// <summary>What the JSON of all commands has in common. docs/json.md describes it; a test holds the two equal.</summary>
internal static class Json
{
    /// <summary>Rises when a reader of the former version could be misled. New properties don't raise it.</summary>
    public const int Version = 1;

    private const int EnoughForAWrite = 16 * 1024;

    /// <summary>Lets out what was written into a stream, once it is enough: the writer itself keeps everything in memory till its
    /// end.</summary>
    public static void FlushIfLarge(Utf8JsonWriter json)
    {
        if (json.BytesPending >= EnoughForAWrite)
            json.Flush();
    }

    /// <summary>An instant in UTC, ISO 8601, to the millisecond.</summary>
    public static string Text(Instant instant) => MarkText.Format(instant);

    public static void WriteSandbox(Utf8JsonWriter json, SandboxNote? sandbox)
    {
        if (sandbox is null)
        {
            json.WriteNull("sandbox");
            return;
        }

        json.WriteStartObject("sandbox");
        json.WriteString("clock", Text(sandbox.Clock));
        json.WriteString("state", sandbox.State);
        json.WriteEndObject();
    }

    public static void WriteDecision(Utf8JsonWriter json, Decision decision)
    {
        json.WriteString("decision", WireNames.Of(decision));
        json.WriteBoolean("started", decision.IsStarted);
        switch (decision)
        {
            case Decision.Unfinished unfinished:
                json.WriteString("why", unfinished.Why);
                json.WriteString("rotation", unfinished.Open.Id.Value);
                json.WriteString("holder", unfinished.Open.Holder.ToString());
                json.WriteString("since", Text(unfinished.Open.StartedAt));
                break;
            case Decision.Redeliver redeliver:
                json.WriteString("why", redeliver.Why);
                break;
            case Decision.Due due:
                json.WriteString("since", Text(due.Since));
                break;
            case Decision.NotDue notDue:
                json.WriteString("until", Text(notDue.Until));
                break;
            case Decision.Retire retire:
                json.WriteString("retires", retire.Version.Value);
                json.WriteString("why", retire.Why);
                break;
            case Decision.Forced forced:
                json.WriteString("by", forced.By);
                json.WriteString("reason", forced.Reason);
                break;
            case Decision.Waiting waiting:
                json.WriteString("why", waiting.Why);
                if (waiting.Until is { } until)
                    json.WriteString("until", Text(until));
                break;
            case Decision.Blocked blocked:
                json.WriteString("why", blocked.Why);
                json.WriteString("hint", blocked.Hint);
                WriteFailure(json, blocked.Failure);
                break;
            case Decision.Adopt:
                break;
        }
    }

    /// <summary>Writes the member <c>failure</c>; nothing for none.</summary>
    public static void WriteFailure(Utf8JsonWriter json, Failure? failure) => WriteFailure(json, RecordedFailure.Of(failure));

    /// <summary>Writes the member <c>failure</c> as evidence tells it; nothing for none.</summary>
    public static void WriteFailure(Utf8JsonWriter json, RecordedFailure? failure)
    {
        if (failure is null)
            return;
        json.WriteStartObject("failure");
        WriteFailureFacts(json, failure);
        json.WriteEndObject();
    }

    /// <summary>Writes what is known of a failure besides its texts, into an object that is begun.</summary>
    public static void WriteFailureFacts(Utf8JsonWriter json, RecordedFailure failure)
    {
        json.WriteString("kind", failure.Kind);
        foreach (var (name, word) in new[] { ("effect", failure.Effect), ("service", failure.Service), ("resource", failure.Resource) })
            if (word is not null)
                json.WriteString(name, word);
    }

    public static void WriteSecret(Utf8JsonWriter json, ManagedSecret secret)
    {
        json.WriteString("name", secret.Name);
        json.WriteString("vault", secret.Vault);
        json.WriteString("path", secret.Path);
        json.WriteString("owner", secret.Owner);
        json.WriteStartArray("targets");
        foreach (var target in secret.Targets)
        {
            json.WriteStartObject();
            WriteTarget(json, target);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    public static void WriteTarget(Utf8JsonWriter json, VariableTarget target)
    {
        WriteScope(json, target.Scope);
        json.WriteString("variable", target.Variable);
        if (target.Field is { } field)
            json.WriteString("field", field);
        if (target.Encoding == TargetEncoding.Base64)
            json.WriteString("encoding", "base64");
    }

    public static void WriteScope(Utf8JsonWriter json, VariableScope scope)
    {
        json.WriteString("workspace", scope.WorkspaceSlug);
        switch (scope)
        {
            case VariableScope.Repository repository:
                json.WriteString("repository", repository.Slug);
                break;
            case VariableScope.Environment environment:
                json.WriteString("repository", environment.Slug);
                json.WriteString("environment", environment.Name);
                break;
            case VariableScope.Workspace:
                break;
        }
    }

    public static void WriteCalls(Utf8JsonWriter json, string name, CallCost cost)
    {
        json.WriteStartObject(name);
        json.WriteNumber("bitbucket", cost.Bitbucket);
        json.WriteNumber("vault", cost.Vault);
        json.WriteEndObject();
    }

    public static void WriteTexts(Utf8JsonWriter json, string name, IEnumerable<string> texts)
    {
        json.WriteStartArray(name);
        foreach (var text in texts)
        {
            json.WriteStringValue(text);
            FlushIfLarge(json);
        }

        json.WriteEndArray();
    }
}
