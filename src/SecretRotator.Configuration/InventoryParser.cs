using SecretRotator.Audit;
using SecretRotator.Notifications;

namespace SecretRotator.Configuration;

/// <summary>
/// Makes the inventory of the text of <c>rotation.yaml</c>: bytes to text (<see cref="SourceText"/>), text to nodes
/// with places (<see cref="YamlTree"/>), nodes to the model. Every problem is collected, and the inventory handed
/// out only where there is none.
/// </summary>
internal static class InventoryParser
{
    private const int KnownVersion = 1;

    /// <summary>The bytes of a stream, of which no more than <see cref="YamlBounds.Bytes"/> and one byte are taken.</summary>
    /// <exception cref="IOException">The stream can't be read.</exception>
    public static ReadOnlySpan<byte> ReadAll(Stream stream)
    {
        var buffer = new MemoryStream();
        var chunk = new byte[16 * 1024];
        while (buffer.Length <= YamlBounds.Bytes && stream.Read(chunk) is var read and > 0)
            buffer.Write(chunk, 0, read);
        return buffer.GetBuffer().AsSpan(0, (int)buffer.Length);
    }

    /// <summary>Reads the bytes of a file. Never throws for what they are.</summary>
    /// <param name="fileName">The file as problems name it.</param>
    /// <param name="utf8">The file's whole content.</param>
    /// <param name="kinds">The kinds of vaults and backends that there are.</param>
    /// <param name="included">Reads the files that it includes; by their paths from here where that is null.</param>
    public static InventoryResult Parse(
        string fileName, ReadOnlySpan<byte> utf8, InventoryGrammar kinds, IncludedFiles? included = null)
    {
        var problems = new ProblemList(fileName);
        var inventory = Root(utf8, problems) is { } root
            ? Inventory(root, kinds, included ?? new IncludedFiles(fileName, []), problems)
            : null;
        return problems.Count == 0 ? new InventoryResult(inventory, []) : new InventoryResult(null, problems.ToSorted());
    }

    /// <summary>The root of a file, or null where there is none that can be read.</summary>
    /// <param name="utf8">The file's whole content.</param>
    /// <param name="problems">Where problems go.</param>
    /// <param name="file">The file, where it is one that the inventory includes.</param>
    public static YamlNode? Root(ReadOnlySpan<byte> utf8, ProblemList problems, string? file = null)
    {
        if (utf8.Length <= YamlBounds.Bytes)
            return SourceText.Decode(utf8, problems) is { } text ? YamlTree.Read(text, problems, file: file) : null;
        ReportSize(problems);
        return null;
    }

    /// <summary>Reports a file that is larger than any inventory.</summary>
    public static void ReportSize(ProblemList problems) => problems.Add(
        Position.WholeFile,
        $"The file is larger than {YamlBounds.Bytes / 1024 / 1024} MiB, so it is not read",
        "Name the inventory. If it is so large, move some of its secrets to files that it includes.");

