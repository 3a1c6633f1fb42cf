using SpikeBench.Core;
using SpikeBench.Histograms;

namespace SpikeBench.Cli.Commands;

/// <summary>One log on the command line: open, and able to say in one line what is wrong with it.</summary>
internal sealed class HlogInput : IDisposable
{
    private readonly TagNotes _text;

    private HlogInput(string path, TextReader text)
    {
        Path = path;
        _text = new TagNotes(text);
        Log = new HistogramLogReader(_text);
    }

    public string Path { get; }

    /// <summary>The log, to be read once.</summary>
    public HistogramLogReader Log { get; }

    public static HlogInput Open(string path)
    {
        if (Directory.Exists(path))
        {
            throw new UsageException($"{path}: is a folder; name the log in it");
        }

        try
        {
            return new HlogInput(path, HistogramLogReader.OpenText(File.OpenRead(path)));
        }
        catch (FileNotFoundException)
        {
            throw new UsageException($"{path}: there is no such file");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new UsageException($"{path}: {e.Message}");
        }
    }

    /// <summary>Runs an action on the log; whatever is wrong with the file ends in a line that names it.</summary>
    public T Read<T>(Func<HistogramLogReader, T> action)
    {
        try
        {
            return action(Log);
        }
        catch (Exception e) when (ErrorOf(e) is { } error)
        {
            throw error;
        }
    }

    /// <summary>The complaint that a failure while reading amounts to; null where it is none of the file's.</summary>
    public UsageException? ErrorOf(Exception e) => e switch
    {
        HistogramFormatException when _text.LooksLikeGzip =>
            new UsageException($"{Path}: is compressed; unpack it first (gunzip), or pipe it: zcat {Path} | spikebench hlog … /dev/stdin"),
        HistogramFormatException when _text.Intervals <= 1 =>
            new UsageException($"{Path}: is no HDR interval log, or its first interval is broken. {Printable(e.Message)}"),
        HistogramFormatException =>
            new UsageException($"{Path}: {Printable(e.Message)} If its writer was stopped in that line, delete the line"),
        OverflowException => new UsageException($"{Path}: its counts add up to more than 2^63 - 1; take a part with --from, --to or --tag"),
        IOException => new UsageException($"{Path}: {e.Message}"),
        _ => null,
    };

    /// <summary>Why a selection found nothing, once the log was read.</summary>
    public UsageException Nothing(LogSelection selection)
    {
        // A selection may have stopped at --to: the tags of the rest count as well.
        while (_text.ReadLine() is not null)
        {
        }

        if (_text.Intervals == 0)
        {
            return new UsageException($"{Path}: holds no interval; a log has lines of [Tag=name,]start,length,maximum,histogram");
        }

        return selection.AllTags || _text.Tags.Contains(selection.Tag)
            ? new UsageException($"{Path}: no interval starts in the range of --from and --to, in seconds after StartTime; 'spikebench hlog summary' shows the log's range")
            : new UsageException($"{Path}: has no interval {(selection.Tag is null ? "without a tag" : $"with the tag '{selection.Tag}'")}; "
                + $"its tags: {string.Join(", ", _text.Tags.Select(HlogText.TagName))}. Choose with --tag ('*' takes all, '' those without a tag)");
    }

    public void Dispose() => _text.Dispose();

    // The message quotes the file, which may be anything: keep it one short line.
    private static string Printable(string message)
    {
        string line = string.Concat(message.Select(c => char.IsControl(c) ? '?' : c));
        return line.Length <= 200 ? line : line[..200] + "…";
    }

    /// <summary>Passes a log's lines on and notes what tags go by, so that a log on a pipe need not be read twice.</summary>
    private sealed class TagNotes(TextReader log) : TextReader
    {
        private const string TagPrefix = "Tag=";

        private bool _begun;

        public List<string?> Tags { get; } = [];

        public long Intervals { get; private set; }

        public bool LooksLikeGzip { get; private set; }

        public override string? ReadLine()
        {
            string? line = log.ReadLine();
            if (!_begun)
            {
                _begun = true;
                LooksLikeGzip = line?.StartsWith('\u001f') == true;
            }

            ReadOnlySpan<char> text = line.AsSpan().Trim();
            if (text.IsEmpty || text[0] is '#' or '"')
            {
                return line;
            }

            Intervals++;
            int comma = text.IndexOf(',');
            string? tag = comma >= 0 && text.StartsWith(TagPrefix, StringComparison.Ordinal) ? text[TagPrefix.Length..comma].Trim().ToString() : null;
            if (!Tags.Contains(tag))
            {
                Tags.Add(tag);
            }

            return line;
        }

        protected override void Dispose(bool disposing)
        {
            log.Dispose();
            base.Dispose(disposing);
        }
    }
}
