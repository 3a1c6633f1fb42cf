using System.Diagnostics;
using System.Text;

namespace SpikeBench.IntegrationTests.Cli;

/// <summary>The tool as a user starts it: a process of its own, with an end that is waited for.</summary>
internal sealed class SpikeBenchProcess : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);

    // One cache for all tests of a session, and not the user's own.
    private static readonly string Cache = Path.Combine(Path.GetTempPath(), $"spikebench-test-cache-{Environment.ProcessId}");

    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly StringBuilder _error = new();

    private SpikeBenchProcess(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, e) => Append(_output, e.Data);
        process.ErrorDataReceived += (_, e) => Append(_error, e.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public int Id => _process.Id;

    public string Error
    {
        get
        {
            lock (_error)
            {
                return _error.ToString();
            }
        }
    }

    public static SpikeBenchProcess Start(params string[] args) => Start(new Dictionary<string, string>(), args);

    /// <summary>Starts it with more variables in its environment.</summary>
    public static SpikeBenchProcess Start(IReadOnlyDictionary<string, string> variables, params string[] args)
    {
        // A test runner in the background hands on an ignored SIGINT; a terminal does not.
        var start = new ProcessStartInfo("/usr/bin/env") { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        start.Environment["SPIKEBENCH_CACHE"] = Cache;
        foreach ((string name, string value) in variables)
        {
            start.Environment[name] = value;
        }

        start.ArgumentList.Add("--default-signal=INT");
        start.ArgumentList.Add("dotnet");
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "spikebench.dll"));
        foreach (string arg in args)
        {
            start.ArgumentList.Add(arg);
        }

        return new SpikeBenchProcess(Process.Start(start)!);
    }

    /// <summary>Runs to the end.</summary>
    public static async Task<(int Code, string Output, string Error)> RunAsync(params string[] args)
    {
        using SpikeBenchProcess process = Start(args);
        return await process.EndAsync();
    }

    public async Task<(int Code, string Output, string Error)> EndAsync()
    {
        using var limit = new CancellationTokenSource(Limit);
        await _process.WaitForExitAsync(limit.Token);
        return (_process.ExitCode, _output.ToString(), Error);
    }

    /// <summary>Waits until a line of progress has been printed.</summary>
    public async Task WaitForAsync(string text)
    {
        using var limit = new CancellationTokenSource(Limit);
        while (!Error.Contains(text, StringComparison.Ordinal))
        {
            _process.HasExited.ShouldBeFalse(Error);
            await Task.Delay(20, limit.Token);
        }
    }

    /// <summary>Sends a signal by name, as <c>kill</c> does.</summary>
    public void Signal(string name)
    {
        using Process kill = Process.Start("kill", [$"-{name}", Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
        }

        _process.Dispose();
    }

    private static void Append(StringBuilder text, string? line)
    {
        if (line is null)
        {
            return; // the stream's end
        }

        lock (text)
        {
            text.Append(line).Append('\n');
        }
    }
}
