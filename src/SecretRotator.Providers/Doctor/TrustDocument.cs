using System.Collections.Immutable;

namespace SecretRotator.Providers.Doctor;

/// <summary>Something to give to a cloud, so that it trusts the pipeline and lets it do what it must, and no more.</summary>
/// <param name="File">What its file is called.</param>
/// <param name="Title">What it is.</param>
/// <param name="Use">The command that gives it to the cloud, or how else it is used.</param>
/// <param name="Content">The document.</param>
internal sealed record TrustDocument(string File, string Title, string Use, string Content);

/// <summary>The documents for one cloud.</summary>
/// <param name="Documents">In the order in which they are used.</param>
/// <param name="Notes">What to know, and what to put in the place of words in capitals.</param>
internal sealed record TrustSet(ImmutableArray<TrustDocument> Documents, ImmutableArray<string> Notes);
