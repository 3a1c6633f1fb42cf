using System.Diagnostics;
using SpikeBench.Core;
using SpikeBench.Core.Engine;
using SpikeBench.Grpc.Http;

namespace SpikeBench.Cli.Running;

/// <summary>
/// The reference messenger as a process of its own. It ignores Ctrl-C, which reaches the whole process group, and leaves when its
/// standard input closes: at our end, however that comes.
/// </summary>
internal sealed class TargetProcess : IAsyncDisposable
{
    private const string Assembly = "SpikeBench.Target.dll";
    private const string Announcement = "listening ";

    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(5);

    private readonly Process _process;

    private TargetProcess(Process process, Uri address)
    {
        _process = process;
        Address = address;
    }

    /// <summary>Where it listens.</summary>
    public Uri Address { get; }

    /// <summary>Starts the messenger on a free loopback port and waits until it listens.</summary>
    /// <param name="flags">The messenger's own.</param>
    /// <param name="cpus">The processors that it may use; null: all that we may.</param>
    /// <param name="cancel">Ends the wait.</param>
    /// <exception cref="TargetException">It does not start.</exception>
    /// <exception cref="GeneratorException">This machine has no room for another process.</exception>
    public static async Task<TargetProcess> StartAsync(IReadOnlyList<string> flags, CpuList? cpus, CancellationToken cancel)
    {
        var start = new ProcessStartInfo(Host())
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        start.ArgumentList.Add(PathOf());
        start.ArgumentList.Add("--listen");
        start.ArgumentList.Add("127.0.0.1:0");
        start.ArgumentList.Add("--parent-stdin");
        foreach (string flag in flags)
        {
            start.ArgumentList.Add(flag);
        }

        Process process = Start(start, cpus);
        var complaints = new List<string>();
        process.ErrorDataReceived += (_, e) =>
        {
            if (e.Data is { } line)
            {
                lock (complaints)
                {
                    complaints.Add(line);
                }
            }
        };
        process.BeginErrorReadLine();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(StartLimit);
        string? line = null;
        try
        {
            line = await process.StandardOutput.ReadLineAsync(limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            // Reported below like any other failure to listen.
        }

        if (line?.StartsWith(Announcement, StringComparison.Ordinal) == true)
        {
            return new TargetProcess(process, new Uri(line[Announcement.Length..]));
        }

        process.Kill(entireProcessTree: true);
        await process.WaitForExitAsync(cancel).ConfigureAwait(false);
        lock (complaints)
        {
            throw new TargetException($"the reference messenger did not listen within {StartLimit.TotalSeconds:0} s: {string.Join(' ', complaints.Take(3))}");
        }
    }

    private static Process Start(ProcessStartInfo start, CpuList? cpus)
    {
        try
        {
            return PlacedThread.Run(cpus, () => Process.Start(start)) ?? throw new TargetException($"the reference messenger did not start: {PathOf()}");
        }
        catch (Exception e) when (OwnShortage.Of(e) is { } lacking)
        {
            throw new GeneratorException($"this machine cannot start the reference messenger: {lacking}. Free some; see 'spikebench doctor'");
        }
    }

    /// <summary>The path of the messenger's assembly, built beside ours.</summary>
    public static string PathOf()
    {
        string path = Path.Combine(AppContext.BaseDirectory, Assembly);
        return File.Exists(path) ? path : throw new InvariantException($"{path} is missing: it is built and packed beside the tool");
    }

    /// <summary>The dotnet host that runs us, so that the messenger runs on the same one.</summary>
    public static string Host() =>
        Environment.ProcessPath is { } self && Path.GetFileNameWithoutExtension(self) == "dotnet" ? self : "dotnet";

    /// <summary>Closes its input and waits until it has left.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            _process.StandardInput.Close();
            using var limit = new CancellationTokenSource(StopLimit);
            await _process.WaitForExitAsync(limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            _process.Kill(entireProcessTree: true);
        }
        catch (IOException)
        {
            // It had left already; its pipe is gone.
        }
        finally
        {
            _process.Dispose();
        }
    }
}
