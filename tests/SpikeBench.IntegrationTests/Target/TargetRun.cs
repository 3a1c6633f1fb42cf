using System.Diagnostics;
using System.Text.Json;

namespace SpikeBench.IntegrationTests.Target;

/// <summary>The target as a process of its own, as the tool starts it; leaves with the test.</summary>
internal sealed class TargetRun : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Process _process;
    private readonly string _truthFile = Path.Combine(Path.GetTempPath(), $"spikebench-truth-{Guid.NewGuid():N}.json");

    private TargetRun(string[] flags)
    {
        _process = StartProcess(["--listen", "127.0.0.1:0", "--parent-stdin", "--truth", _truthFile, .. flags]);
    }

    public static string Root { get; } = FindRoot();

    public string Protos { get; } = Path.Combine(Root, "src", "SpikeBench.Target", "Protos");

    public Uri Address { get; private set; } = null!;

    public int Id => _process.Id;

    public string Authority => Address.Authority;

    public static async Task<TargetRun> StartAsync(params string[] flags)
    {
        var run = new TargetRun(flags);
        string? line = await run.ReadLineAsync();
        line.ShouldNotBeNull("the target ended before it listened");
        line.ShouldStartWith("listening ");
        run.Address = new Uri(line["listening ".Length..]);
        return run;
    }

    /// <summary>Runs the target to its end and gives back all that it said.</summary>
    public static async Task<(int Exit, string Out, string Error)> RunToEndAsync(params string[] flags)
    {
        using Process process = StartProcess(flags);
        process.StandardInput.Close();
        using var limit = new CancellationTokenSource(Patience);
        Task<string> output = process.StandardOutput.ReadToEndAsync(limit.Token);
        string error = await process.StandardError.ReadToEndAsync(limit.Token);
        await process.WaitForExitAsync(limit.Token);
        return (process.ExitCode, await output, error);
    }

    public async Task<string?> ReadLineAsync()
    {
        using var limit = new CancellationTokenSource(Patience);
        return await _process.StandardOutput.ReadLineAsync(limit.Token);
    }

    /// <summary>Closes standard input, as a parent that ends does, and waits.</summary>
    public async Task<(int Exit, JsonElement Truth)> StopAsync()
    {
        _process.StandardInput.Close();
        using var limit = new CancellationTokenSource(Patience);
        await _process.WaitForExitAsync(limit.Token);
        using JsonDocument truth = JsonDocument.Parse(await File.ReadAllTextAsync(_truthFile));
        return (_process.ExitCode, truth.RootElement.Clone());
    }

    /// <summary>SIGKILL: no handler runs, nothing is flushed.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    public void Interrupt()
    {
        using Process kill = Process.Start("kill", ["-INT", _process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    /// <summary>
    /// Sockets, pipes and files that the process has open, from /proc; apart from assemblies, which the runtime opens when they are first
    /// needed and keeps.
    /// </summary>
    public int OpenHandles() => Directory.GetFiles($"/proc/{_process.Id}/fd").Count(IsNoAssembly);

    public bool HasExited => _process.HasExited;

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            await KillAsync();
        }

        _process.Dispose();
        File.Delete(_truthFile);
    }

    private static Process StartProcess(IEnumerable<string> flags)
    {
        var start = new ProcessStartInfo("dotnet")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "SpikeBench.Target.dll"));
        foreach (string flag in flags)
        {
            start.ArgumentList.Add(flag);
        }

        return Process.Start(start)!;
    }

    private static bool IsNoAssembly(string handle)
    {
        try
        {
            return new FileInfo(handle).LinkTarget?.EndsWith(".dll", StringComparison.Ordinal) != true;
        }
        catch (IOException)
        {
            return false; // closed since it was listed
        }
    }

    private static string FindRoot()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "SpikeBench.sln")))
        {
            folder = Path.GetDirectoryName(folder);
        }

        return folder ?? throw new InvalidOperationException("the tests run outside the repository");
    }
}
