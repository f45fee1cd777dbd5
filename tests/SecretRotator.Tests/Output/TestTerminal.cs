namespace SecretRotator.Tests.Output;

/// <summary>A terminal that a test can read.</summary>
internal sealed class TestTerminal
{
    private readonly StringWriter _out = new() { NewLine = "\n" };
    private readonly StringWriter _error = new() { NewLine = "\n" };

    /// <param name="isTerminal">Whether it is one.</param>
    /// <param name="colour">Whether it shows colours.</param>
    /// <param name="dumb">Whether it can't move its cursor.</param>
    /// <param name="width">Its columns.</param>
    /// <param name="answers">What a person types at it, one after the other; null where no person can be asked.</param>
    public TestTerminal(
        bool isTerminal = false, bool colour = false, bool dumb = false, int? width = 80, IEnumerable<string>? answers = null)
    {
        var typed = answers is null ? null : new Queue<string>(answers);
        Terminal = new Terminal(_out, _error, new TerminalTraits(isTerminal, isTerminal, colour, dumb, width))
        {
            Answer = typed is null ? null : _ => typed.TryDequeue(out var answer) ? answer : null,
        };
    }

    public Terminal Terminal { get; }

    public string Out => _out.ToString();

    public string Error => _error.ToString();

    public string[] OutLines => Out.TrimEnd('\n').Split('\n');

    public static string Written(Action<Terminal> write)
    {
        var terminal = new TestTerminal();
        write(terminal.Terminal);
        return terminal.Out;
    }
}
