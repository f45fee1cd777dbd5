using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace SecretRotator.Commands;

/// <summary>A command whose help ends with examples.</summary>
/// <param name="name">The word on the command line.</param>
/// <param name="description">What it does, for help.</param>
/// <param name="examples">Whole command lines.</param>
internal sealed class CommandWithExamples(string name, string description, params ImmutableArray<string> examples)
    : Command(name, description)
{
    /// <summary>Whole command lines.</summary>
    public ImmutableArray<string> Examples => examples;

    /// <summary>A command's name after those of the commands that it belongs to: <c>evidence verify</c>. Empty for the root.</summary>
    public static string PathOf(Command command)
    {
        foreach (var parent in command.Parents)
            if (parent is Command outer and not RootCommand)
                return $"{PathOf(outer)} {command.Name}";
        return command is RootCommand ? "" : command.Name;
    }

    /// <summary>Help of a command, followed by its examples.</summary>
    /// <param name="help">The help.</param>
    /// <param name="ofRoot">The examples of the root command.</param>
    internal sealed class Help(HelpAction help, params ImmutableArray<string> ofRoot) : SynchronousCommandLineAction
    {
        /// <inheritdoc />
        public override bool ClearsParseErrors => help.ClearsParseErrors;

        /// <inheritdoc />
        public override int Invoke(ParseResult parseResult)
        {
            var output = parseResult.InvocationConfiguration.Output;
            var result = help.Invoke(parseResult);
            output.Write("Examples:\n");
            foreach (var example in parseResult.CommandResult.Command is CommandWithExamples command ? command.Examples : ofRoot)
                output.Write($"  {example}\n");
            output.Write('\n');
            return result;
        }
    }
}
