using System.Reflection;
using System.Text;
using SpikeBench.Cli.Running;
using SpikeBench.Core;
using SpikeBench.Core.Profiles;

namespace SpikeBench.Cli.Profiles;

/// <summary>Finds a profile by path or name, applies what flags change, and binds it.</summary>
internal static class ProfileFile
{
    private const int MaxBytes = 4 * 1024 * 1024;
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
    /// <param name="change">Puts the operation of <c>--call</c> in, before the values. (default: none is given)</param>
    /// <exception cref="UsageException">It is not there, or it has mistakes: all of them are named.</exception>
    public static Profile Load(string name, IReadOnlyList<string> sets, Func<ProfileNode, ProfileNode>? change = null)
    {
        (string text, string shown) = ReadText(name);
        (ProfileNode? root, ProfileError? syntax) = YamlNodes.Read(text);
        if (root is null)
        {
            throw new ProfileErrorsException([syntax!.Format(shown)]);
        }

        root = change?.Invoke(root) ?? root;
        foreach (string set in sets)
        {
            root = NodeEditor.Set(root, set);
        }

        Func<string, string>? readFile = File.Exists(name) ? file => ReadBeside(name, file) : null;
        (Profile? profile, IReadOnlyList<ProfileError> errors) = ProfileBinder.Bind(root, readFile);
        return profile ?? throw new ProfileErrorsException([.. errors.Select(e => new FlagBlame(sets, hasCall: change is not null).Format(e, shown)).Distinct()]);
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
            return (ReadFile(name), name);
        }

        if (Directory.Exists(name))
        {
            throw new UsageException($"{name}: is a folder; give a profile's file");
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

    /// <summary>The text of a file of whatever kind, a pipe too, up to the longest profile.</summary>
    /// <exception cref="UsageException">It is not there, too long to be meant, no text, or cannot be read.</exception>
    public static string ReadFile(string name)
    {
        if (Directory.Exists(name))
        {
            throw new UsageException($"{name}: is a folder; give a file");
        }

        var bytes = new byte[MaxBytes + 1];
        int length;
        try
        {
            using FileStream file = File.OpenRead(name);
            length = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        }
        catch (FileNotFoundException)
        {
            throw new UsageException($"{name}: there is no such file");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"{name}: cannot be read: {e.Message}");
        }

        if (length > MaxBytes)
        {
            throw new UsageException($"{name}: has more than {MaxBytes / 1024 / 1024} MB; a profile is a few kB of text");
        }

        string text;
        try
        {
            // A byte order mark, of UTF-16 too, is read and dropped; bytes that are no text are not guessed at.
            using var reader = new StreamReader(new MemoryStream(bytes, 0, length), new UTF8Encoding(false, throwOnInvalidBytes: true), detectEncodingFromByteOrderMarks: true);
            text = reader.ReadToEnd();
        }
        catch (DecoderFallbackException)
        {
            throw new UsageException($"{name}: is not text: a profile is YAML in UTF-8");
        }

        int odd = text.AsSpan().IndexOfAnyInRange('\0', '\b');
        return odd < 0 ? text : throw new UsageException($"{name}: is not text: there is a byte 0x{(int)text[odd]:x2} in it; a profile is YAML in UTF-8");
    }
}
