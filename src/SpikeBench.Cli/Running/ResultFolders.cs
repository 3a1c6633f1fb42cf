using System.Globalization;
using SpikeBench.Core;
using SpikeBench.Core.Recording;

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

    /// <summary>About how much a run of this shape writes: its journal, the tables that replace it, and its report.</summary>
    public static long BytesFor(RecordingPlan plan)
    {
        const long reportBytes = 3_000_000, histogramBytes = 2_000, rowBytes = 300, journalRowsPerCell = 4;
        long rows = (long)plan.NewCells().Grid.Count * plan.Operations;
        long seconds = plan.Phases[^1].EndNs / 1_000_000_000 + 1;
        return reportBytes + rows * rowBytes * (1 + journalRowsPerCell) + seconds * plan.Operations * RecordingPlan.Kinds * histogramBytes;
    }

    /// <summary>Refuses to begin what the disk could not keep.</summary>
    /// <param name="folder">The run's folder.</param>
    /// <param name="bytes">How much is needed.</param>
    /// <param name="freeBytes">Tells how much a path's file system has left; null asks the system.</param>
    /// <exception cref="UsageException">There is not enough room.</exception>
    public static void RequireSpace(string folder, long bytes, Func<string, long>? freeBytes = null)
    {
        long free = (freeBytes ?? Free)(folder);
        if (free < bytes)
        {
            throw new UsageException(string.Create(
                CultureInfo.InvariantCulture,
                $"results cannot be written to {Path.GetDirectoryName(folder)}: {free / 1e6:#,0.0} MB are free, a run like this writes up to {bytes / 1e6:#,0.0} MB. Free some, or give another folder with --out."));
        }

        static long Free(string path)
        {
            try
            {
                return new DriveInfo(Path.GetFullPath(path)).AvailableFreeSpace;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
            {
                // A file system that does not say: the journal will find out.
                return long.MaxValue;
            }
        }
    }

    /// <summary>
    /// Removes the folder of a run that never began. What ended it is what the user must hear of: a machine without descriptors cannot list
    /// a folder either, and then it stays.
    /// </summary>
    public static void Discard(string folder)
    {
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Left behind, without a run in it.
        }
    }

    /// <summary>The run is complete: its name needs no guard any more.</summary>
    public static void Release(string folder)
    {
        try
        {
            File.Delete(Path.Combine(folder, "run.lock"));
        }
        catch (Exception e) when (RunFolder.IsDiskFailure(e))
        {
            // An empty file too many; the run is whole.
        }
    }
}
