using System.Text;

namespace SpikeBench.Cli.Ui;

/// <summary>
/// Standard error that knows of the frame drawn on it. While one is up, whatever is written goes to it line by line, to be printed above it:
/// written into it, it would be torn and painted over. Without one, text goes through as it comes.
/// </summary>
/// <param name="inner">The terminal.</param>
internal sealed class FramedWriter(TextWriter inner) : TextWriter(inner.FormatProvider)
{
    private readonly Lock _lock = new();
    private readonly StringBuilder _line = new();
    private Action<string>? _print;

    /// <summary>Where frames are drawn.</summary>
    public TextWriter Inner => inner;

    public override Encoding Encoding => inner.Encoding;

    /// <summary>A frame is up; there is one at a time.</summary>
    /// <param name="print">Prints a line above it.</param>
    public void Raise(Action<string> print)
    {
        lock (_lock)
        {
            _print = print;
        }
    }

    /// <summary>No frame is up any more; what was begun goes on behind it.</summary>
    public void Lower()
    {
        lock (_lock)
        {
            _print = null;
            inner.Write(_line.ToString());
            _line.Clear();
        }
    }

    public override void Write(char value) => Write(new ReadOnlySpan<char>(in value));

    public override void Write(char[] buffer, int index, int count) => Write(buffer.AsSpan(index, count));

    public override void Write(string? value) => Write(value.AsSpan());

    public override void Write(ReadOnlySpan<char> buffer)
    {
        lock (_lock)
        {
            if (_print is null)
            {
                inner.Write(buffer);
                return;
            }

            foreach (char c in buffer)
            {
                if (c == '\n')
                {
                    _print(_line.ToString());
                    _line.Clear();
                }
                else if (c != '\r')
                {
                    _line.Append(c);
                }
            }
        }
    }

    public override void WriteLine(string? value) => Write(value + inner.NewLine);

    public override Task WriteAsync(char value)
    {
        Write(value);
        return Task.CompletedTask;
    }

    public override Task WriteAsync(string? value)
    {
        Write(value);
        return Task.CompletedTask;
    }

    public override Task WriteLineAsync(string? value)
    {
        WriteLine(value);
        return Task.CompletedTask;
    }

    public override void Flush() => inner.Flush();
}
