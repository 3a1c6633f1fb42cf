using System.Diagnostics;

namespace SpikeBench.IntegrationTests.Reporting;

/// <summary>A headless browser, one process per page: what it shows as a picture, as a document, and what it complained about.</summary>
internal static class Chromium
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    /// <summary>The browser's path; null where none is installed.</summary>
    public static string? Executable { get; } = (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(Path.PathSeparator)
        .SelectMany(folder => (string[])[Path.Combine(folder, "chromium"), Path.Combine(folder, "chromium-browser"), Path.Combine(folder, "google-chrome")])
        .FirstOrDefault(File.Exists);

    /// <summary>Opens a page at a width, light or dark, and returns its document after its scripts have run.</summary>
    public static async Task<Page> OpenAsync(string file, int width, bool dark, string action, string? picture = null)
    {
        string profile = Directory.CreateTempSubdirectory("spikebench-browser-").FullName;
        try
        {
            var start = new ProcessStartInfo(Executable!) { RedirectStandardOutput = true, RedirectStandardError = true };
            string[] arguments =
            [
                "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
                "--disable-component-update", "--disable-sync", "--hide-scrollbars", "--enable-logging=stderr", "--log-level=0",
                $"--user-data-dir={profile}", $"--window-size={width},1200", $"--blink-settings=preferredColorScheme={(dark ? 0 : 1)}",
                picture is null ? action : $"{action}={picture}", new Uri(file).AbsoluteUri,
            ];
            foreach (string argument in arguments)
            {
                start.ArgumentList.Add(argument);
            }

            using Process browser = Process.Start(start)!;
            Task<string> document = browser.StandardOutput.ReadToEndAsync();
            Task<string> log = browser.StandardError.ReadToEndAsync();
            using var patience = new CancellationTokenSource(Patience);
            try
            {
                await browser.WaitForExitAsync(patience.Token);
            }
            catch (OperationCanceledException)
            {
                browser.Kill(entireProcessTree: true);
                throw new TimeoutException($"The browser did not end within {Patience.TotalSeconds} s.");
            }

            // The log is full of the browser's own worries about a machine without a desktop; a page's errors carry this word.
            string[] complaints = [.. (await log).Split('\n').Where(line => line.Contains("CONSOLE", StringComparison.Ordinal))];
            return new Page(await document, complaints);
        }
        finally
        {
            Directory.Delete(profile, recursive: true);
        }
    }
}

/// <summary>A page as the browser had it at the end.</summary>
internal sealed record Page(string Document, IReadOnlyList<string> Complaints);

/// <summary>A test that needs a browser: without one it is skipped where people work and fails where machines check.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class BrowserTheoryAttribute : TheoryAttribute
{
    public BrowserTheoryAttribute()
    {
        if (Chromium.Executable is null && Environment.GetEnvironmentVariable("CI") != "true")
        {
            Skip = "There is no chromium here: apt-get install chromium";
        }
    }
}
