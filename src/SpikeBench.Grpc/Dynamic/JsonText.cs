using System.Globalization;
using System.Text;

namespace SpikeBench.Grpc.Dynamic;

/// <summary>
/// Writes JSON for people and for programs: text of any script stays as it is, and what a terminal might obey or a line break might be
/// is escaped.
/// </summary>
/// <param name="indented">Two spaces a level; otherwise one line.</param>
internal sealed class JsonText(bool indented)
{
    private readonly StringBuilder _text = new();
    private int _level;
    private bool _first = true;
    private bool _named;

    public override string ToString() => _text.ToString();

    public void Begin(char bracket)
    {
        Next();
        _text.Append(bracket);
        _level++;
        _first = true;
    }

    public void End(char bracket)
    {
        _level--;
        if (!_first)
        {
            Break();
        }

        _text.Append(bracket);
        _first = false;
    }

    public void Name(string name)
    {
        Next();
        Quote(name);
        _text.Append(indented ? ": " : ":");
        _named = true;
    }

    /// <summary>A number, a truth value or null.</summary>
    public void Bare(string value)
    {
        Next();
        _text.Append(value);
    }

    public void String(string value)
    {
        Next();
        Quote(value);
    }

    /// <summary>What stands between two values: a comma and a line's end; nothing after a name.</summary>
    private void Next()
    {
        if (_named)
        {
            _named = false;
            return;
        }

        if (!_first)
        {
            _text.Append(',');
        }

        if (_level > 0)
        {
            Break();
        }

        _first = false;
    }

    private void Break()
    {
        if (indented)
        {
            _text.Append('\n').Append(' ', 2 * _level);
        }
    }

    private void Quote(string value)
    {
        _text.Append('"');
        foreach (char c in value)
        {
            _ = c switch
            {
                '"' => _text.Append("\\\""),
                '\\' => _text.Append("\\\\"),
                '\n' => _text.Append("\\n"),
                '\r' => _text.Append("\\r"),
                '\t' => _text.Append("\\t"),
                _ when char.IsControl(c) || c is '\u2028' or '\u2029' => _text.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
                _ => _text.Append(c),
            };
        }

        _text.Append('"');
    }
}
