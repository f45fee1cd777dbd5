using System.Text.RegularExpressions;
using SecretRotator.Configuration.Yaml;

namespace SecretRotator.Doctor.PipelineFile;

/// <summary>What one script does, as far as the step around it has to fit.</summary>
/// <param name="Commands">Its command lines.</param>
/// <param name="Pipes">Its pipes.</param>
/// <param name="ToolCalls">Its calls of this program.</param>
/// <param name="TokenUses">Where it needs the step's OIDC token.</param>
/// <param name="NamesSecrets">Whether it names variables that hold secrets.</param>
internal sealed record ScriptFacts(
    ImmutableArray<ScriptCommand> Commands,
    ImmutableArray<YamlNode.Mapping> Pipes,
    ImmutableArray<ToolCall> ToolCalls,
    ImmutableArray<Position> TokenUses,
    bool NamesSecrets)
{
    /// <summary>Reads a script.</summary>
    public static ScriptFacts Read(YamlNode.Sequence script, ScriptSource source)
    {
        ImmutableArray<ScriptCommand> commands = [.. script.Items.OfType<YamlNode.Scalar>().SelectMany(item => source.Commands(item))];
        ImmutableArray<YamlNode.Mapping> pipes =
        [
            .. script.Items.OfType<YamlNode.Mapping>().Where(item => item.Find("pipe") is YamlNode.Scalar),
        ];
        var tokens = commands.SelectMany(command => TokenUse.Matches(command.Text).Select(match => command.At(match.Index)))
            .Concat(pipes.SelectMany(pipe => pipe.Find("variables").Entries())
                .Where(entry => TokenUse.IsMatch(entry.Key) || entry.Value.Texts().Any(TokenUse.IsMatch))
                .Select(entry => entry.KeyAt));
        return new ScriptFacts(
            commands,
            pipes,
            [.. commands.SelectMany(ToolCall.In)],
            [.. tokens],
            commands.Any(command => SecretVariable.IsMatch(command.Text))
                || pipes.Any(
                    pipe => pipe.Find("variables").Entries().SelectMany(entry => entry.Value.Texts()).Any(SecretVariable.IsMatch)));
    }

    private static readonly Regex TokenUse = ReviewPattern.Of(
        @"\bBITBUCKET_STEP_OIDC_TOKEN\b|\bassume-role-with-web-identity\b|\bAWS_OIDC_ROLE_ARN\b");

    private static readonly Regex SecretVariable = ReviewPattern.Of(
        @"\$\{?" + ShellWords.SecretName + @"\b", RegexOptions.IgnoreCase);
}
