using SecretRotator.Audit;

namespace SecretRotator.Reports;

/// <summary>The three charts of the summary, as SVG in the page. Each has the same content in words, for readers who can't see
/// it.</summary>
internal static class HtmlPlots
{
    private const int BarWidth = 1000;
    private const int Buckets = 10;

    /// <summary>How many secrets are in which state: one bar, with its legend as a list.</summary>
    public static void WriteStates(HtmlPage page, AuditReport report)
    {
        page.WriteLine($"<figure class=\"states\">");
        page.Write($"<svg viewBox=\"0 0 {BarWidth} 24\" preserveAspectRatio=\"none\" aria-hidden=\"true\" focusable=\"false\">");
        var left = 0.0;
        foreach (var (state, count) in report.States)
        {
            var width = (double)BarWidth * count / report.Secrets.Length;
            page.Write($"<rect class=\"{WireNames.Of(state)}\" x=\"{left}\" y=\"0\" width=\"{Math.Max(1, width - 2)}\" height=\"24\"/>");
            left += width;
        }

        page.WriteLine($"</svg>");
        page.WriteLine($"<figcaption><ul class=\"legend\">");
        foreach (var (state, count) in report.States)
            page.WriteLine(
                $"<li><span class=\"swatch {WireNames.Of(state)}\"></span> <b>{count} "
                    + $"{HumanText.ForPeople(WireNames.Of(state))}</b> <span class=\"quiet\">{ReportNames.Meaning(state)}</span></li>");
        page.WriteLine($"</ul></figcaption>");
        page.WriteLine($"</figure>");
    }

    /// <summary>How much of their periods secrets have used up: a bar for each tenth, one for what is over, one for what isn't
    /// known.</summary>
    public static void WriteAges(HtmlPage page, AuditReport report)
    {
        var counts = new int[Buckets + 2];
        foreach (var audit in report.Secrets)
            counts[BucketOf(audit)]++;
        var most = Math.Max(1, counts.Max());
        const int Width = 30;
        const int Height = 140;
        page.WriteLine($"<figure>");
        page.WriteLine($"<figcaption>Age against policy: how much of its period each secret has used up</figcaption>");
        page.Write($"<svg viewBox=\"0 0 {(Width * counts.Length) + 20} {Height + 44}\" role=\"img\" aria-label=\"{AgesInWords(counts)}\">");
        for (var i = 0; i < counts.Length; i++)
        {
            var height = counts[i] == 0 ? 0 : Math.Max(2, (double)Height * counts[i] / most);
            // What is beyond the policy is drawn apart, and so is what isn't known.
            var x = (i * Width) + (i < Buckets ? 0 : (i - Buckets + 1) * 8);
            page.Write(
                $"<rect class=\"{(i < Buckets ? "within" : i == Buckets ? "overdue" : "unknown")}\" x=\"{x + 2}\" "
                    + $"y=\"{Height + 16 - height}\" width=\"{Width - 4}\" height=\"{height}\"/>");
            if (counts[i] > 0)
                page.Write($"<text x=\"{x + (Width / 2)}\" y=\"{Height + 12 - height}\" text-anchor=\"middle\">{counts[i]}</text>");
            page.Write($"<text class=\"axis\" x=\"{x + (Width / 2)}\" y=\"{Height + 32}\" text-anchor=\"middle\">{LabelOf(i)}</text>");
        }

        page.Write($"<line class=\"limit\" x1=\"{(Buckets * Width) + 4}\" y1=\"0\" x2=\"{(Buckets * Width) + 4}\" y2=\"{Height + 18}\"/>");
        page.WriteLine($"</svg>");
        page.WriteLine($"</figure>");
    }

