using SecretRotator.Hosting;
using SecretRotator.Tests.Output;

namespace SecretRotator.Tests.Hosting;

public sealed class InterruptionTests
{
    private readonly TestTerminal _terminal = new();
    private readonly List<ExitCode> _left = [];

    [Fact]
    public void The_first_signal_cancels_and_ends_nothing()
    {
        using var watch = Watch(undoes: true);

        watch.Interrupt(insists: true);

        watch.Token.IsCancellationRequested.Should().BeTrue();
        _left.Should().BeEmpty();
        _terminal.Error.Should().Contain("put back");
    }

    [Fact]
    public void The_second_one_says_how_to_insist_and_the_third_one_leaves_with_5()
    {
        using var watch = Watch(undoes: true);
        watch.Interrupt(insists: true);

        watch.Interrupt(insists: true);
        _left.Should().BeEmpty();
        _terminal.Error.ReplaceLineEndings("")
            .Replace("  ", " ", StringComparison.Ordinal)
            .Should().Contain("Interrupt once more to end at once");

        watch.Interrupt(insists: true);
        _left.Should().Equal(ExitCode.NeedsOperator);
    }

    [Fact]
    public void SIGTERM_never_insists()
    {
        using var watch = Watch(undoes: true);

        for (var i = 0; i < 5; i++)
            watch.Interrupt(insists: false);

        _left.Should().BeEmpty();
    }

    [Fact]
    public void A_command_that_only_looks_leaves_on_the_second_signal()
    {
        using var watch = Watch(undoes: false);
        watch.Interrupt(insists: true);

        watch.Interrupt(insists: true);

        _left.Should().Equal(ExitCode.Cancelled);
    }

    private Interruption.Watching Watch(bool undoes) => new Interruption(_left.Add).Watch(_terminal.Terminal, undoes);
}
