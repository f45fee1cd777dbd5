using SecretRotator.Evidence;
using SecretRotator.Rotation;
using SecretRotator.Settings;

namespace SecretRotator.Output;

/// <summary>Why a command ended without a result.</summary>
/// <param name="Command">The command.</param>
/// <param name="ExitCode">What the process will answer.</param>
/// <param name="Problems">What is wrong, at least one.</param>
internal sealed record ErrorView(string Command, ExitCode ExitCode, ImmutableArray<Problem> Problems)
{
    /// <summary>Tells people on stderr, and as JSON on stdout as well if that was asked for.</summary>
    public void Write(Terminal terminal, OutputFormat format)
    {
        foreach (var problem in Problems)
        {
            var place = problem.Place is { } at ? at + ": " : "";
            terminal.WriteErrorFolded(
                PrintableText.Of(place + FailureMessages.Text(FailureMessages.Sentence(problem.Message), problem.Hint)));
        }

        if (format == OutputFormat.Json)
            terminal.WriteJson(json => ResultContext.Write(json, new ErrorJson(this)));
    }
}

/// <summary>What a command that ends without a result writes with --output json.</summary>
internal sealed class ErrorJson : ResultJson
{
    private readonly ErrorView _view;

    internal ErrorJson(ErrorView view)
        : base(view.Command, view.ExitCode) => _view = view;

    public IEnumerable<ProblemJson> Problems => _view.Problems.Select(problem => new ProblemJson(problem));
}

/// <summary>A problem, with its place where there is one.</summary>
internal sealed class ProblemJson
{
    private readonly Problem _problem;

    internal ProblemJson(Problem problem) => _problem = problem;

    public string Message => _problem.Message;
    public string? Hint => _problem.Hint;
    public RecordedFailure? Failure => RecordedFailure.Of(_problem.Failure);
    public string? File => _problem.File;
    public long? Line => _problem.Line;
    public long? Column => _problem.Column;
}