    /// <summary>What becomes due when: a cell a day, a column a week.</summary>
    public static void WriteCalendar(HtmlPage page, AuditReport report)
    {
        const int Cell = 22;
        const int Left = 34;
        const int Top = 20;
        var first = report.Calendar[0].Date;
        var most = Math.Max(1, report.Calendar.Max(day => day.Due));
        var columns = ColumnOf(report.Calendar[^1].Date, first) + 1;
        page.WriteLine($"<figure>");
        page.WriteLine(
            $"<figcaption>Due in the next {DueCalendar.Length} days "
                + $"(UTC){(report.Calendar.Any(day => day.Freeze is not null) ? "; framed days are in a freeze" : "")}</figcaption>");
        page.Write(
            $"<svg viewBox=\"0 0 {Left + (columns * Cell) + 2} {Top + (7 * Cell) + 2}\" role=\"img\" "
                + $"aria-label=\"{CalendarInWords(report)}\">");
        foreach (var (row, name) in new[] { (0, "Mon"), (2, "Wed"), (4, "Fri") })
            page.Write($"<text class=\"axis\" x=\"0\" y=\"{Top + (row * Cell) + 15}\">{name}</text>");
        foreach (var day in report.Calendar)
        {
            var (x, y) = (Left + (ColumnOf(day.Date, first) * Cell), Top + (((int)day.Date.DayOfWeek - 1) * Cell));
            if (day.Date.Day == 1 || day.Date == first)
                page.Write(
                    $"<text class=\"axis\" x=\"{x}\" "
                        + $"y=\"12\">{(day.Date == first && day.Date.Day > 23 ? "" : day.Date.ToString("MMM", CultureInfo.InvariantCulture))}</text>");
            var shade = day.Due == 0 ? 0 : 1 + (3 * (day.Due - 1) / most);
            page.Write(
                $"<rect class=\"d{shade}{(day.Freeze is null ? "" : " frozen")}\" x=\"{x + 1}\" y=\"{y + 1}\" width=\"{Cell - 3}\" "
                    + $"height=\"{Cell - 3}\" rx=\"2\"><title>{ReportNames.Of(day.Date)}: {ReportFacts.Of(day)}</title></rect>");
            if (day.Due > 0)
                page.Write(
                    $"<text class=\"in d{shade}{(day.Due > 99 ? " wide" : "")}\" x=\"{x + (Cell / 2.0) - 0.5}\" y=\"{y + 15}\" "
                        + $"text-anchor=\"middle\">{(day.Due > 999 ? $"{day.Due / 1000}k" : $"{day.Due}")}</text>");
        }

        page.WriteLine($"</svg>");
        page.WriteLine($"</figure>");
    }

    private static int BucketOf(SecretAudit audit) => audit switch
    {
        { Freshness: AgeVerdict.Unknown } => Buckets + 1,
        { Freshness: AgeVerdict.Overdue } => Buckets,
        { Used: { } used } => Math.Clamp((int)(used * Buckets), 0, Buckets - 1),
        _ => 0,
    };

    private static string LabelOf(int bucket) => bucket switch
    {
        Buckets => "over",
        > Buckets => "?",
        Buckets - 1 => "100%",
        _ => $"{bucket + 1}0",
    };

    private static string AgesInWords(int[] counts)
    {
        var within = Enumerable.Range(0, Buckets).Where(i => counts[i] > 0)
            .Select(i => $"{counts[i]} between {i * 10} and {(i + 1) * 10} per cent");
        return "Secrets by how much of their period is used up: "
            + $"{string.Join(", ", [.. within, $"{counts[Buckets]} over it", $"{counts[Buckets + 1]} unknown"])}.";
    }

    private static string CalendarInWords(AuditReport report)
    {
        var due = report.Calendar.Where(day => day.Due > 0).ToList();
        var busiest = due.OrderByDescending(day => day.Due).ThenBy(day => day.Date).Take(5).OrderBy(day => day.Date);
        return due.Count == 0
            ? "Nothing becomes due."
            : $"{due.Sum(day => day.Due)} become due on {HumanText.Count(due.Count, "day")}; most on "
                + $"{string.Join(", ", busiest.Select(day => $"{ReportNames.Of(day.Date)} ({day.Due})"))}. What is overdue counts "
                + $"on the first day.";
    }

    private static int ColumnOf(LocalDate date, LocalDate first) => (Period.DaysBetween(first, date) + (int)first.DayOfWeek - 1) / 7;
}
