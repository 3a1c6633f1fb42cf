using System.Buffers.Text;
using Microsoft.Win32.SafeHandles;

namespace SpikeBench.Core.Engine;

/// <summary>
/// A file of the kernel's, opened once and read again and again without allocating. A file that is not there, or not any more, reads as
/// nothing.
/// </summary>
internal sealed class ProcFile : IDisposable
{
    private readonly SafeFileHandle? _file;
    private readonly byte[] _buffer;

    public ProcFile(string path, int capacity)
    {
        _buffer = new byte[capacity];
        try
        {
            _file = File.OpenHandle(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Not this system, or not allowed: the value is unknown.
        }
    }

    /// <summary>The file's beginning as it is now; valid until the next read.</summary>
    public ReadOnlySpan<byte> Read()
    {
        try
        {
            return _file is null ? default : _buffer.AsSpan(0, RandomAccess.Read(_file, _buffer, 0));
        }
        catch (IOException)
        {
            return default; // The thread it told of has ended.
        }
    }

    public void Dispose() => _file?.Dispose();

    /// <summary>Takes the number at the text's start and what separates it from the next; false when there is none.</summary>
    public static bool TryTake(ref ReadOnlySpan<byte> text, out long value)
    {
        text = text.TrimStart((byte)' ');
        if (!Utf8Parser.TryParse(text, out value, out int used))
        {
            return false;
        }

        text = text[used..];
        return true;
    }
}
