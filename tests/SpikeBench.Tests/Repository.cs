namespace SpikeBench.Tests;

/// <summary>Finds the files of the repository that tests look at.</summary>
internal static class Repository
{
    public static string Root { get; } = Find(AppContext.BaseDirectory);

    /// <summary>A golden file beside the tests' own assembly.</summary>
    public static string Golden(string folder, string name) => Path.Combine(AppContext.BaseDirectory, folder, "Golden", name);

    private static string Find(string folder) =>
        File.Exists(Path.Combine(folder, "SpikeBench.sln")) ? folder : Find(Path.GetDirectoryName(folder)!);
}
