using System.Text;
using SpikeBench.Core;

namespace SpikeBench.Cli;

/// <summary>
/// Standard output that says in one line when it takes no more: a full disk behind it is no bug of ours. A pipe whose reader has left is
/// no failure at all, and the system's own stream keeps quiet about it.
/// </summary>
internal sealed class StandardOutput(TextWriter inner) : TextWriter(inner.FormatProvider)
{
    public override Encoding Encoding => inner.Encoding;

    public override void Write(char value) => Try(value, static (w, v) => w.Write(v));

    public override void Write(string? value) => Try(value, static (w, v) => w.Write(v));

    public override void Write(char[] buffer, int index, int count) => Write(new string(buffer, index, count));

    public override void WriteLine(string? value) => Try(value, static (w, v) => w.WriteLine(v));

    // What prints does so seldom and little: there is nothing to be gained by not waiting for it.
    public override Task WriteAsync(char value) => Done(() => Write(value));

    public override Task WriteAsync(string? value) => Done(() => Write(value));

    public override Task WriteLineAsync(string? value) => Done(() => WriteLine(value));

    public override void Flush() => Try(0, static (w, _) => w.Flush());

    public override Task FlushAsync() => Done(Flush);

    private void Try<T>(T value, Action<TextWriter, T> write)
    {
        try
        {
            write(inner, value);
        }
        catch (IOException e)
        {
            throw new UsageException($"standard output cannot be written: {e.Message.TrimEnd('.')}. What was to be printed there is lost; what was kept in files is not.");
        }
    }

    private static Task Done(Action write)
    {
        write();
        return Task.CompletedTask;
    }
}
