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
            return await ServeAsync(options).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or SocketException or SqliteException or UnauthorizedAccessException)
        {
            await HostConsole.Error.WriteLineAsync(e.Message).ConfigureAwait(false);
            return Failed;
        }
    }

    private static async Task<int> ServeAsync(TargetOptions options)
    {
        RequireWritable("--truth", options.TruthFile);
        RequireWritable("--tls-cert-out", options.TlsCertificateFile);
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

        return await TellAsync(truth, options.TruthFile).ConfigureAwait(false);
    }

    /// <summary>Writes the truth where it was asked for, and where that fails to standard error: it cannot be had again.</summary>
    private static async Task<int> TellAsync(string truth, string? file)
    {
        if (file is not null)
        {
            try
            {
                await File.WriteAllTextAsync(file, truth + "\n").ConfigureAwait(false);
                return 0;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                await HostConsole.Error.WriteLineAsync($"--truth {file}: {e.Message}").ConfigureAwait(false);
            }
        }

        await HostConsole.Error.WriteLineAsync(truth).ConfigureAwait(false);
        return file is null ? 0 : Failed;
    }

    /// <summary>Finds out before the load rather than after it that a file cannot be written.</summary>
    private static void RequireWritable(string flag, string? file)
    {
        if (file is null)
        {
            return;
        }

        try
        {
            using FileStream probe = File.Open(file, FileMode.OpenOrCreate, FileAccess.Write);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"{flag} {file}: {e.Message}", e);
        }
    }
}
