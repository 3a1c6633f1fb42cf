using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace SpikeBench.Reporting;

/// <summary>Small helpers for HTML and SVG text.</summary>
internal static partial class Markup
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

    /// <summary>A sentence of ours, escaped, whose numbers keep their units on the same line.</summary>
    public static string Prose(string sentence) => NumberAndUnit().Replace(Escape(sentence), "$1\u00A0");

    /// <summary>A place between 0 and 1 in per cent, as SVG and CSS write it.</summary>
    public static string Percent(double place) => string.Create(CultureInfo.InvariantCulture, $"{place * 100:0.##}%");

    /// <summary>A table, which scrolls by itself where it is wider than the page.</summary>
    /// <param name="caption">What it shows; outside the part that scrolls.</param>
    /// <param name="columns">A letter per column: <c>n</c> a number, <c>s</c> short text that stays on one line, <c>t</c> text.</param>
    /// <param name="head">The columns' names.</param>
    /// <param name="rows">Cells; markup.</param>
    public static string Table(string caption, string columns, IEnumerable<string> head, IEnumerable<IEnumerable<string>> rows)
    {
        var table = new StringBuilder();
        table.Append(CultureInfo.InvariantCulture, $"<p class=\"cap\">{Escape(caption)}</p><div class=\"scroll\"><table aria-label=\"{Escape(caption)}\"><thead><tr>");
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

    [GeneratedRegex("([0-9]) (?=[µnm]?s\\b|min\\b|calls?\\b|%)")]
    private static partial Regex NumberAndUnit();

    private static string Class(string columns, int column) => columns[column] == 't' ? "" : $" class=\"{columns[column]}\"";
}
