using System.Reflection;
using SpikeBench.Core;
using SpikeBench.Core.Profiles;

namespace SpikeBench.Cli.Profiles;

/// <summary>Finds a profile by path or name, applies what flags change, and binds it.</summary>
internal static class ProfileFile
{
    private const long MaxBytes = 4 * 1024 * 1024;
    private const long MaxTraceBytes = 256 * 1024 * 1024;
    private const string ResourcePrefix = "profiles/";

    /// <summary>The names of the ready-made profiles.</summary>
    public static IReadOnlyList<string> ReadyMade { get; } =
    [
        .. Assembly.GetExecutingAssembly().GetManifestResourceNames()
            .Where(n => n.StartsWith(ResourcePrefix, StringComparison.Ordinal))
            .Select(n => Path.GetFileNameWithoutExtension(n))
            .Order(StringComparer.Ordinal),
    ];

    /// <summary>Reads and binds a profile.</summary>
    /// <param name="name">A path, or the name of a ready-made profile.</param>
    /// <param name="sets">Changes of the form <c>path=value</c>.</param>
    /// <exception cref="UsageException">It is not there, or it has mistakes: all of them are named.</exception>
    public static Profile Load(string name, IReadOnlyList<string> sets)
    {
        (string text, string shown) = ReadText(name);
        (ProfileNode? root, ProfileError? syntax) = YamlNodes.Read(text);
        if (root is null)
        {
            throw new ProfileErrorsException([syntax!.Format(shown)]);
        }

        foreach (string set in sets)
        {
            root = NodeEditor.Set(root, set);
        }

        Func<string, string>? readFile = File.Exists(name) ? file => ReadBeside(name, file) : null;
        (Profile? profile, IReadOnlyList<ProfileError> errors) = ProfileBinder.Bind(root, readFile);
        return profile ?? throw new ProfileErrorsException([.. errors.Select(e => e.Format(shown))]);
    }

    /// <summary>The text of a file that a profile names, from the profile's own folder.</summary>
    private static string ReadBeside(string profile, string file)
    {
        string path = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(profile))!, file);
        long length = new FileInfo(path).Length;
        return length > MaxTraceBytes ? throw new IOException($"it has {length / 1024 / 1024} MB; at most {MaxTraceBytes / 1024 / 1024} MB are read") : File.ReadAllText(path);
    }

    /// <summary>A profile's text and the name that errors call it by.</summary>
    public static (string Text, string Shown) ReadText(string name)
    {
        if (File.Exists(name))
        {
            return ReadFile(name);
        }

        using Stream? resource = Assembly.GetExecutingAssembly().GetManifestResourceStream($"{ResourcePrefix}{name}.yaml");
        if (resource is null)
        {
            string hint = Suggestion.DidYouMean(Path.GetFileNameWithoutExtension(name), ReadyMade);
            throw new UsageException($"there is no file '{name}' and no ready-made profile of that name{hint} (ready-made: {string.Join(", ", ReadyMade)})");
        }

        using var reader = new StreamReader(resource);
        return (reader.ReadToEnd(), $"{name}.yaml");
    }

    /// <summary>A file's text and the name that errors call it by.</summary>
    /// <exception cref="UsageException">It is not there, too long to be meant, or cannot be read.</exception>
    public static (string Text, string Shown) ReadFile(string path)
    {
        try
        {
            long length = new FileInfo(path).Length;
            return length <= MaxBytes
                ? (File.ReadAllText(path), path)
                : throw new UsageException($"{path}: has {length / 1024 / 1024} MB; a profile is a few kB of text");
        }
        catch (FileNotFoundException)
        {
            throw new UsageException($"{path}: there is no such file");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"{path}: cannot be read: {e.Message}");
        }
    }
}
