using System.Diagnostics.CodeAnalysis;

namespace SpikeBench.Core.Profiles.Templates;

/// <summary>
/// Text with <c>${…}</c> places. What is drawn is drawn when a pool of messages is made, before the run; what differs from call to call
/// has a fixed width and is written over the message as it leaves. <c>$${</c> stands for <c>${</c> itself.
/// </summary>
/// <remarks>
/// <list type="table">
/// <item><term><c>${seq}</c>, <c>${seq 6}</c></term><description>per call: its place in the plan from 0; in text with 10 digits, or as many as are given</description></item>
/// <item><term><c>${uuid}</c></term><description>per call: a UUID of version 4, from the seed and the call's place</description></item>
/// <item><term><c>${now}</c>, <c>${now ms}</c></term><description>per call: the wall time as it is written out; in text RFC 3339 with nanoseconds, or a whole number of s, ms, us or ns since 1970; in a number ms</description></item>
/// <item><term><c>${pick a,b,c}</c></term><description>one of the words</description></item>
/// <item><term><c>${uniform A B}</c></term><description>a number from A to B, with as many decimals as they are written with</description></item>
/// <item><term><c>${zipf N S}</c></term><description>a whole number from 0 to N − 1, k with weight 1/(k+1)^S: few busy rooms, many quiet ones</description></item>
/// <item><term><c>${lognormal M S}</c></term><description>a whole number around the median M; its logarithm has the deviation S</description></item>
/// <item><term><c>${csv FILE COLUMN}</c></term><description>a cell of a CSV file; all places of one file take the same row</description></item>
/// <item><term><c>${env NAME}</c></term><description>a variable of the environment</description></item>
/// <item><term><c>${bytes N}</c></term><description>N random bytes; in text, N random letters and digits</description></item>
/// <item><term><c>${greeting}</c></term><description>a New Year's greeting in Korean, Japanese, Thai, Chinese or English</description></item>
/// <item><term><c>${run}</c></term><description>the run's name, which no other run has</description></item>
/// </list>
/// </remarks>
public sealed class Template
{
    private const string Open = "${";
    private const string Escaped = "$${";

    private Template(IReadOnlyList<TemplatePart> parts, string text)
    {
        Parts = parts;
        Text = text;
    }

    /// <summary>The pieces in order; at least one.</summary>
    public IReadOnlyList<TemplatePart> Parts { get; }

    /// <summary>As the user wrote it.</summary>
    public string Text { get; }

    /// <summary>Some place differs from call to call.</summary>
    public bool IsPerCall => Parts.Any(p => p.IsPerCall);

    /// <summary>Some place may differ from message to message of a pool.</summary>
    public bool IsDrawn => Parts.Any(p => p.IsDrawn);

    /// <summary>Some place holds what must not be shown: then errors show the template instead of its text.</summary>
    public bool IsSecret => Parts.Any(p => p is EnvPart);

    /// <summary>There is nothing to fill.</summary>
    public bool IsLiteral => Parts is [LiteralPart];

    /// <summary>Text that stands for itself, written as a template.</summary>
    public static string Escape(string text) => text.Replace(Open, Escaped, StringComparison.Ordinal);

    /// <summary>Lays out draws and files.</summary>
    /// <exception cref="TemplateException">The scope lacks what a place needs.</exception>
    public BoundTemplate Bind(TemplateScope scope) => new(this, scope);

    /// <summary>Reads a text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="template">What was read.</param>
    /// <param name="error">What is wrong and how to mend it.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out Template? template, [NotNullWhen(false)] out string? error)
    {
        var parts = new List<TemplatePart>();
        template = null;
        int at = 0;
        string literal = "";
        while (at < text.Length)
        {
            int open = text.IndexOf(Open, at, StringComparison.Ordinal);
            literal += text[at..(open < 0 ? text.Length : open)];
            if (open < 0)
            {
                break;
            }

            if (open > 0 && text[open - 1] == '$' && open > at)
            {
                // The dollar before it is the escape: it goes, and the place is text.
                literal = literal[..^1] + Open;
                at = open + Open.Length;
                continue;
            }

            int close = text.IndexOf('}', open);
            if (close < 0)
            {
                error = $"'{text[open..]}' lacks its closing brace";
                return false;
            }

            if (!TemplateFunctions.TryRead(text[(open + Open.Length)..close], out TemplatePart? part, out error))
            {
                return false;
            }

            if (literal.Length > 0)
            {
                parts.Add(new LiteralPart(literal));
                literal = "";
            }

            parts.Add(part);
            at = close + 1;
        }

        if (literal.Length > 0 || parts.Count == 0)
        {
            parts.Add(new LiteralPart(literal));
        }

        template = new Template(parts, text);
        error = null;
        return true;
    }
}
