using System.Globalization;
using System.Text.Json;
using SecretRotator.Sandbox.Bitbucket;

namespace SecretRotator.Sandbox.Hosting;

/// <summary>The state as <c>GET /_sandbox/state</c> shows it: flat lists, with values, for tests to judge by.</summary>
internal static class StateDocument
{
    /// <summary>Writes the members of the document's object.</summary>
    public static void Write(Utf8JsonWriter writer, SandboxState state, SandboxClock clock)
    {
        writer.WriteNumber("revision", state.Revision);
        writer.WriteString("now", Time(clock.Now));
        writer.WriteNumber("clockOffsetMilliseconds", state.ClockOffsetMilliseconds);
        WriteAws(writer, state);
        WriteS3(writer, state);
        WriteAzure(writer, state);
        WriteVariables(writer, state);
        WritePipelines(writer, state);
        WriteReports(writer, state);
        WriteSchedules(writer, state);
    }

    private static void WriteSchedules(Utf8JsonWriter writer, SandboxState state)
    {
        var schedules =
            from workspace in state.Bitbucket.Workspaces
            from repository in workspace.Value.Repositories
            from schedule in repository.Value.Schedules
            select (Workspace: workspace.Key, Repository: repository.Key, Schedule: schedule);
        writer.WriteStartArray("schedules");
        foreach (var (workspace, repository, schedule) in schedules)
        {
            writer.WriteStartObject();
            writer.WriteString("workspace", workspace);
            writer.WriteString("repository", repository);
            writer.WriteString("uuid", schedule.Uuid);
            writer.WriteBoolean("enabled", schedule.Enabled);
            writer.WriteString("cron", schedule.Cron);
            writer.WriteString("branch", schedule.Branch);
            writer.WriteString("selector", schedule.SelectorType);
            writer.WriteString("pipeline", schedule.SelectorPattern);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static void WriteReports(Utf8JsonWriter writer, SandboxState state)
    {
        var reports =
            from workspace in state.Bitbucket.Workspaces
            from repository in workspace.Value.Repositories
            from report in repository.Value.Reports
            select (Workspace: workspace.Key, Repository: repository.Key, Report: report);
        writer.WriteStartArray("reports");
        foreach (var (workspace, repository, report) in reports)
        {
            writer.WriteStartObject();
            writer.WriteString("workspace", workspace);
            writer.WriteString("repository", repository);
            writer.WriteString("commit", report.Commit);
            writer.WriteString("id", report.ExternalId);
            writer.WriteString("title", report.Title);
            writer.WriteString("details", report.Details);
            writer.WriteString("result", report.Result);
            writer.WriteStartArray("data");
            foreach (var fact in report.Data)
            {
                writer.WriteStartObject();
                writer.WriteString("title", fact.Title);
                writer.WriteString("type", fact.Type);
                writer.WriteString("value", fact.Value);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteStartArray("annotations");
            foreach (var annotation in report.Annotations)
                WriteAnnotation(writer, annotation);
            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static void WriteAnnotation(Utf8JsonWriter writer, AnnotationState annotation)
    {
        writer.WriteStartObject();
        writer.WriteString("id", annotation.ExternalId);
        writer.WriteString("severity", annotation.Severity);
        writer.WriteString("summary", annotation.Summary);
        if (annotation.Path is not null)
            writer.WriteString("path", annotation.Path);
        if (annotation.Line is { } line)
            writer.WriteNumber("line", line);
        writer.WriteEndObject();
    }

    private static void WriteAws(Utf8JsonWriter writer, SandboxState state)
    {
        writer.WriteStartArray("aws");
        foreach (var (key, secret) in state.SecretsManager.Secrets)
        {
            var place = key.Split('/', 3);
            writer.WriteStartObject();
            writer.WriteString("account", place[0]);
            writer.WriteString("region", place.ElementAtOrDefault(1));
            writer.WriteString("name", secret.Name);
            writer.WriteString("arn", secret.Arn);
            writer.WriteString("current", secret.Versions.Find(version => version.Stages.Contains("AWSCURRENT"))?.Id);
            writer.WriteBoolean("rotationEnabled", secret.RotationEnabled);
            writer.WriteString("deleted", Time(secret.DeletedDate));
            WriteTags(writer, secret.Tags);
            writer.WriteStartArray("versions");
            foreach (var version in secret.Versions)
            {
                writer.WriteStartObject();
                writer.WriteString("id", version.Id);
                writer.WriteString("value", version.SecretString);
                if (version.SecretBinary is not null)
                    writer.WriteString("binary", version.SecretBinary);
                writer.WriteStartArray("stages");
                foreach (var stage in version.Stages)
                    writer.WriteStringValue(stage);
                writer.WriteEndArray();
                writer.WriteString("created", Time(version.CreatedDate));
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static void WriteS3(Utf8JsonWriter writer, SandboxState state)
    {
        writer.WriteStartArray("s3");
        foreach (var (bucket, contents) in state.S3.Buckets)
        {
            foreach (var (key, stored) in contents.Objects)
            {
                writer.WriteStartObject();
                writer.WriteString("bucket", bucket);
                writer.WriteString("key", key);
                writer.WriteBase64String("content", stored.Body);
                writer.WriteString("modified", Time(stored.LastModified));
                writer.WriteString("encryption", stored.Encryption);
                writer.WriteString("kmsKey", stored.KmsKeyId);
                writer.WriteString("lockMode", stored.LockMode);
                writer.WriteString("retainUntil", Time(stored.RetainUntil));
                writer.WriteEndObject();
            }
        }

        writer.WriteEndArray();
    }

    private static void WriteAzure(Utf8JsonWriter writer, SandboxState state)
    {
        writer.WriteStartArray("azure");
        foreach (var (vault, contents) in state.KeyVaults)
        {
            foreach (var (name, secret) in contents.Secrets)
            {
                writer.WriteStartObject();
                writer.WriteString("vault", vault);
                writer.WriteString("name", name);
                writer.WriteString("current", secret.Versions.LastOrDefault()?.Id);
                writer.WriteString("deleted", Time(secret.DeletedDate));
                writer.WriteStartArray("versions");
                foreach (var version in secret.Versions)
                {
                    writer.WriteStartObject();
                    writer.WriteString("id", version.Id);
                    writer.WriteString("value", version.Value);
                    writer.WriteBoolean("enabled", version.Enabled);
                    writer.WriteString("contentType", version.ContentType);
                    writer.WriteString("created", Time(version.Created));
                    writer.WriteString("expires", Time(version.Expires));
                    WriteTags(writer, version.Tags);
                    writer.WriteEndObject();
                }

                writer.WriteEndArray();
                writer.WriteEndObject();
            }
        }

        writer.WriteEndArray();
    }

    private static void WriteVariables(Utf8JsonWriter writer, SandboxState state)
    {
        writer.WriteStartArray("variables");
        foreach (var (workspace, contents) in state.Bitbucket.Workspaces)
        {
            WriteScope(writer, contents.Variables, workspace, null, null);
            foreach (var (repository, inside) in contents.Repositories)
            {
                WriteScope(writer, inside.Variables, workspace, repository, null);
                foreach (var environment in inside.Environments)
                    WriteScope(writer, environment.Variables, workspace, repository, environment.Name);
            }
        }

        writer.WriteEndArray();
    }

    private static void WriteScope(Utf8JsonWriter writer, List<VariableState> variables, string workspace, string? repository, string? environment)
    {
        foreach (var variable in variables)
        {
            writer.WriteStartObject();
            writer.WriteString("workspace", workspace);
            writer.WriteString("repository", repository);
            writer.WriteString("environment", environment);
            writer.WriteString("key", variable.Key);
            writer.WriteString("value", variable.Value);
            writer.WriteBoolean("secured", variable.Secured);
            writer.WriteString("uuid", variable.Uuid);
            writer.WriteEndObject();
        }
    }

    private static void WritePipelines(Utf8JsonWriter writer, SandboxState state)
    {
        writer.WriteStartArray("pipelines");
        foreach (var (workspace, contents) in state.Bitbucket.Workspaces)
        {
            foreach (var (repository, inside) in contents.Repositories)
            {
                foreach (var pipeline in inside.Pipelines)
                {
                    writer.WriteStartObject();
                    writer.WriteString("workspace", workspace);
                    writer.WriteString("repository", repository);
                    writer.WriteString("uuid", pipeline.Uuid);
                    writer.WriteNumber("buildNumber", pipeline.BuildNumber);
                    writer.WriteString("state", pipeline.State);
                    writer.WriteString("result", pipeline.Result);
                    if (pipeline.Name is not null)
                        writer.WriteString("pipeline", pipeline.Name);
                    if (pipeline.Log is not null)
                        writer.WriteString("log", pipeline.Log);
                    writer.WriteEndObject();
                }
            }
        }

        writer.WriteEndArray();
    }

    private static void WriteTags(Utf8JsonWriter writer, SortedDictionary<string, string> tags)
    {
        writer.WriteStartObject("tags");
        foreach (var (name, value) in tags)
            writer.WriteString(name, value);
        writer.WriteEndObject();
    }

    private static string? Time(DateTimeOffset? at) => at?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}
