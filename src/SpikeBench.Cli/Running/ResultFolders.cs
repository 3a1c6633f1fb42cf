using System.Globalization;
using SpikeBench.Core;

namespace SpikeBench.Cli.Running;

/// <summary>Makes the folder of a run: a new one each time, and writable, before any call is made.</summary>
internal static class ResultFolders
{
    /// <summary>Makes <c>OUT/PROFILE-YYYYMMDD-HHMMSS</c>, with a number behind it where that exists.</summary>
    /// <exception cref="UsageException">It cannot be made or written.</exception>
    public static string Create(string parent, string profile, DateTimeOffset utc)
    {
        string name = $"{profile}-{utc.ToString("yyyyMMdd-HHmmss", CultureInfo.InvariantCulture)}";
        for (int attempt = 1; ; attempt++)
        {
            string folder = Path.Combine(parent, attempt == 1 ? name : $"{name}-{attempt.ToString(CultureInfo.InvariantCulture)}");
            try
            {
                Directory.CreateDirectory(parent);
                if (Directory.Exists(folder))
                {
                    continue;
                }

                // Two runs in the same second race for the name: whoever creates the lock file has it.
                Directory.CreateDirectory(folder);
                using (new FileStream(Path.Combine(folder, "run.lock"), FileMode.CreateNew))
                {
                    return folder;
                }
            }
            catch (IOException) when (File.Exists(Path.Combine(folder, "run.lock")))
            {
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new UsageException($"results cannot be written to {parent}: {e.Message} Give a folder that can, with --out.");
            }
        }
    }

    /// <summary>The run is complete: its name needs no guard any more.</summary>
    public static void Release(string folder) => File.Delete(Path.Combine(folder, "run.lock"));
}
