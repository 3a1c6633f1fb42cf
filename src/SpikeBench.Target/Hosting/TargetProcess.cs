using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.Data.Sqlite;

namespace SpikeBench.Target.Hosting;

/// <summary>The life of the process: what it prints, what ends it, what it exits with.</summary>
internal static class TargetProcess
{
    private const int Usage = 64;
    private const int Failed = 70;

    public static async Task<int> RunAsync(IReadOnlyList<string> args)
    {
        TargetOptions options;
        try
        {
            options = OptionReader.Read(args);
        }
        catch (UsageException e)
        {
            await HostConsole.Error.WriteLineAsync(e.Message).ConfigureAwait(false);
            return Usage;
        }

        if (options.Help)
        {
            await HostConsole.Out.WriteAsync(OptionReader.HelpText).ConfigureAwait(false);
            return 0;
        }

        try
        {
            await ServeAsync(options).ConfigureAwait(false);
            return 0;
        }
        catch (Exception e) when (e is IOException or SocketException or SqliteException or UnauthorizedAccessException)
        {
            await HostConsole.Error.WriteLineAsync(e.Message).ConfigureAwait(false);
            return Failed;
        }
    }

    private static async Task ServeAsync(TargetOptions options)
    {
        var stop = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, signal =>
        {
            // Ctrl-C reaches the whole process group; a child leaves when its parent says so.
            signal.Cancel = true;
            if (!options.ParentStdin)
            {
                stop.TrySetResult();
            }
        });
        using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal =>
        {
            signal.Cancel = true;
            stop.TrySetResult();
        });

        string truth;
        var server = new TargetServer(options, new MonotonicClock(), TimeProvider.System);
        await using (server.ConfigureAwait(false))
        {
            await server.StartAsync().ConfigureAwait(false);
            if (options.ParentStdin)
            {
                new Thread(() =>
                {
                    HostConsole.WaitForEndOfInput();
                    stop.TrySetResult();
                })
                { IsBackground = true, Name = "parent watch" }.Start();
            }

            await HostConsole.Out.WriteLineAsync("listening " + server.Address).ConfigureAwait(false);
            if (server.HealthAddress is not null)
            {
                await HostConsole.Out.WriteLineAsync("health " + server.HealthAddress + "/healthz").ConfigureAwait(false);
            }

            await HostConsole.Out.FlushAsync().ConfigureAwait(false);
            await stop.Task.ConfigureAwait(false);
            await server.StopAsync().ConfigureAwait(false);
            truth = server.Truth;
        }

        if (options.TruthFile is null)
        {
            await HostConsole.Error.WriteLineAsync(truth).ConfigureAwait(false);
        }
        else
        {
            await File.WriteAllTextAsync(options.TruthFile, truth + "\n").ConfigureAwait(false);
        }
    }
}
