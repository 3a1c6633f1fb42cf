using Spectre.Console;
using Spectre.Console.Rendering;
using SpikeBench.Core.Recording;

namespace SpikeBench.Cli.Ui;

/// <summary>
/// Redraws one screen in place on a thread of its own with less than normal priority. A frame costs some milliseconds of a core and
/// hundreds of kilobytes of garbage, so there is one per second of news and never more than four a second.
/// </summary>
internal sealed class LiveScreen : IRunScreen
{
    private static readonly TimeSpan FrameTime = TimeSpan.FromMilliseconds(250);

    private readonly IAnsiConsole _console;
    private readonly FramedWriter _terminal;
    private readonly LiveFrame _frame;
    private readonly Queue<SecondSummary> _news = new();
    private readonly ManualResetEventSlim _changed = new();
    private readonly ManualResetEventSlim _stop = new();
    private readonly Thread _thread;

    /// <param name="frame">What is drawn.</param>
    /// <param name="terminal">Where it is drawn; what others write there meanwhile is printed above it.</param>
    /// <param name="colour">Whether colours are wanted.</param>
    public LiveScreen(LiveFrame frame, FramedWriter terminal, bool colour)
    {
        _frame = frame;
        _terminal = terminal;
        _console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(terminal.Inner),
            Ansi = AnsiSupport.Yes,
            ColorSystem = colour ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.Yes,
        });
        terminal.Raise(Print);
        _thread = new Thread(Run) { IsBackground = true, Name = "spikebench-screen", Priority = ThreadPriority.BelowNormal };
        _thread.Start();
    }

    /// <summary>Frames drawn so far.</summary>
    public int Frames { get; private set; }

    public void Show(SecondSummary second)
    {
        lock (_news)
        {
            _news.Enqueue(second);
        }

        _changed.Set();
    }

    /// <summary>Clears the screen; the verdict is printed where it was.</summary>
    public void Dispose()
    {
        if (_stop.IsSet)
        {
            return;
        }

        _stop.Set();
        _changed.Set();
        _thread.Join();
        _terminal.Lower();
        _changed.Dispose();
        _stop.Dispose();
    }

    /// <summary>Prints a line where the frame begins and the frame below it.</summary>
    private void Print(string line)
    {
        try
        {
            _console.Write(new PrintedLine(line));
        }
        catch (Exception e) when (e is IOException or InvalidOperationException)
        {
            // The terminal has gone; the run has not.
        }
    }

    private void Run()
    {
        try
        {
            _console.Live(Text.Empty).AutoClear(true).Start(Draw);
        }
        catch (Exception e) when (e is IOException or InvalidOperationException)
        {
            // The terminal has gone; the run has not.
        }
    }

    private void Draw(LiveDisplayContext live)
    {
        while (!_stop.IsSet)
        {
            _changed.Wait();
            _changed.Reset();
            if (Next() is { } lines)
            {
                live.UpdateTarget(new Rows(lines.Select(Line)));
                Frames++;
            }

            // Seconds that come faster wait together for the next frame.
            _stop.Wait(FrameTime);
        }
    }

    /// <summary>The screen after all news; null when there are none.</summary>
    private IReadOnlyList<FrameLine>? Next()
    {
        IReadOnlyList<FrameLine>? lines = null;
        while (true)
        {
            SecondSummary? second;
            lock (_news)
            {
                if (!_news.TryDequeue(out second))
                {
                    return lines;
                }
            }

            lines = _frame.Draw(second);
        }
    }

    private static IRenderable Line(FrameLine line) => new Text(line.Text.Length == 0 ? " " : line.Text, line.Tone switch
    {
        Tone.Strong => new Style(decoration: Decoration.Bold),
        Tone.Dim => new Style(Color.Grey),
        Tone.Good => new Style(Color.Green),
        Tone.Bad => new Style(Color.Red),
        _ => Style.Plain,
    });

    /// <summary>A line of its own: what is left of the frame there is wiped first, and the frame is drawn again behind it.</summary>
    private sealed class PrintedLine(string text) : Renderable
    {
        private const string WipeToEnd = "\u001b[J";

        protected override IEnumerable<Segment> Render(RenderOptions options, int maxWidth) =>
            [Segment.Control(WipeToEnd), .. ((IRenderable)new Text(LiveFrame.Plain(text))).Render(options, maxWidth), Segment.LineBreak];
    }
}
