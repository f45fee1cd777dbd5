namespace SecretRotator;

/// <summary>One thing that a person wrote wrong.</summary>
/// <param name="Message">What is wrong, without any value.</param>
/// <param name="Hint">What to write or to do instead, or null.</param>
/// <param name="File">The file that it is in, or null.</param>
/// <param name="Line">The line, from 1, or null.</param>
/// <param name="Column">The column, from 1, or null.</param>
internal sealed record Problem(string Message, string? Hint = null, string? File = null, int? Line = null, int? Column = null)
{
    /// <summary>The failure behind it; null where it is a mistake in writing.</summary>
    public Failure? Failure { get; init; }

    /// <summary>Its place, in the format of compilers, or null.</summary>
    public string? Place => (File, Line, Column) switch
    {
        (null, _, _) => null,
        (_, null, _) => File,
        (_, _, null) => $"{File}:{Line}",
        _ => $"{File}:{Line}:{Column}",
    };
}

/// <summary>A mistake in the inventory, the settings or the command line: exit code 2, nothing was touched.</summary>
internal sealed class UsageException : Exception
{
    public UsageException(ImmutableArray<Problem> problems)
        : base(string.Join(' ', problems.Select(problem => problem.Message))) => Problems = problems;

    public UsageException(string message, string? hint = null, string? file = null)
        : this([new Problem(message, hint, file)])
    {
    }

    /// <summary>All of them, at least one.</summary>
    public ImmutableArray<Problem> Problems { get; }
}
