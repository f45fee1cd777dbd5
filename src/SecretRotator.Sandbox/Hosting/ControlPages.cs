using System.Collections.Immutable;
using System.Net.Mime;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using SecretRotator.Sandbox.Bitbucket;
using SecretRotator.Sandbox.Faults;
using SecretRotator.Sandbox.Storage;

namespace SecretRotator.Sandbox.Hosting;

/// <summary>What the control listener answers: the state, the calls, the faults, the settings. JSON, described in <c>docs/sandbox.md</c>.</summary>
internal sealed class ControlPages(SandboxStore store, FaultRegistry faults, CallLog log, SandboxTime time, Func<CancellationToken, Task<ImmutableSortedDictionary<string, string>>> settings, Func<Task> reset)
{
    private const int LargestFaultRequest = 64 * 1024;

    /// <summary>Answers a request to the control listener.</summary>
    public async Task AnswerAsync(HttpContext context)
    {
        switch (context.Request.Method, context.Request.Path.Value)
        {
            case ("GET", "/_sandbox/state"):
                var state = await store.ReadAsync(state => Json(writer => StateDocument.Write(writer, state, time.At(state))));
                await SendAsync(context, StatusCodes.Status200OK, state);
                break;
            case ("GET", "/_sandbox/calls"):
                await SendAsync(context, StatusCodes.Status200OK, Json(WriteCalls));
                break;
            case ("DELETE", "/_sandbox/calls"):
                log.Clear();
                await SendAsync(context, StatusCodes.Status200OK, Json(WriteCalls));
                break;
            case ("GET", "/_sandbox/faults"):
                await SendAsync(context, StatusCodes.Status200OK, Json(WriteFaults));
                break;
            case ("POST", "/_sandbox/faults"):
                await PostFaultsAsync(context);
                break;
            case ("POST", "/_sandbox/pipelines"):
                await PostPipelineAsync(context);
                break;
            case ("POST", "/_sandbox/reset"):
                await reset();
                await SendAsync(context, StatusCodes.Status200OK, Json(WriteCalls));
                break;
            case ("GET", "/_sandbox/settings"):
                var current = await settings(context.RequestAborted);
                await SendAsync(context, StatusCodes.Status200OK, Json(writer => WriteSettings(writer, current)));
                break;
            default:
                await RefuseAsync(
                    context,
                    StatusCodes.Status404NotFound,
                    "Known are GET /_sandbox/state, GET and DELETE /_sandbox/calls, GET and POST /_sandbox/faults, POST /_sandbox/pipelines, POST /_sandbox/reset, GET /_sandbox/settings.");
                break;
        }
    }

    private async Task PostFaultsAsync(HttpContext context)
    {
        const string Expected = "Send {\"clear\": true, \"add\": [\"bitbucket.put#2=503\"]}; both keys are optional. \"drop\": true clears as well, and drops what is held.";
        try
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body, context.RequestAborted);
            if (body.Length > LargestFaultRequest)
            {
                await RefuseAsync(context, StatusCodes.Status413PayloadTooLarge, Expected);
                return;
            }

            using var request = JsonDocument.Parse(body.ToArray());
            var (clear, drop) = (false, false);
            List<Fault> added = [];
            foreach (var property in request.RootElement.EnumerateObject())
            {
                switch (property.Name)
                {
                    case "clear":
                        clear = property.Value.GetBoolean();
                        break;
                    case "drop":
                        drop = property.Value.GetBoolean();
                        break;
                    case "add":
                        added.AddRange(property.Value.EnumerateArray().Select(spec => FaultSpec.Parse(spec.GetString() ?? "")));
                        break;
                    default:
                        await RefuseAsync(context, StatusCodes.Status400BadRequest, $"There is no key '{property.Name}'. {Expected}");
                        return;
                }
            }

