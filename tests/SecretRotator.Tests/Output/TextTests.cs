using SecretRotator.Commands;
using SecretRotator.Output;

namespace SecretRotator.Tests.Output;

public sealed class TextTests
{
    [Fact]
    public void Every_text_stays_within_80_columns_and_has_no_escapes_when_it_is_redirected()
    {
        foreach (var text in AllTexts())
        {
            text.Split('\n').Should().OnlyContain(line => line.Length <= 80 || WholePieces.Of(line).Count() == 1);
            text.Should().NotContain("\u001b");
            text.Split('\n').Should().OnlyContain(line => line == line.TrimEnd());
        }
    }

    [Fact]
    public void Colour_is_used_on_a_terminal_only_and_not_where_it_is_refused()
    {
        Coloured(isTerminal: true, colour: true).Should().Contain("\u001b[");
        Coloured(isTerminal: true, colour: false).Should().NotContain("\u001b");
        Coloured(isTerminal: false, colour: true).Should().NotContain("\u001b");
    }

    [Fact]
    public void Without_its_colours_a_text_says_the_same()
    {
        var plain = System.Text.RegularExpressions.Regex.Replace(Coloured(isTerminal: true, colour: true), "\u001b\\[[0-9;]*m", "");

        string.Join('\n', plain.Split('\n').Select(line => line.TrimEnd())).Should().Be(Coloured(isTerminal: false, colour: false));
    }

    [Fact]
    public void Names_can_not_move_the_cursor_or_forge_lines()
    {
        var item = Samples.Item(0, new Decision.Blocked(FailureKind.Other, "x\u001b]0;title\u0007\r\nForged: line", "\u202egnp.exe"));
        var plan = Samples.PlanOf([]) with { Items = [item with { Secret = item.Secret with { Name = "a\u001b[2J" } }] };

        var text = TestTerminal.Written(new PlanView(plan, null, null).WriteText);

        text.Should().NotContain("\u001b").And
            .NotContain("\u0007").And
            .NotContain("\r").And
            .NotContain("\u202e").And
            .NotContain("\nForged");
        text.Should().Contain("a\\u{1B}[2J");
    }

    [Fact]
    public void A_text_with_markup_is_shown_as_it_is() =>
        TestTerminal.Written(terminal => terminal.Write("[red]not markup[/]")).Should().Be("[red]not markup[/]\n");

    [Theory]
    [InlineData("Deliver it: secret-rotator rotate --only payments-db --adopt", "secret-rotator rotate --only payments-db --adopt")]
    [InlineData("See secret-rotator evidence verify FILE", "secret-rotator evidence verify FILE")]
    [InlineData("A browser: secret-rotator report --output html > report.html", "secret-rotator report --output html > report.html")]
    [InlineData(
        "Restore it (aws secretsmanager restore-secret --secret-id prod/db), or",
        "(aws secretsmanager restore-secret --secret-id prod/db),")]
    [InlineData("Ask az keyvault secret recover --vault-name v --name n", "az keyvault secret recover --vault-name v --name n")]
    [InlineData("Write `value: { kind: vault-managed }`, or", "`value: { kind: vault-managed }`,")]
    [InlineData("Give it one: image: { name: NAME, run-as-user: 1654 }. In", "image: { name: NAME, run-as-user: 1654 }.")]
    [InlineData("The key is missing. Add \"home: acme/secret-rotator\".", "\"home: acme/secret-rotator\".")]
    [InlineData("Say oidc: true in the step", "oidc: true")]
    [InlineData("Write rotate-every: 14d there", "rotate-every: 14d")]
    [InlineData(
        "aud is ari:cloud:bitbucket::workspace/570a08c9-983f-4e51-87ce-38c1fe84436d.",
        "ari:cloud:bitbucket::workspace/570a08c9-983f-4e51-87ce-38c1fe84436d.")]
    [InlineData("Saved as a/path/that/is/wider/than/the/room.json", "a/path/that/is/wider/than/the/room.json")]
    public void A_command_a_path_and_a_snippet_of_yaml_are_never_broken(string text, string whole)
    {
        for (var width = 20; width < text.Length; width++)
            WordWrap.Lines(text, width).Should()
                .ContainSingle(line => line.Contains(whole, StringComparison.Ordinal), "the width is {0}", width);
    }

    [Theory]
    [InlineData("The run was stopped: it goes on with the next one")]
    [InlineData("Bitbucket said \"Rate limit for this resource has been exceeded\" to it")]
    public void Prose_is_folded_wherever_it_has_to_be(string text) =>
        WordWrap.Lines(text, 20).Should().OnlyContain(line => line.Length <= 20);

    [Fact]
    public void A_column_stays_as_wide_as_the_command_in_it()
    {
        var table = ConsoleLayout.Table(ConsoleLayout.Names(["a"]), ConsoleLayout.Folding("Why"), ConsoleLayout.Folding("Next"));
        table.AddRow(
            "a", "It was never delivered by this tool, and no one knows what is there.",
            "secret-rotator rotate --only a --adopt");
        var terminal = new TestTerminal(isTerminal: true, width: 70);

        terminal.Terminal.Write(table);

        terminal.Out.Should().Contain(" secret-rotator rotate --only a --adopt ");
        terminal.OutLines.Should().OnlyContain(line => line.Length <= 70);
    }