    private static RotationInventory? Inventory(YamlNode root, InventoryGrammar kinds, IncludedFiles included, ProblemList problems)
    {
        if (MappingReader.Open(root, Grammar.Inventory, problems) is not { } mapping || !IsKnownVersion(mapping, problems))
            return null;
        var vaults = DeclaredVaults.Read(mapping.Node(Grammar.Vaults), kinds.Vaults, problems);
        var bitbucket = mapping.Node(Grammar.Bitbucket) is { } bitbucketNode ? BitbucketReader.Read(bitbucketNode, vaults, problems) : null;
        var limits = LimitsReader.Read(mapping.Node(Grammar.Limits), problems);
        var freezes = mapping.Items(Grammar.Freezes).Select(node => TimeReader.Freeze(node, problems)).OfType<Freeze>().ToImmutableArray();
        var defaults = SecretTerms.Read(mapping.Node(Grammar.Defaults), limits, problems, SecretTerms.None);
        var attested = new AttestedTargets(problems);
        var targets = new TargetReader(bitbucket?.Workspace, attested, problems);
        var reader = new SecretsReader(vaults, new BackendReader(kinds.Backends, vaults, problems), limits, targets, problems);
        var includes = mapping.Items(Grammar.Include).Select(node => mapping.TextOf(node, Grammar.Include, maximum: 500))
            .OfType<PlacedText>();
        if (!mapping.Has(Grammar.Secrets) && !mapping.Has(Grammar.Include) && !included.HasMore)
            problems.Add(
                mapping.At, "The inventory has no secrets", $"Write \"{Grammar.Secrets.Example}\", or \"{Grammar.Include.Example}\".");
        reader.Read(mapping.Items(Grammar.Secrets), defaults);
        foreach (var file in included.Read(includes, problems))
            if (MappingReader.Open(file, Grammar.Included, problems) is { } part && IsKnownVersion(part, problems))
                reader.Read(
                    part.Items(Grammar.IncludedSecrets), SecretTerms.Read(part.Node(Grammar.Defaults), limits, problems, defaults));
        var secrets = reader.ToImmutable();
        var attestation = mapping.Node(Grammar.Attestation) is { } proof
            ? AttestationReader.Read(proof, bitbucket?.Home, limits, problems)
            : null;
        attested.Check(attestation, isWritten: mapping.Has(Grammar.Attestation));
        if (bitbucket?.Credential is var (credential, at))
            reader.CheckIsKept(
                credential, at, "Bitbucket credential with a value that Bitbucket doesn't accept", "credential",
                "only Bitbucket makes its tokens");
        var signing = mapping.Node(Grammar.Evidence) is { } evidence ? SigningKey(evidence, vaults, problems) : null;
        if (signing is var (signingKey, place))
            reader.CheckIsKept(
                signingKey, place, "signing key with a value that signs nothing", "key", "no kind of value makes a signing key");
        var controls = mapping.Has(Grammar.Controls) ? new ControlsReader(problems).Read(mapping.Items(Grammar.Controls)) : Control.Usual;
        var notify = new NotifyReader(bitbucket?.Home, vaults, problems);
        var receivers = notify.Read(mapping.Items(Grammar.Notify));
        var heartbeat = notify.Reference(mapping, Grammar.Heartbeat, "its URL") is { } url ? new NotificationReceiver.Heartbeat(url) : null;
        foreach (var (key, read, written) in notify.Given)
            reader.CheckIsKept(
                read, written, $"{key} of a receiver with a value that the receiver doesn't know", key, "it must be the receiver's");
        if (problems.Count > 0 || bitbucket is null)
            return null;
        return new RotationInventory(
            bitbucket.Workspace,
            bitbucket.Home,
            vaults.Right,
            limits,
            freezes,
            secrets)
        {
            Credential = bitbucket.Credential?.Reference,
            Controls = controls,
            SigningKey = signing?.Reference,
            Attestation = attestation,
            Receivers = receivers,
            Heartbeat = heartbeat,
        };
    }

    // A file of another version may mean anything by its keys: nothing more can be said about it.
    private static bool IsKnownVersion(MappingReader mapping, ProblemList problems)
    {
        if (mapping.Integer(Grammar.Version, 1, int.MaxValue) is not { } version || version == KnownVersion)
            return true;
        problems.Add(
            mapping.PlaceOf(Grammar.Version),
            $"This program reads version {KnownVersion} of the inventory, and the file says {version}",
            "Write \"version: 1\", or use a newer program.");
        return false;
    }

    private static (VaultReference Reference, Position At)? SigningKey(YamlNode node, DeclaredVaults vaults, ProblemList problems)
    {
        if (MappingReader.Open(node, Grammar.EvidenceKeys, problems)?.Text(Grammar.SigningKey, maximum: 800) is not { } text)
            return null;
        return ReferenceReader.Read(text, Grammar.SigningKey, "the key", vaults, problems) is { } reference ? (reference, text.At) : null;
    }
}
