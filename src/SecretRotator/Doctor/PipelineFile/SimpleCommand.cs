using System.Text.RegularExpressions;

namespace SecretRotator.Doctor.PipelineFile;

/// <summary>One command of a command line: from its name to the sign that ends it.</summary>
/// <param name="Words">The command with its redirections, substitutions filled in: what a substitution prints is taken, not what it is
/// given.</param>
/// <param name="End">Where it ends in the skeleton.</param>
/// <param name="IsPiped">Whether the next command gets its output.</param>
internal sealed record SimpleCommand(string Words, int End, bool IsPiped)
{
    /// <summary>Reads the command that begins at a place of a skeleton (<see cref="ScriptCommand.Skeleton"/>).</summary>
    public static SimpleCommand At(string skeleton, int start)
    {
        var words = skeleton.AsSpan(start).ToArray();
        var (depth, isTicked, i) = (0, false, start);
        for (; i < skeleton.Length; i++)
        {
            var c = skeleton[i];
            var isNested = depth > 0 || isTicked || c == '`' || (c == '(' && i > start);
            if (c == '`')
                isTicked = !isTicked;
            else if (c == '(')
                depth++;
            else if (c == ')' && depth-- == 0)
                break;
            else if (depth == 0 && !isTicked && (c is ';' or '|' or '\n' || (c == '&' && !IsRedirection(skeleton, i))))
                break;
            if (isNested)
                words[i - start] = 'x';
        }

        return new(
            new string(words, 0, i - start), i,
            i < skeleton.Length && skeleton[i] == '|' && (i + 1 == skeleton.Length || skeleton[i + 1] != '|'));
    }

    /// <summary>The command that gets its output; null where there is none.</summary>
    public SimpleCommand? Next(string skeleton)
    {
        if (!IsPiped)
            return null;
        var start = End + 1;
        while (start < skeleton.Length && skeleton[start] is ' ' or '\t' or '&' or '\n')
            start++;
        return At(skeleton, start);
    }

    /// <summary>Its name, without the directory before it.</summary>
    public string Name =>
        Words.Split((char[]?)null, 2, StringSplitOptions.RemoveEmptyEntries) is [var first, ..]
            ? first[(first.LastIndexOf('/') + 1)..]
            : "";

    /// <summary>Whether its output goes to a file or is thrown away. What goes to the terminal, or where errors go, is in the
    /// log.</summary>
    public bool GoesToFile => Redirections.Matches(Words).Any(match => !Log.IsMatch(match.Groups["target"].Value));

    /// <summary>Whether a place of a skeleton is in a substitution, whose output is kept.</summary>
    public static bool IsKept(string skeleton, int at)
    {
        var open = new Stack<bool>();
        var isTicked = false;
        for (var i = 0; i < at; i++)
        {
            if (skeleton[i] == '`')
                isTicked = !isTicked;
            else if (skeleton[i] == '(')
                open.Push(i > 0 && skeleton[i - 1] is '$' or '<' or '>');
            else if (skeleton[i] == ')')
                open.TryPop(out _);
        }

        return isTicked || open.Contains(true);
    }

    private static bool IsRedirection(string skeleton, int at) =>
        (at > 0 && skeleton[at - 1] is '>' or '<') || (at + 1 < skeleton.Length && skeleton[at + 1] == '>');

    // Of standard output: ">", "1>", "&>", not "2>".
    private static readonly Regex Redirections = ReviewPattern.Of(
        @"(?:(?<![\d<>&])|(?<![\d<>])1|&)>>?\|?\s*(?<target>&?[^\s;&|<>()]+)");

    private static readonly Regex Log = ReviewPattern.Of(
        @"^(?:&[12]|[""']?/dev/(?:stderr|stdout|tty|fd/[12])[""']?)\z");
}