    [Fact]
    public void Where_there_is_no_terminal_no_list_is_folded()
    {
        var terminal = new TestTerminal(width: null);
        const string Long =
            "The variable scada-bridge/plant-north:GATEWAY_TOKEN is missing, as are its neighbours and theirs. Create it as a secured "
                + "variable.";

        terminal.Terminal.Write(Long);
        terminal.Terminal.WriteLabelled([("Cause", Long)]);
        var table = ConsoleLayout.Table(ConsoleLayout.Names(["a"]), ConsoleLayout.Folding("Why"));
        table.AddRow("a", Long);
        terminal.Terminal.Write(table);
        new ErrorView("validate", ExitCode.Usage, [new(Long, Long, "rotation.yaml", 1, 2)])
            .Write(terminal.Terminal, SecretRotator.Settings.OutputFormat.Text);

        terminal.OutLines.Where(line => line.Contains("plant-north", StringComparison.Ordinal))
            .Should().HaveCount(3).And
            .OnlyContain(line => line.Contains(Long));
        terminal.Error.Should().Be($"rotation.yaml:1:2: {Long} {Long}\n");
    }

    [Theory]
    [InlineData("132", true, 132)]
    [InlineData("132", false, 132)]
    [InlineData(null, false, null)]
    [InlineData("3", false, null)]
    [InlineData("wide", false, null)]
    [InlineData("-80", false, null)]
    public void The_variable_columns_says_how_wide_a_line_is(string? columns, bool isTerminal, int? width) =>
        Terminal.WidthOf(columns, isTerminal).Should().Be(width);

    [Theory]
    [InlineData("a bb ccc", 4, new[] { "a bb", "ccc" })]
    [InlineData("abcdefgh", 4, new[] { "abcd", "efgh" })]
    [InlineData("  a bbb c", 5, new[] { "  a", "  bbb", "  c" })]
    [InlineData("a\n\nb", 5, new[] { "a", "", "b" })]
    public void Running_text_is_folded_at_spaces(string text, int width, string[] lines) =>
        WordWrap.Lines(text, width).Should().Equal(lines);

    [Theory]
    [InlineData("due", 3)]
    [InlineData("fällig", 6)]
    [InlineData("fa\u0308llig", 6)]
    [InlineData("原因", 4)]
    [InlineData("期限切れ", 8)]
    [InlineData("만료", 4)]
    [InlineData("ａ！", 4)]
    [InlineData("🔑", 2)]
    [InlineData("просрочен … ─", 13)]
    public void A_text_takes_the_columns_that_a_terminal_gives_it(string text, int columns) => CellWidth.Of(text).Should().Be(columns);

    [Fact]
    public void What_is_shown_below_on_stderr_is_replaced_stays_below_and_is_taken_away()
    {
        var terminal = new TestTerminal(isTerminal: true, width: 24);

        terminal.Terminal.ShowBelow(["0 of 2 done"]);
        terminal.Terminal.ShowBelow(["1 of 2 done", "  grid-api: distribute listed"]);
        terminal.Terminal.ShowBelow(["1 of 2 done", "  grid-api: distribute listed"]);
        terminal.Terminal.WriteError("WARNING");
        terminal.Terminal.ShowBelow([]);
        terminal.Terminal.WriteError("Done.");

        const string Second = "1 of 2 done\n  grid-api: distribute\n  listed\n";
        terminal.Error.Should().Be($"0 of 2 done\n\u001b[1A\u001b[J{Second}\u001b[3A\u001b[JWARNING\n{Second}\u001b[3A\u001b[JDone.\n");
        terminal.Out.Should().BeEmpty();
    }

    [Fact]
    public void What_is_shown_below_leaves_a_row_free_and_counts_the_rows_of_what_can_not_be_folded()
    {
        var error = new StringWriter();
        var terminal = new Terminal(
            TextWriter.Null, error, new TerminalTraits(true, true, Colour: false, Dumb: false, Width: 20) { ErrorHeight = 3 });

        terminal.ShowBelow([new string('-', 20), "a/path/that/is/wider/than/the/terminal.json", "left out"]);
        terminal.ShowBelow([]);

        error.ToString().Should().EndWith("terminal.json\n\u001b[4A\u001b[J").And.NotContain("left out");
    }

    private static string Coloured(bool isTerminal, bool colour)
    {
        var terminal = new TestTerminal(isTerminal, colour);
        Samples.Plan.WriteText(terminal.Terminal);
        return terminal.Out;
    }

    private static IEnumerable<string> AllTexts() =>
    [
        TestTerminal.Written(
            (Samples.Plan with { SavedAs = "a/rather/long/path/to/a/plan/that/does/not/fit/on/one/line/of/eighty/columns/plan.json" })
                .WriteText),
        TestTerminal.Written((Samples.Run with { LostEvidence = "The disk is full." }).WriteText),
        TestTerminal.Written(Samples.Drift.WriteText),
    ];
}
