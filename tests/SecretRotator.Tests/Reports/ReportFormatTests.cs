using System.Text.Json.Nodes;
using SecretRotator.Audit;
using SecretRotator.Reports;
using SecretRotator.Settings;
using SecretRotator.Tests.Inventory;

namespace SecretRotator.Tests.Reports;

public sealed class ReportFormatTests
{
    private static readonly AuditReport Report = ReportSamples.Report;

    public static TheoryData<string> Formats => [.. Written.Formats.Select(format => format.ToString())];

    [Theory]
    [MemberData(nameof(Formats))]
    public void The_same_facts_make_the_same_bytes(string format)
    {
        var again = ReportSamples.ReportOf(
            ReportSamples.Everything(), ReportSamples.Past(), ReportSamples.EvidenceOf(ReportSamples.Past()));

        Written.Bytes(again, Of(format)).Should().Equal(Written.Bytes(Report, Of(format)));
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void Every_format_names_every_secret_that_has_a_finding_with_what_was_seen(string format)
    {
        var text = Plain(Of(format));

        foreach (var finding in Report.Findings.Where(f => f.Secret is not null))
            text.Should().Contain(finding.Secret!).And.Contain(finding.What).And.Contain(finding.Hint);
    }

    [Theory]
    [InlineData(nameof(OutputFormat.Html))]
    [InlineData(nameof(OutputFormat.Markdown))]
    [InlineData(nameof(OutputFormat.Csv))]
    [InlineData(nameof(OutputFormat.Sarif))]
    public void Formats_for_people_and_scanners_tell_the_facts_of_the_whole(string format)
    {
        var text = Plain(Of(format));

        foreach (var (_, fact) in ReportFacts.Of(Report))
            text.Should().Contain(fact);
    }

    [Theory]
    [InlineData(nameof(OutputFormat.Html))]
    [InlineData(nameof(OutputFormat.Markdown))]
    [InlineData(nameof(OutputFormat.Csv))]
    public void Formats_for_people_tell_each_secrets_story(string format)
    {
        var text = Plain(Of(format));

        foreach (var audit in Report.Secrets)
        {
            text.Should().Contain(PrintableText.Of(audit.Secret.Owner)).And
                .Contain(audit.Secret.Path).And
                .Contain(ReportNames.Plain(audit.Decision, Report.Origin.At));
            foreach (var happened in audit.History)
                text.Should().Contain(ReportNames.Plain(happened)).And.Contain(happened.Run);
            foreach (var exception in audit.Exceptions)
                text.Should().Contain(ReportNames.Plain(exception));
        }

        foreach (var fact in Report.Controls.SelectMany(control => control.Facts))
            text.Should().Contain(fact.Text);
        foreach (var gap in Report.Evidence.Gaps)
            text.Should().Contain(gap);
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void No_format_lets_control_characters_through(string format) =>
        Written.Text(Report, Of(format))
            .EnumerateRunes()
            .Should().NotContain(
                rune => rune.Value == 0x1b || rune.Value == 0x202e || (rune.Value < 0x20 && rune.Value != '\n' && rune.Value != '\r'));

    [Theory]
    [MemberData(nameof(Formats))]
    public void An_empty_report_is_one_too(string format) =>
        Written.Bytes(
            Report with
            {
                Secrets = [],
                Findings = [],
                Controls = [],
                Unobserved = [],
                Coverage = new([], []),
                Compliance = default,
                Evidence = EvidenceFacts.None,
            }, Of(format)).Should().NotBeEmpty();

    [Fact]
    public void The_json_is_as_its_schema_says() =>
        Schema.Accepts(JsonNode.Parse(Written.Bytes(Report, OutputFormat.Json))).Should().BeTrue();

    [Fact]
    public void The_schema_knows_every_decision()
    {
        foreach (var decision in Output.Samples.Decisions)
        {
            var report = Report with { Secrets = [Report.Secrets[0] with { Decision = decision }] };

            Schema.Accepts(JsonNode.Parse(Written.Bytes(report, OutputFormat.Json))).Should().BeTrue(decision.ToString());
        }
    }

    [Fact]
    public void The_schema_refuses_what_isnt_a_report()
    {
        var json = JsonNode.Parse(Written.Bytes(Report, OutputFormat.Json))!.AsObject();
        json["secrets"]![0]!["state"] = "fine";

        Schema.Accepts(json).Should().BeFalse();
    }

    [Fact]
    public void The_json_says_what_the_model_says()
    {
        var json = Written.Json(Report, OutputFormat.Json);

        json.GetProperty("compliance")
            .GetRawText()
            .ReplaceLineEndings("")
            .Replace(" ", "", StringComparison.Ordinal)
            .Should().Be("{\"within\":5,\"overdue\":3,\"unknown\":3,\"of\":11,\"share\":0.454545}");
        json.GetProperty("findings").GetArrayLength().Should().Be(Report.Findings.Length);
        json.GetProperty("secrets")
            .EnumerateArray()
            .Select(s => s.GetProperty("name").GetString())
            .Should().Equal(Report.Secrets.Select(s => s.Secret.Name));
        json.GetProperty("secrets")[0]
            .GetProperty("last")
            .GetProperty("run")
            .GetString()
            .Should().Be("11111111-0000-8000-8000-000000000001");
        json.GetProperty("secrets")[0].GetProperty("ageSeconds").GetInt64().Should().Be(864000);
    }

    [Fact]
    public void Every_row_of_the_csv_has_every_column()
    {
        var rows = Written.Rows(Written.Text(Report, OutputFormat.Csv));

        rows.Select(row => row.Length).Distinct().Should().ContainSingle().Which.Should().Be(rows[0].Length);
        rows.Count(row => row[0] == "secret").Should().Be(Report.Secrets.Length);
        rows[0].Should().OnlyHaveUniqueItems();
    }

    [Theory]
    [InlineData("=1+1", "\"'=1+1\"")]
    [InlineData("+1", "\"'+1\"")]
    [InlineData("-1", "\"'-1\"")]
    [InlineData("@SUM(A1)", "\"'@SUM(A1)\"")]
    [InlineData("＝1", "\"'＝1\"")]
    [InlineData("\tx", "\\u{9}x")]
    [InlineData("\r\n=1", "\\u{D}\\u{A}=1")]
    [InlineData("a,b", "\"a,b\"")]
    [InlineData("say \"no\"", "\"say \"\"no\"\"\"")]
    [InlineData("1-2=3", "1-2=3")]
    [InlineData("", "")]
    public void No_cell_of_the_csv_is_a_formula_or_ends_early(string text, string cell) => CsvReport.Cell(text).Should().Be(cell);

    [Theory]
    [InlineData("a|b", "a\\|b")]
    [InlineData("<b>", "\\<b\\>")]
    [InlineData("[x](y)", "\\[x\\](y)")]
    [InlineData("a\nb", "a\\\\u\\{A\\}b")]
    [InlineData("https://x.example", "https:&#8203;//x.example")]
    [InlineData("&lt;", "\\&lt;")]
    [InlineData("`a`", "\\`a\\`")]
    [InlineData("plain-text, 1.", "plain-text, 1.")]
    public void No_text_is_markup_in_markdown(string text, string escaped) => MarkdownReport.Escaped(text).Should().Be(escaped);

    [Fact]
    public void The_sarif_holds_one_result_a_finding_at_its_line()
    {
        var run = Written.Json(Report, OutputFormat.Sarif).GetProperty("runs")[0];
        var results = run.GetProperty("results").EnumerateArray().ToList();

        Written.Json(Report, OutputFormat.Sarif).GetProperty("version").GetString().Should().Be("2.1.0");
        results.Select(r => r.GetProperty("ruleId").GetString()).Should().Equal(Report.Findings.Select(f => f.Rule.Id));
        results.Select(
            r => r.GetProperty("locations")[0].GetProperty("physicalLocation").GetProperty("region").GetProperty("startLine").GetInt32())
                .Should().Equal(Report.Findings.Select(f => f.Line));
        results.Should().OnlyContain(
                r => run.GetProperty("tool").GetProperty("driver").GetProperty("rules")[r.GetProperty("ruleIndex").GetInt32()]
                    .GetProperty("id").GetString() == r.GetProperty("ruleId").GetString());
        run.GetProperty("invocations")[0].GetProperty("toolExecutionNotifications").GetArrayLength().Should().Be(Report.Unobserved.Length);
    }

    [Fact]
    public void A_finding_keeps_its_fingerprint_when_its_line_and_its_text_change()
    {
        var finding = Report.Findings.First(f => f.Secret is not null);

        Fingerprint(finding with { Line = 99, What = "It was due at another time." }).Should().Be(Fingerprint(finding));
        Fingerprint(finding with { Secret = "another" }).Should().NotBe(Fingerprint(finding));
    }

    [Theory]
    [InlineData("some dir/rotation.yaml", "some%20dir/rotation.yaml")]
    [InlineData("/srv/rotation.yaml", "file:///srv/rotation.yaml")]
    public void The_sarif_names_the_inventory_by_an_address(string file, string address) =>
        Written.Json(Report with { Origin = Report.Origin with { InventoryFile = file } }, OutputFormat.Sarif).GetProperty("runs")[0]
            .GetProperty("results")[0]
            .GetProperty("locations")[0]
            .GetProperty("physicalLocation")
            .GetProperty("artifactLocation")
            .GetProperty("uri")
            .GetString()
            .Should().Be(address);

    [Theory]
    [InlineData("a.html", OutputFormat.Html)]
    [InlineData("A.HTM", OutputFormat.Html)]
    [InlineData("a.md", OutputFormat.Markdown)]
    [InlineData("a.json", OutputFormat.Json)]
    [InlineData("a.csv", OutputFormat.Csv)]
    [InlineData("a.sarif", OutputFormat.Sarif)]
    [InlineData("a.txt", null)]
    [InlineData("html", null)]
    public void A_files_name_tells_its_format(string name, object? format) => ReportFormats.OfFile(name).Should().Be((OutputFormat?)format);

    private static SchemaEvaluator Schema { get; } = new(
        JsonNode.Parse(File.ReadAllText(Path.Combine(RepositoryFiles.Root, "schemas", "report.schema.json")))!.AsObject());

    private static OutputFormat Of(string format) => Enum.Parse<OutputFormat>(format);

    private static string Fingerprint(AuditFinding finding) =>
        Written.Json(Report with { Findings = [finding] }, OutputFormat.Sarif).GetProperty("runs")[0].GetProperty("results")[0]
            .GetProperty("partialFingerprints").GetProperty("finding/v1").GetString()!;

    // What a reader sees: the escapes of the format undone.
    private static string Plain(OutputFormat format)
    {
        var text = Written.Text(Report, format);
        return format switch
        {
            OutputFormat.Html => System.Net.WebUtility.HtmlDecode(text),
            OutputFormat.Markdown =>
                text.Replace("&#8203;", "", StringComparison.Ordinal).Replace("&#46;", ".", StringComparison.Ordinal)
                    .Replace("\\\\", "\0", StringComparison.Ordinal).Replace("\\", "", StringComparison.Ordinal)
                    .Replace("\0", "\\", StringComparison.Ordinal),
            OutputFormat.Csv => string.Join('\n', Written.Rows(text).Select(row => string.Join('\n', row))),
            _ => Strings(JsonDocument.Parse(text).RootElement),
        };
    }

    private static string Strings(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => string.Join('\n', element.EnumerateObject().Select(member => Strings(member.Value))),
        JsonValueKind.Array => string.Join('\n', element.EnumerateArray().Select(Strings)),
        JsonValueKind.String => element.GetString()!,
        _ => element.GetRawText(),
    };
}
