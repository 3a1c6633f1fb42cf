namespace SpikeBench.Target.Hosting;

/// <summary>The process's standard streams: the one place of the target that speaks to the console.</summary>
internal static class HostConsole
{
#pragma warning disable RS0030 // The one place that touches the console.
    public static TextWriter Out => Console.Out;

    public static TextWriter Error => Console.Error;

    /// <summary>Returns when standard input ends, which it also does when the parent is killed.</summary>
    public static void WaitForEndOfInput()
    {
        using Stream input = Console.OpenStandardInput();
        Span<byte> ignored = stackalloc byte[256];
        while (input.Read(ignored) > 0)
        {
        }
    }
#pragma warning restore RS0030
}
