using SecretRotator.Output;

namespace SecretRotator.Tests.Output;

public sealed class TextTableTests
{
    [Fact]
    public void What_does_not_fit_80_columns_is_folded_within_its_column() =>
        Redirected(Decisions(
            ("payments-db", "blocked", "The variable scada-bridge/plant-north:GATEWAY_TOKEN is missing. Create it as a secured variable."),
            ("grid-api", "due", "Since 2026-11-21 13:30 UTC (2 d 12 h ago)"))).Should().Be(
            """

             Secret        Decision   Why                                           Calls
            ────────────────────────────────────────────────────────────────────────────────
             payments-db   blocked    The variable                                  1 + 6
                                      scada-bridge/plant-north:GATEWAY_TOKEN is
                                      missing. Create it as a secured variable.
             grid-api      due        Since 2026-11-21 13:30 UTC (2 d 12 h ago)     1 + 6


            """);

    [Fact]
    public void A_long_name_and_a_long_word_are_cut_into_pieces() =>
        Redirected(Decisions(("the-name-of-a-secret-of-many-words", "due", new string('x', 50)))).Should().Be(
            """

             Secret                 Decision   Why                                  Calls
            ────────────────────────────────────────────────────────────────────────────────
             the-name-of-a-secret   due        xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx   1 + 6
             -of-many-words                    xxxxxxxxxxxxxxxx


            """);

    [Fact]
    public void A_table_without_rows_has_no_rule() => Redirected(Decisions()).Should().Be("\n Secret   Decision   Why   Calls\n\n");

    [Fact]
    public void Wide_characters_take_two_columns()
    {
        var lines = Redirected(Decisions(
            ("a", "due", "因为它已经到期了"),
            ("b", "due", "因为它比最短间隔更旧所以需要尽快轮换并且验证所有目标变量都已更新完成"))).Split('\n');

        lines[3].Should().Be(" a        due        因为它已经到期了                                   1 + 6");
        lines[4].Should().Be(" b        due        因为它比最短间隔更旧所以需要尽快轮换并且验证所有   1 + 6");
        lines[5].Should().Be("                     目标变量都已更新完成");
        Redirected(terminal => terminal.WriteLabelled([("-", "原因 原因 原因")]), width: 12).Should().Be("  - 原因\n    原因\n    原因\n");
    }

    [Fact]
    public void A_thousand_rows_look_like_three()
    {
        (string, string, string)[] rows =
            [.. Enumerable.Range(0, 1_000)
                .Select(i => ($"secret-{i % 10}", "not due", $"Until 2026-12-{(i % 20) + 10} (in {(i % 20) + 10} d)"))];

        var three = Redirected(Decisions(rows[..3])).Split('\n');
        var thousand = Redirected(Decisions(rows)).Split('\n');

        thousand.Should().HaveCount(three.Length + 997);
        thousand[..6].Should().Equal(three[..6]);
        thousand[^3..].Should().Equal([" secret-9   not due    Until 2026-12-29 (in 29 d)   1 + 6", .. three[^2..]]);
    }

    [Fact]
    public void Ten_thousand_rows_take_little_more_memory_than_their_text()
    {
        var table = Decisions(
            [.. Enumerable.Range(0, 10_000).Select(i => ($"secret-{i}", "not due", "Until 2026-12-19 01:00 UTC (in 25 d)"))]);
        var terminal = new Terminal(TextWriter.Null, TextWriter.Null, new TerminalTraits(false, false, false, false, 80));
        terminal.Write(table);

        var before = GC.GetAllocatedBytesForCurrentThread();
        terminal.Write(table);

        (GC.GetAllocatedBytesForCurrentThread() - before).Should().BeLessThan(10_000 * 3_000);
    }

    [Fact]
    public void On_a_terminal_lines_are_padded_and_only_a_cell_s_text_has_a_colour()
    {
        var table = ConsoleLayout.Table(ConsoleLayout.Names(["a"]), ConsoleLayout.Whole("Decision"));
        table.AddRow("a", new("due", Tone.Attention));
        var terminal = new TestTerminal(isTerminal: true, colour: true);

        terminal.Terminal.Write(table);

        terminal.Out.Should().Be(
            $"{new string(' ', 21)}\n Secret   Decision   \n{new string('─', 21)}\n"
            + $" a        \u001b[93mdue\u001b[0m        \n{new string(' ', 21)}\n");
    }

    [Theory]
    [InlineData(79)]
    [InlineData(60)]
    [InlineData(40)]
    [InlineData(20)]
    public void No_line_is_wider_than_the_terminal(int width) =>
        Redirected(Decisions(("the-name-of-a-secret-of-many-words", "needs --adopt", "Never delivered by this tool")), width).Split('\n')
            .Should().OnlyContain(line => line.Length <= width);

    [Fact]
    public void In_a_narrow_terminal_the_columns_that_fold_give_way_the_widest_first()
    {
        var row = ("the-name-of-a-secret", "due", "Since 2026-11-21 13:30 UTC (2 d 12 h ago)");

        var lines = Redirected(Decisions(row), width: 59).Split('\n');

        lines[3].Should().Be(" the-name-of-a-sec   due        Since 2026-11-21   1 + 6");
        lines[4].Should().Be(" ret                            13:30 UTC (2 d");
    }

    [Fact]
    public void Labels_stay_whole_and_their_text_is_folded_beside_them() =>
        Redirected(
            terminal => terminal.WriteLabelled([("Cause", "Bitbucket answered 503 to the PUT."), ("", "Twice.")]), width: 30).Should().Be(
            """
              Cause Bitbucket answered 503
                    to the PUT.
                    Twice.

            """);

    [Fact]
    public void An_address_that_is_too_long_leaves_labels_whole_and_the_rest_folded() =>
        Redirected(
            terminal => terminal.WriteLabelled([("Issuer", "It is https://api.bitbucket.org/2.0/workspaces/acme, as it should be.")]),
            width: 30).Should().Be(
            """
              Issuer It is
                     https://api.bitbucket.org/2.0/workspaces/acme,
                     as it should be.

            """);

    private static TextTable Decisions(params (string Name, string Decision, string Why)[] rows)
    {
        var table = ConsoleLayout.Table(
            ConsoleLayout.Names(rows.Select(row => row.Name)), ConsoleLayout.Whole("Decision"), ConsoleLayout.Folding("Why"),
            ConsoleLayout.Whole("Calls"));
        foreach (var (name, decision, why) in rows)
            table.AddRow(name, decision, why, "1 + 6");
        return table;
    }

    private static string Redirected(TextTable table, int width = 80) => Redirected(terminal => terminal.Write(table), width);

    private static string Redirected(Action<Terminal> write, int width)
    {
        var terminal = new TestTerminal(width: width);
        write(terminal.Terminal);
        return terminal.Out;
    }
}
