namespace SpikeBench.Cli;

/// <summary>
/// The two streams of a command: the result goes to <see cref="Out"/>, progress and complaints to <see cref="Error"/>.
/// </summary>
internal sealed record Terminal(TextWriter Out, TextWriter Error)
{
    /// <summary>The process's own streams.</summary>
    public static Terminal Standard()
    {
#pragma warning disable RS0030 // The one place that touches the console.
        return new Terminal(Console.Out, Console.Error);
#pragma warning restore RS0030
    }
}
