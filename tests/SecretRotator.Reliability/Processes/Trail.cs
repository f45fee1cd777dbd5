using System.Security.Cryptography;

namespace SecretRotator.Reliability.Processes;

/// <summary>The evidence of one run, read and checked as docs/evidence.md tells an auditor to.</summary>
internal sealed class Trail
{
    private readonly List<JsonElement> _records = [];

    private Trail()
    {
    }

    /// <summary>What is wrong with it, or null. A file that breaks off isn't wrong: that is what a killed run leaves.</summary>
    public string? Wrong { get; private set; }

    /// <summary>Whether its last line was cut.</summary>
    public bool IsTorn { get; private set; }

    /// <summary>Whether it has its end.</summary>
    public bool IsComplete { get; private set; }

    /// <summary>The exit code that it names, or null where it breaks off.</summary>
    public int? ExitCode { get; private set; }

    /// <summary>The length of each line in bytes, with its end.</summary>
    public List<int> Lengths { get; } = [];

    /// <summary>The outcome of each secret that has one.</summary>
    public Dictionary<string, string> Outcomes { get; } = new(StringComparer.Ordinal);

    /// <summary>How many records there are of effects begun.</summary>
    public int StepsBegun => _records.Count(record => Text(record, "kind") == "step");

    /// <summary>Reads the one file of a directory; an empty trail where there is none.</summary>
    public static Trail OfDirectory(string directory)
    {
        var files = Directory.Exists(directory) ? Directory.GetFiles(directory, "*.jsonl") : [];
        return files.Length switch
        {
            0 => new Trail(),
            1 => OfFile(files[0]),
            _ => new Trail { Wrong = $"{files.Length} evidence files where one was due" },
        };
    }

    private static Trail OfFile(string file)
    {
        var trail = new Trail();
        var bytes = File.ReadAllBytes(file);
        var previous = new string('0', 64);
        for (var start = 0; start < bytes.Length;)
        {
            var end = Array.IndexOf(bytes, (byte)'\n', start);
            if (end < 0)
            {
                trail.IsTorn = true;
                break;
            }

            trail.Add(bytes.AsSpan(start, end - start), ref previous);
            start = end + 1;
        }

        return trail;
    }

    private void Add(ReadOnlySpan<byte> line, ref string previous)
    {
        Lengths.Add(line.Length + 1);
        if (IsComplete)
            Wrong ??= "a record stands behind run-ended";
        JsonElement record;
        try
        {
            using var document = JsonDocument.Parse(Encoding.UTF8.GetString(line));
            record = document.RootElement.Clone();
        }
        catch (JsonException)
        {
            Wrong ??= $"record {Lengths.Count} is not JSON";
            return;
        }

        if (record.GetProperty("sequence").GetInt32() != Lengths.Count || Text(record, "previous") != previous)
            Wrong ??= $"the chain breaks at record {Lengths.Count}";
        switch (Text(record, "kind"))
        {
            case "ended":
                Outcomes[Text(record, "secret")!] = Text(record, "outcome")!;
                break;
            case "run-ended":
                IsComplete = true;
                ExitCode = record.GetProperty("exitCode").GetInt32();
                if (record.GetProperty("records").GetInt32() != Lengths.Count || Text(record, "head") != previous)
                    Wrong ??= "run-ended commits to something else";
                // The seal is the hash of the closing record without it, whose members stand in the order of their names.
                var seal = Text(record, "seal");
                var unsealed = Encoding.UTF8.GetString(line).Replace($"\"seal\":\"{seal}\",", "", StringComparison.Ordinal);
                if (seal != Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(unsealed))))
                    Wrong ??= "the seal of run-ended isn't made of it";
                break;
        }

        _records.Add(record);
        previous = Convert.ToHexStringLower(SHA256.HashData(line));
    }

    private static string? Text(JsonElement record, string name) => record.TryGetProperty(name, out var value) ? value.GetString() : null;
}
