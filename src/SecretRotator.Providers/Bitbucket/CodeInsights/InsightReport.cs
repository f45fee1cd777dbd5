namespace SecretRotator.Providers.Bitbucket.CodeInsights;

/// <summary>What a commit's page in Bitbucket shows of a run: some facts, and annotations on lines of the inventory. Never a
/// value.</summary>
/// <param name="Title">The report's name, such as <c>Secret rotation</c>.</param>
/// <param name="Details">What was found, in a sentence or two.</param>
/// <param name="HasPassed">Whether the report is green.</param>
/// <param name="Data">Facts in their order; Bitbucket shows ten at most.</param>
/// <param name="Annotations">Findings in any order; Bitbucket keeps 1,000 at most, and the worst of them are sent.</param>
internal sealed record InsightReport(
    string Title, string Details, bool HasPassed, ImmutableArray<InsightFact> Data, ImmutableArray<InsightAnnotation> Annotations);

/// <summary>A fact with its title, in one of the forms that Bitbucket knows how to show.</summary>
/// <param name="Title">What it is.</param>
internal abstract record InsightFact(string Title)
{
    /// <summary>A number.</summary>
    public sealed record Number(string Title, long Value) : InsightFact(Title);

    /// <summary>A share, from 0 to 100.</summary>
    public sealed record Percentage(string Title, double Value) : InsightFact(Title);

    /// <summary>Yes or no.</summary>
    public sealed record Flag(string Title, bool Value) : InsightFact(Title);

    /// <summary>A text.</summary>
    public sealed record Text(string Title, string Value) : InsightFact(Title);

    /// <summary>A point in time.</summary>
    public sealed record Date(string Title, Instant Value) : InsightFact(Title);
}

/// <summary>A finding, on a line where there is one.</summary>
/// <param name="Id">The same for the same finding in every run, and unique in a report, such as <c>overdue:payments-db</c>.</param>
/// <param name="Severity">How bad it is.</param>
/// <param name="Kind">What kind of finding it is.</param>
/// <param name="Summary">What was found, on one line; Bitbucket takes 450 characters.</param>
/// <param name="Details">What to do about it, or null.</param>
/// <param name="Path">The file in the repository, or null.</param>
/// <param name="Line">The line in it, from 1, or null.</param>
internal sealed record InsightAnnotation(
    string Id, InsightSeverity Severity, InsightKind Kind, string Summary, string? Details, string? Path, int? Line);

/// <summary>How bad a finding is, the worst first.</summary>
internal enum InsightSeverity
{
    /// <summary>Someone must act now.</summary>
    Critical,

    /// <summary>Something is broken or overdue.</summary>
    High,

    /// <summary>Something will be.</summary>
    Medium,

    /// <summary>Worth knowing.</summary>
    Low,
}

/// <summary>The kinds of findings that Bitbucket knows.</summary>
internal enum InsightKind
{
    /// <summary>A weakness.</summary>
    Vulnerability,

    /// <summary>Something that doesn't work as it should.</summary>
    Bug,

    /// <summary>Something untidy.</summary>
    CodeSmell,
}