            if (clear || drop)
                faults.Clear(goOn: !drop);
            faults.Add(added);
            await SendAsync(context, StatusCodes.Status200OK, Json(WriteFaults));
        }
        catch (SandboxFailureException e)
        {
            await RefuseAsync(context, StatusCodes.Status400BadRequest, e.Message);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            await RefuseAsync(context, StatusCodes.Status400BadRequest, $"The body is not what it should be. {Expected}");
        }
    }

    private async Task PostPipelineAsync(HttpContext context)
    {
        const string Expected = "Send {\"workspace\": \"acme\", \"repository\": \"payments-api\", \"uuid\": \"…\", \"buildNumber\": 7, \"state\": \"IN_PROGRESS\"}; a COMPLETED one has a \"result\" as well, and \"stage\", \"branch\" and \"createdOn\" are optional.";
        try
        {
            using var request = await JsonDocument.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted);
            var asked = request.RootElement;
            var pipeline = new PipelineState
            {
                Uuid = Guid.Parse(asked.GetProperty("uuid").GetString() ?? "").ToString("B"),
                BuildNumber = asked.GetProperty("buildNumber").GetInt32(),
                State = asked.GetProperty("state").GetString() ?? "",
                Result = asked.TryGetProperty("result", out var result) ? result.GetString() : null,
                Stage = asked.TryGetProperty("stage", out var stage) ? stage.GetString() : null,
                Branch = asked.TryGetProperty("branch", out var branch) ? branch.GetString() ?? "" : "main",
                Created = asked.TryGetProperty("createdOn", out var created) ? created.GetDateTimeOffset() : time.GetCurrentInstant().ToDateTimeOffset(),
            };
            var (workspace, repository) = (asked.GetProperty("workspace").GetString() ?? "", asked.GetProperty("repository").GetString() ?? "");
            var known = await store.UseAsync(state =>
            {
                if (state.Bitbucket.Workspaces.GetValueOrDefault(workspace)?.Repositories.GetValueOrDefault(repository) is not { } home)
                    return (false, false);
                home.Pipelines.RemoveAll(other => other.Uuid == pipeline.Uuid);
                home.Pipelines.Add(pipeline);
                return (true, true);
            });
            if (known)
                await SendAsync(context, StatusCodes.Status200OK, Json(writer => writer.WriteString("uuid", pipeline.Uuid)));
            else
                await RefuseAsync(context, StatusCodes.Status404NotFound, $"There is no repository {workspace}/{repository}.");
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or FormatException or InvalidOperationException)
        {
            await RefuseAsync(context, StatusCodes.Status400BadRequest, $"The body is not what it should be. {Expected}");
        }
    }

    private void WriteCalls(Utf8JsonWriter writer)
    {
        var calls = log.Snapshot();
        writer.WriteNumber("total", calls.Length);
        writer.WriteNumber("chain", calls.Select(call => call.Depth).DefaultIfEmpty(0).Max());
        writer.WriteStartObject("counts");
        foreach (var group in calls.GroupBy(call => $"{call.Service}.{call.Operation}", StringComparer.Ordinal).OrderBy(group => group.Key, StringComparer.Ordinal))
            writer.WriteNumber(group.Key, group.Count());
        writer.WriteEndObject();
        writer.WriteStartArray("calls");
        foreach (var call in calls)
        {
            writer.WriteStartObject();
            writer.WriteNumber("sequence", call.Sequence);
            writer.WriteString("listener", call.Listener);
            writer.WriteString("service", call.Service);
            writer.WriteString("operation", call.Operation);
            writer.WriteString("resource", call.Resource);
            writer.WriteNumber("depth", call.Depth);
            if (call.Status == 0)
                writer.WriteNull("status");
            else
                writer.WriteNumber("status", call.Status);
            if (call.Fault is not null)
                writer.WriteString("fault", call.Fault);
            if (call.Defect is not null)
                writer.WriteString("defect", call.Defect);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private void WriteFaults(Utf8JsonWriter writer)
    {
        writer.WriteNumber("held", faults.Held);
        writer.WriteStartArray("faults");
        foreach (var (fault, seen, hits) in faults.Snapshot())
        {
            writer.WriteStartObject();
            writer.WriteString("spec", fault.Spec);
            writer.WriteNumber("seen", seen);
            writer.WriteNumber("hits", hits);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static void WriteSettings(Utf8JsonWriter writer, ImmutableSortedDictionary<string, string> settings)
    {
        writer.WriteStartObject("settings");
        foreach (var (name, value) in settings)
            writer.WriteString(name, value);
        writer.WriteEndObject();
    }

    private static byte[] Json(Action<Utf8JsonWriter> write)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            writer.WriteStartObject();
            writer.WriteNumber("version", 1);
            write(writer);
            writer.WriteEndObject();
        }

        buffer.WriteByte((byte)'\n');
        return buffer.ToArray();
    }

    private static Task RefuseAsync(HttpContext context, int status, string message) =>
        SendAsync(context, status, Json(writer => writer.WriteString("error", message)));

    private static async Task SendAsync(HttpContext context, int status, byte[] body)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = MediaTypeNames.Application.Json;
        context.Response.ContentLength = body.Length;
        await context.Response.Body.WriteAsync(body, context.RequestAborted);
    }
}
