namespace SecretRotator.Providers.Doctor;

/// <summary>Something to give to a cloud, so that it trusts the pipeline and lets it do what it must, and no more.</summary>
/// <param name="File">What its file is called.</param>
/// <param name="Title">What it is.</param>
/// <param name="Use">The command that gives it to the cloud, or how else it is used.</param>
/// <param name="Content">The document.</param>
internal sealed record TrustDocument(string File, string Title, string Use, string Content)
{
    /// <summary>The options that would make it narrower, and aren't given.</summary>
    public ImmutableArray<string> Lacks { get; init; } = [];
}

/// <summary>What isn't known: a word in capitals in the documents, to be replaced.</summary>
/// <param name="Word">The word.</param>
/// <param name="Meaning">What belongs in its place, and where to find it; a sentence without a capital at its start.</param>
internal sealed record TrustWord(string Word, string Meaning);

/// <summary>The documents for one cloud.</summary>
/// <param name="Documents">In the order in which they are used.</param>
/// <param name="Words">What isn't known.</param>
/// <param name="Remarks">What else to know.</param>
internal sealed record TrustSet(ImmutableArray<TrustDocument> Documents, ImmutableArray<TrustWord> Words, ImmutableArray<string> Remarks)
{
    /// <summary>What to put in the place of words in capitals, and what else to know.</summary>
    public IEnumerable<string> Notes => [.. Words.Select(word => $"{word.Word}: {word.Meaning}"), .. Remarks];

    /// <summary>The same with a value in the place of a word.</summary>
    /// <returns>Null where no document has that word.</returns>
    public TrustSet? With(string word, string value) => Words.All(each => each.Word != word) ? null : new(
        [
            .. Documents.Select(document => document with
            {
                Use = document.Use.Replace(word, value, StringComparison.Ordinal),
                Content = document.Content.Replace(word, value, StringComparison.Ordinal),
            }),
        ],
        [.. Words.Where(each => each.Word != word)],
        [.. Remarks.Select(remark => remark.Replace(word, value, StringComparison.Ordinal))]);

    /// <summary>What is still missing in a document: options that give it.</summary>
    public IEnumerable<string> MissingIn(TrustDocument document) => Words
        .Where(word => document.Content.Contains(word.Word, StringComparison.Ordinal))
        .Select(word => $"--set {word.Word}=VALUE")
        .Concat(document.Lacks);
}
