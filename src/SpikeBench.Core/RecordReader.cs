using System.Text;

namespace SpikeBench.Core;

/// <summary>
/// Reads records of comma-separated values by RFC 4180: a field in double quotes may hold commas, line breaks and, doubled, quotes. Line
/// ends may be CRLF, LF or CR; text stays as it is.
/// </summary>
/// <param name="text">What is read.</param>
/// <param name="skipsEmptyLines">An empty line is nothing; else it is a record of one empty cell.</param>
/// <param name="firstLine">The number of the text's first line. (default: 1)</param>
internal sealed class RecordReader(string text, bool skipsEmptyLines, int firstLine = 1)
{
    private readonly StringBuilder _cell = new();
    private int _at;
    private int _line = firstLine;
    private bool _behindRecord;

    /// <summary>What is wrong and in which line; null while nothing is.</summary>
    public string? Error { get; private set; }

    /// <summary>Reads the next record.</summary>
    /// <param name="cells">Its cells; at least one.</param>
    /// <param name="line">The number of its first line.</param>
    /// <returns>False at the end, and where <see cref="Error"/> says so.</returns>
    public bool TryRead(out List<string> cells, out int line)
    {
        if (_behindRecord)
        {
            SkipLineEnd();
        }

        while (skipsEmptyLines && IsAtLineEnd)
        {
            SkipLineEnd();
        }

        cells = [];
        line = _line;
        if (_at >= text.Length || Error is not null)
        {
            return false;
        }

        while (true)
        {
            if (!TryCell(out string cell))
            {
                return false;
            }

            cells.Add(cell);
            if (_at >= text.Length || IsAtLineEnd)
            {
                _behindRecord = true;
                return true;
            }

            _at++;
        }
    }

    private bool IsAtLineEnd => _at < text.Length && text[_at] is '\r' or '\n';

    private void SkipLineEnd()
    {
        if (_at < text.Length && text[_at] == '\r')
        {
            _at++;
        }

        if (_at < text.Length && text[_at] == '\n')
        {
            _at++;
            _line++;
        }

        _behindRecord = false;
    }

    private bool TryCell(out string cell)
    {
        if (_at >= text.Length || text[_at] != '"')
        {
            int end = text.AsSpan(_at).IndexOfAny(',', '\r', '\n');
            end = end < 0 ? text.Length : _at + end;
            cell = text[_at..end];
            _at = end;
            return true;
        }

        int opened = _line;
        _cell.Clear();
        _at++;
        while (_at < text.Length)
        {
            char c = text[_at++];
            if (c != '"')
            {
                _line += c == '\n' ? 1 : 0;
                _cell.Append(c);
            }
            else if (_at < text.Length && text[_at] == '"')
            {
                _cell.Append('"');
                _at++;
            }
            else
            {
                cell = _cell.ToString();
                bool ends = _at >= text.Length || text[_at] is ',' or '\r' or '\n';
                Error = ends ? null : $"line {_line}: something stands behind a closing quote; a quote inside quotes is doubled";
                return ends;
            }
        }

        cell = "";
        Error = $"line {opened}: a quote is opened and never closed";
        return false;
    }
}
