using System.Runtime.CompilerServices;

namespace SpikeBench.Tests.Reporting;

/// <summary>Compares to a committed file; with <c>UPDATE_GOLDEN=1</c> in the environment it writes the file instead.</summary>
internal static class ReportGolden
{
    public static void ShouldMatch(string text, string name, [CallerFilePath] string caller = "")
    {
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
        {
            File.WriteAllText(Path.Combine(Path.GetDirectoryName(caller)!, "Golden", name), text);
            return;
        }

        text.ShouldBe(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Reporting", "Golden", name)));
    }
}
