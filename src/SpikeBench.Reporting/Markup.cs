using System.Globalization;
using System.Text;

namespace SpikeBench.Reporting;

/// <summary>Small helpers for HTML and SVG text.</summary>
internal static class Markup
{
    /// <summary>Text that was written by others, safe between tags and in quoted attributes.</summary>
    public static string Escape(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return "";
        }

        var escaped = new StringBuilder(text.Length + 16);
        foreach (char c in text)
        {
            escaped.Append(c switch
            {
                '&' => "&amp;",
                '<' => "&lt;",
                '>' => "&gt;",
                '"' => "&quot;",
                '\'' => "&#39;",

                // XML knows no other control characters, and a report shows none.
                < ' ' and not ('\t' or '\n' or '\r') => " ",
                _ => c.ToString(),
            });
        }

        return escaped.ToString();
    }

    /// <summary>A place between 0 and 1 in per cent, as SVG and CSS write it.</summary>
    public static string Percent(double place) => string.Create(CultureInfo.InvariantCulture, $"{place * 100:0.##}%");

    /// <summary>A table. Cells are markup; the first row is the head; columns whose class is <c>n</c> are numbers.</summary>
    public static string Table(string caption, string columns, IEnumerable<string> head, IEnumerable<IEnumerable<string>> rows)
    {
        var table = new StringBuilder();
        table.Append(CultureInfo.InvariantCulture, $"<div class=\"scroll\"><table><caption>{Escape(caption)}</caption><thead><tr>");
        int column = 0;
        foreach (string name in head)
        {
            table.Append(CultureInfo.InvariantCulture, $"<th scope=\"col\"{Class(columns, column++)}>{Escape(name)}</th>");
        }

        table.Append("</tr></thead><tbody>\n");
        foreach (IEnumerable<string> row in rows)
        {
            table.Append("<tr>");
            column = 0;
            foreach (string cell in row)
            {
                table.Append(CultureInfo.InvariantCulture, $"<td{Class(columns, column++)}>{cell}</td>");
            }

            table.Append("</tr>\n");
        }

        return table.Append("</tbody></table></div>\n").ToString();
    }

    // One letter per column: n a number, t text.
    private static string Class(string columns, int column) => columns[column] == 'n' ? " class=\"n\"" : "";
}
