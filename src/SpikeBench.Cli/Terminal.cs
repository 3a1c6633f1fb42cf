using SpikeBench.Cli.Ui;

namespace SpikeBench.Cli;

/// <summary>
/// The two streams of a command: the result goes to <see cref="Out"/>, progress and complaints to <see cref="Error"/>.
/// </summary>
internal sealed record Terminal(TextWriter Out, TextWriter Error)
{
    /// <summary>A person may be watching: standard error is a terminal.</summary>
    public bool IsInteractive { get; init; }

    /// <summary>Standard output is a terminal with its lines and columns; a file or a pipe has room for everything. (default: it is none)</summary>
    public bool OutIsTerminal { get; init; }

    /// <summary>What is piped in. (default: nothing)</summary>
    public TextReader In { get; init; } = TextReader.Null;

    /// <summary>Reads an environment variable; null where there is none. (default: there are none)</summary>
    public Func<string, string?> Variable { get; init; } = _ => null;

    /// <summary>The process's own streams.</summary>
    public static Terminal Standard()
    {
#pragma warning disable RS0030 // The one place that touches the console.
        return new Terminal(new StandardOutput(Console.Out), new FramedWriter(Console.Error))
        {
            IsInteractive = !Console.IsErrorRedirected,
            OutIsTerminal = !Console.IsOutputRedirected,
            In = Console.In,
            Variable = Environment.GetEnvironmentVariable,
        };
#pragma warning restore RS0030
    }
}
