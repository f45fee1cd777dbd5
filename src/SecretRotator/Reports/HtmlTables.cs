namespace SecretRotator.Reports;

/// <summary>Tables that a screen reader announces and a narrow screen scrolls.</summary>
internal static class HtmlTables
{
    /// <summary>Writes one.</summary>
    /// <param name="page">The page.</param>
    /// <param name="caption">What it shows.</param>
    /// <param name="headings">The columns' headings.</param>
    /// <param name="rows">What the rows are made of.</param>
    /// <param name="write">Writes the cells of a row.</param>
    public static void Write<T>(HtmlPage page, string caption, string[] headings, IEnumerable<T> rows, Action<T> write)
    {
        page.WriteLine($"<div class=\"scroll\" role=\"region\" aria-label=\"{caption}\" tabindex=\"0\">");
        page.WriteLine($"<table>");
        page.WriteLine($"<caption>{caption}</caption>");
        page.Write($"<thead><tr>");
        foreach (var heading in headings)
            page.Write($"<th scope=\"col\">{heading}</th>");
        page.WriteLine($"</tr></thead>");
        page.WriteLine($"<tbody>");
        foreach (var row in rows)
        {
            page.Write($"<tr>");
            write(row);
            page.WriteLine($"</tr>");
        }

        page.WriteLine($"</tbody>");
        page.WriteLine($"</table>");
        page.WriteLine($"</div>");
    }
}
