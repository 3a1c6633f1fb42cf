using SpikeBench.Cli.Profiles;
using SpikeBench.Core.Profiles;

namespace SpikeBench.Cli.Running;

/// <summary>Says of a mistake in a profile's tree whether the file made it or a flag that changed the tree: who reads it looks there.</summary>
/// <param name="sets">The values of <c>--set</c>.</param>
/// <param name="hasCall">The operations are those of <c>--call</c> and <c>--data</c>.</param>
internal sealed class FlagBlame(IReadOnlyList<string> sets, bool hasCall)
{
    private const string OwnOperation = "operations[0]";
    private const string UnknownKey = "is not a key here";

    /// <summary>The mistake with its flag, or with its place in the file.</summary>
    /// <param name="error">One of the tree's.</param>
    /// <param name="file">What the profile is called.</param>
    public string Format(ProfileError error, string file)
    {
        if (hasCall && IsAt(error.Path, OwnOperation))
        {
            // A mistake without a line carries its path in its words.
            string what = error.Line == 0 ? error.Message : $"{error.Path}: {error.Message}";
            what = what.StartsWith(OwnOperation, StringComparison.Ordinal) ? what[OwnOperation.Length..].TrimStart('.', ':', ' ') : what;
            return what switch
            {
                _ when what.StartsWith("call: ", StringComparison.Ordinal) => $"--{what}",
                _ when what.StartsWith("data", StringComparison.Ordinal) => $"--{what}",
                _ => $"--call: {what}",
            };
        }

        foreach (string set in sets.Reverse())
        {
            string path = NodeEditor.Split(set).Path;
            if (IsAt(error.Path, path))
            {
                return $"--set {error.Path}: {error.Message}";
            }

            // A word on the way there that is none of the format's.
            if (error.Message.StartsWith(UnknownKey, StringComparison.Ordinal) && IsAt(path, error.Path))
            {
                return $"--set {path}: {error.Path} {error.Message}";
            }
        }

        return error.Format(file);
    }

    private static bool IsAt(string path, string root) => root.Length > 0 && path.StartsWith(root, StringComparison.Ordinal) && (path.Length == root.Length || path[root.Length] is '.' or '[');
}
