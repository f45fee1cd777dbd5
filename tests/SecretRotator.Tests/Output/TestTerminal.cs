namespace SecretRotator.Tests.Output;

/// <summary>A terminal that a test can read.</summary>
internal sealed class TestTerminal
{
    private readonly StringWriter _out = new() { NewLine = "\n" };
    private readonly StringWriter _error = new() { NewLine = "\n" };

    public TestTerminal(bool isTerminal = false, bool colour = false, bool dumb = false, int? width = 80) =>
        Terminal = new Terminal(_out, _error, new TerminalTraits(isTerminal, isTerminal, colour, dumb, width));

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
