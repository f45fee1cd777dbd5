using System.Net.Mime;
using System.Text.Encodings.Web;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;
using SecretRotator.Sandbox.Faults;
using SecretRotator.Sandbox.Storage;

namespace SecretRotator.Sandbox.Hosting;

/// <summary>The control listener: state, calls, faults and settings as JSON, described in <c>docs/sandbox.md</c>.</summary>
/// <param name="store">The state.</param>
/// <param name="faults">The faults that are set.</param>
/// <param name="log">The calls so far.</param>
/// <param name="time">The times.</param>
/// <param name="settings">Makes the settings.</param>
/// <param name="reset">Starts again.</param>
internal sealed class ControlPages(
    SandboxStore store,
    FaultRegistry faults,
    CallLog log,
    SandboxTime time,
    Func<CancellationToken, Task<ImmutableSortedDictionary<string, string>>> settings,
    Func<Task> reset)
{
    private const int LargestRequest = 64 * 1024;
    private const string ExpectedFaults =
        "Send {\"clear\": true, \"add\": [\"bitbucket.put#2=503\"]}; both keys are optional. \"drop\": true clears as well, and drops "
            + "what is held.";

    private static readonly JsonSerializerOptions Indented =
        new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, MaxDepth = SandboxAnswer.MostLevels };

    private static readonly ImmutableArray<ControlPage> Pages = [.. EmulatedProviders.All.SelectMany(provider => provider.Pages)];

    /// <summary>Answers a request to the control listener.</summary>
    public async Task AnswerAsync(HttpContext context)
    {
        var (status, answer) = await AnswerAsync(context.Request, context.RequestAborted);
        context.Response.StatusCode = status;
        context.Response.ContentType = MediaTypeNames.Application.Json;
        var body = Text(answer);
        context.Response.ContentLength = body.Length;
        await context.Response.Body.WriteAsync(body, context.RequestAborted);
    }

    private async Task<(int Status, JsonObject Answer)> AnswerAsync(HttpRequest request, CancellationToken cancellation)
    {
        switch (request.Method, request.Path.Value)
        {
            case ("GET", "/_sandbox/state"):
                return (200, await store.ReadAsync(state => StateDocument.Of(state, time.At(state)), cancellation));
            case ("GET", "/_sandbox/calls"):
                return (200, Calls());
            case ("DELETE", "/_sandbox/calls"):
                log.Clear();
                return (200, Calls());
            case ("GET", "/_sandbox/faults"):
                return (200, Faults());
            case ("POST", "/_sandbox/faults"):
                return await PostAsync(request, ExpectedFaults, ChangeFaultsAsync, cancellation);
            case ("POST", "/_sandbox/reset"):
                await reset();
                return (200, Calls());
            case ("GET", "/_sandbox/settings"):
                var current = (await settings(cancellation))
                    .Select(setting => KeyValuePair.Create<string, JsonNode?>(setting.Key, setting.Value));
                return (200, new JsonObject { ["settings"] = new JsonObject(current) });
            case ("POST", var path) when Pages.FirstOrDefault(page => page.Path == path) is { } page:
                return await PostAsync(request, page.Expected, body => ChangeAsync(page, body, cancellation), cancellation);
            default:
                return Refused(
                    StatusCodes.Status404NotFound,
                    "Known are GET /_sandbox/state, GET and DELETE /_sandbox/calls, GET and POST /_sandbox/faults, "
                    + $"{string.Concat(Pages.Select(page => $"POST {page.Path}, "))}POST /_sandbox/reset, GET /_sandbox/settings.");
        }
    }

    private static async Task<(int Status, JsonObject Answer)> PostAsync(
        HttpRequest request,
        string expected,
        Func<JsonElement, Task<(int Status, JsonObject Answer)>> change,
        CancellationToken cancellation)
    {
        try
        {
            using var body = new MemoryStream();
            await request.Body.CopyToAsync(body, cancellation);
            if (body.Length > LargestRequest)
                return Refused(StatusCodes.Status413PayloadTooLarge, expected);
            using var asked = JsonDocument.Parse(body.ToArray());
            return await change(asked.RootElement);
        }
        catch (SandboxFailureException e)
        {
            return Refused(StatusCodes.Status400BadRequest, e.Message);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or FormatException or InvalidOperationException)
        {
            return Refused(StatusCodes.Status400BadRequest, $"The body is not what it should be. {expected}");
        }
    }

    private Task<(int Status, JsonObject Answer)> ChangeAsync(ControlPage page, JsonElement body, CancellationToken cancellation) =>
        store.UseAsync(
            state =>
            {
                var reply = page.Change(body, state, time.At(state));
                return (reply, reply.Status == 200);
            },
            cancellation);

    private Task<(int Status, JsonObject Answer)> ChangeFaultsAsync(JsonElement asked)
    {
        var change = asked.Deserialize(ControlContext.Default.FaultChange) ?? throw new JsonException();
        var added = (change.Add ?? []).ConvertAll(FaultSpec.Parse);
        if (change.Clear || change.Drop)
            faults.Clear(goOn: !change.Drop);
        faults.Add(added);
        return Task.FromResult((200, Faults()));
    }

    private JsonObject Calls()
    {
        var calls = log.Snapshot();
        var counts = calls.GroupBy(call => $"{call.Service}.{call.Operation}", StringComparer.Ordinal)
            .OrderBy(group => group.Key, StringComparer.Ordinal);
        return new JsonObject
        {
            ["total"] = calls.Length,
            ["chain"] = calls.Select(call => call.Depth).DefaultIfEmpty(0).Max(),
            ["counts"] = new JsonObject(counts.Select(group => KeyValuePair.Create<string, JsonNode?>(group.Key, group.Count()))),
            ["calls"] = StateDocument.List(calls, Describe),
        };
    }

    private static JsonObject Describe(LoggedCall call)
    {
        var described = new JsonObject
        {
            ["sequence"] = call.Sequence,
            ["listener"] = call.Listener,
            ["service"] = call.Service,
            ["operation"] = call.Operation,
            ["resource"] = call.Resource,
            ["depth"] = call.Depth,
            ["status"] = call.Status == 0 ? null : call.Status,
        };
        described.AddKnown("fault", call.Fault);
        described.AddKnown("defect", call.Defect);
        return described;
    }

    private JsonObject Faults() => new()
    {
        ["held"] = faults.Held,
        ["faults"] = StateDocument.List(
            faults.Snapshot(), each => new JsonObject { ["spec"] = each.Fault.Spec, ["seen"] = each.Seen, ["hits"] = each.Hits }),
    };

    private static (int Status, JsonObject Answer) Refused(int status, string message) => (status, new JsonObject { ["error"] = message });

    private static byte[] Text(JsonObject answer)
    {
        answer.Insert(0, "version", 1);
        return Encoding.UTF8.GetBytes(answer.ToJsonString(Indented) + "\n");
    }
}

/// <summary>A change of the faults.</summary>
/// <param name="Clear">Whether all of before are removed first.</param>
/// <param name="Drop">Whether, besides, the calls that they hold are dropped.</param>
/// <param name="Add">The faults to add.</param>
internal sealed record FaultChange(bool Clear = false, bool Drop = false, List<string>? Add = null);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(FaultChange))]
internal sealed partial class ControlContext : JsonSerializerContext;
