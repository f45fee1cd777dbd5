using SecretRotator.Configuration;
using SecretRotator.Doctor.PipelineFile;
using SecretRotator.Providers.Doctor;

namespace SecretRotator.Doctor.Runner;

/// <summary>
/// Looks whether the program is found where the pipeline file calls it: by name on the PATH, or by its path in the repository. A shell
/// answers
/// 127 where there is none and 126 where it may not be executed, and both are read as "Permission denied (127)". Needs no network.
/// </summary>
/// <param name="calls">The calls in the pipeline file, see <see cref="PipelineFileReview.Read"/>.</param>
/// <param name="directory">The directory that the scripts start in.</param>
/// <param name="path">The directories of <c>PATH</c>.</param>
/// <param name="isInPipeline">Whether this is the step itself: anywhere else the file may still be built.</param>
internal sealed class ProgramCheck(
    ImmutableArray<ToolCall> calls, string directory, ImmutableArray<string> path, bool isInPipeline) : ICheck
{
    private const string Why =
        "The shell stops with \"Permission denied (127)\" or the like: 127 means that there is no such program, 126 that it is there and "
            + "may not be executed.";

    /// <inheritdoc />
    public CheckArea Area => CheckArea.Runner;

    /// <inheritdoc />
    public bool NeedsNetwork => false;

    /// <inheritdoc />
    public Task<IReadOnlyList<CheckResult>> RunAsync(CancellationToken cancellation) => Task.FromResult<IReadOnlyList<CheckResult>>(Run());

    /// <summary>Asks, once for each way in which it is called. Paths with variables in them are left to the shell.</summary>
    public ImmutableArray<CheckResult> Run() =>
    [
        .. calls.Where(call => call.Program != "dotnet" && call.Program.AsSpan().IndexOfAny("$~") < 0)
            .DistinctBy(call => call.Program, StringComparer.Ordinal).Select(Judge),
    ];

    private CheckResult Judge(ToolCall call) =>
        Find(call) with { File = PipelineFileCheck.UsualPath, Line = call.At.Line, Column = call.At.Column };

    private CheckResult Find(ToolCall call)
    {
        var name = Quoted.Of(call.Program);
        var isByName = !call.Program.Contains('/', StringComparison.Ordinal);
        var found = (isByName
            ? path.Where(Path.IsPathRooted).Select(folder => Path.Combine(folder, call.Program))
            : [Path.Combine(directory, call.Program)]).Where(File.Exists).ToArray();
        if (found.FirstOrDefault(IsExecutable) is { } executable)
            return CheckResult.Pass(Area, "program", $"{name} is {PrintableText.Of(executable)}.");
        if (found is [var first, ..])
            return CheckResult.Fail(
                Area, "program", $"{PrintableText.Of(first)} is there, but no one may execute it (126).",
                Why,
                $"chmod +x {call.Program}, in the step that makes it: artifacts keep the bit.");
        var missing = isByName ? $"{name} isn't on the PATH (127)." : $"{name} isn't here (127).";
        return isInPipeline
            ? CheckResult.Fail(
                Area, "program", missing,
                Why,
                "Let an earlier step publish it and keep it as an artifact, or put it into the image; then call it by its path: ls "
                    + "-la PATH shows whether it is there.")
            : CheckResult.Unknown(
                Area, "program", missing, "Here it may be missing and in the step be there: an earlier step, or the image, brings it.");
    }

    private static bool IsExecutable(string file) =>
        OperatingSystem.IsWindows()
            || (File.GetUnixFileMode(
                file) & (UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute)) != UnixFileMode.None;
}
