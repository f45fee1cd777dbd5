using System.Text.Unicode;

namespace SecretRotator.Evidence;

/// <summary>Reads one line of evidence. Strict: a line that <see cref="EvidenceFormat"/> would have written otherwise is none.</summary>
internal static class EntryReader
{
    private static readonly JsonDocumentOptions Options = new() { MaxDepth = 8 };

    /// <summary>The record, or what is wrong with the line.</summary>
    /// <param name="line">The line without its line end.</param>
    public static (EvidenceEntry? Entry, string? Fault) Read(ReadOnlyMemory<byte> line)
    {
        if (!Utf8.IsValid(line.Span))
            return (null, "It is not UTF-8.");
        try
        {
            using var document = JsonDocument.Parse(line, Options);
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object)
                return (null, "It is not a JSON object.");
            if (Number(root, "version") is var version && version is < EvidenceFormat.OldestVersion or > EvidenceFormat.Version)
                return (null,
                    $"It is of version {version}; this program checks versions {EvidenceFormat.OldestVersion} to {EvidenceFormat.Version}.");
            var entry = Entry(root);
            return Encoding.UTF8.GetBytes(CanonicalObject.Of(root)).AsSpan().SequenceEqual(line.Span)
                ? (entry, null)
                : (null, "It is not in canonical form (RFC 8785).");
        }
        catch (JsonException)
        {
            return (null, "It is not a JSON object.");
        }
        catch (NoRecordException no)
        {
            return (null, no.Message);
        }
        catch (Exception exception) when (exception is InvalidOperationException or ArgumentOutOfRangeException)
        {
            return (null, "It holds half a character, or a number that has no canonical form.");
        }
    }

    /// <summary>Whether bytes may be the beginning of a line that was cut.</summary>
    public static bool IsBeginning(ReadOnlySpan<byte> bytes)
    {
        var reader = new Utf8JsonReader(bytes, isFinalBlock: false, state: default);
        try
        {
            if (!reader.Read())
                return false;
            var isObject = reader.TokenType == JsonTokenType.StartObject;
            while (reader.Read())
            {
                // Whatever follows a whole object, white space too, was not cut but put there.
                if (reader.CurrentDepth == 0)
                    return isObject && reader.BytesConsumed == bytes.Length;
            }

            return isObject;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static EvidenceEntry Entry(JsonElement root)
    {
        var (sequence, previous, at) = (Number(root, "sequence"), Text(root, "previous"), Time(root, "at") ?? throw Missing("at"));
        switch (Text(root, "kind"))
        {
            case "run-started":
                return new EvidenceEntry.RunStarted(
                    sequence, previous, at, new(Text(root, "run")), Text(root, "by"), Text(root, "command"), Text(root, "tool"),
                    Text(root, "holder"), Text(root, "inventory"), After(root), Beside(root));
            case "planned":
                return new EvidenceEntry.Planned(sequence, previous, at, Text(root, "digest"), Number(root, "secrets"));
            case "decided":
                return new EvidenceEntry.Decided(sequence, previous, at, Text(root, "secret"), Decision(root), Texts(root, "overrides"));
            case "step":
                return new EvidenceEntry.Step(
                    sequence, previous, at, Text(root, "secret"), Text(root, "rotation"), Text(root, "step"), Text(root, "state"),
                    Optional(root, "target"), Optional(root, "detail"), Failure(root));
            case "ended":
                return new EvidenceEntry.Ended(sequence, previous, at, Text(root, "secret"), Optional(root, "rotation"), Outcome(root));
            case "stopped":
                return new EvidenceEntry.Stopped(sequence, previous, at, Text(root, "cause"), Failure(root));
            case "run-ended":
                return new EvidenceEntry.RunEnded(
                    sequence, previous, at, Number(root, "exitCode"), Number(root, "records"), Text(root, "head"), Text(root, "seal"),
                    IsSealed(root));
            default:
                throw new NoRecordException("It is of a kind that this program doesn't know.");
        }
    }

    private static bool IsSealed(JsonElement root)
    {
        var unsealed = new CanonicalObject();
        foreach (var member in root.EnumerateObject())
            if (member.Name != "seal")
                unsealed.With(member.Name, member.Value);
        return EvidenceFormat.Hash(unsealed.ToUtf8()) == Text(root, "seal");
    }

    private static PreviousRun? After(JsonElement root) =>
        root.TryGetProperty("after", out var after) ? Named(after, "after") : null;

    private static ImmutableArray<PreviousRun> Beside(JsonElement root) =>
        Member(root, "beside", JsonValueKind.Array) is { } list
            ? [.. list.EnumerateArray().Select(each => Named(each, "beside"))]
            : [];

    private static PreviousRun Named(JsonElement run, string member) =>
        run.ValueKind == JsonValueKind.Object ? new PreviousRun(new(Text(run, "run")), Text(run, "head")) : throw Missing(member);

    private static RecordedDecision Decision(JsonElement root) =>
        new(Text(root, "decision"),
            Optional(root, "reason"), Time(root, "since"), Time(root, "until"), Optional(root, "hint"), Failure(root));

    private static RecordedOutcome Outcome(JsonElement root) => new(Text(root, "outcome"))
    {
        From = Optional(root, "from"),
        To = Optional(root, "to"),
        Level = Optional(root, "level"),
        Cause = Optional(root, "cause"),
        Failure = root.TryGetProperty("decision", out _) ? null : Failure(root),
        IsCancelled = root.TryGetProperty("cancelled", out var cancelled) && cancelled.ValueKind == JsonValueKind.True,
        NotUndone = Texts(root, "notUndone"),
        Because = root.TryGetProperty("decision", out _) ? Decision(root) : null,
    };

    // A record that was written before there was one has none.
    private static RecordedFailure? Failure(JsonElement root) => Member(root, "failure", JsonValueKind.Object) is { } failure
        ? new(Text(failure, "kind"), Optional(failure, "effect"), Optional(failure, "service"), Optional(failure, "resource"))
        : null;

    private static string Text(JsonElement root, string name) => Optional(root, name) ?? throw Missing(name);

    private static string? Optional(JsonElement root, string name) => Member(root, name, JsonValueKind.String)?.GetString();

    private static long Number(JsonElement root, string name) =>
        Member(root, name, JsonValueKind.Number) is { } value && value.TryGetInt64(out var number) ? number : throw Missing(name);

    private static Instant? Time(JsonElement root, string name) =>
        Optional(root, name) is { } text ? MarkText.ParseInstant(text) ?? throw Missing(name) : null;

    private static ImmutableArray<string> Texts(JsonElement root, string name)
    {
        if (Member(root, name, JsonValueKind.Array) is not { } list)
            return [];
        return list.EnumerateArray().All(each => each.ValueKind == JsonValueKind.String)
            ? [.. list.EnumerateArray().Select(each => each.GetString()!)]
            : throw Missing(name);
    }

    // A member that may be missing, but is of that kind where it is there.
    private static JsonElement? Member(JsonElement root, string name, JsonValueKind kind) =>
        !root.TryGetProperty(name, out var value) ? null
        : value.ValueKind == kind ? value
        : throw Missing(name);

    private static NoRecordException Missing(string name) => new($"Its \"{name}\" is missing or wrong.");

    /// <summary>A line that is JSON, but no record.</summary>
    private sealed class NoRecordException(string message) : Exception(message);
}
