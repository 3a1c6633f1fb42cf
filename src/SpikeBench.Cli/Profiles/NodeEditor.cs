using System.Globalization;
using SpikeBench.Core;
using SpikeBench.Core.Profiles;

namespace SpikeBench.Cli.Profiles;

/// <summary>Changes single values of a profile's tree: <c>--set client.deadline=2s</c>, <c>--set load[1].midnight.amplitude=9x</c>.</summary>
internal static class NodeEditor
{
    /// <summary>The tree with one value replaced or added.</summary>
    /// <exception cref="UsageException">The path leads nowhere.</exception>
    public static ProfileNode Set(ProfileNode root, string assignment)
    {
        (string path, string value) = Split(assignment);
        return Set(root, Segments(path, assignment), 0, value, assignment);
    }

    /// <summary>The two sides of <c>path=value</c>.</summary>
    public static (string Path, string Value) Split(string assignment)
    {
        int equals = assignment.IndexOf('=', StringComparison.Ordinal);
        return equals > 0
            ? (assignment[..equals].Trim(), assignment[(equals + 1)..].Trim())
            : throw new UsageException($"--set {assignment}: write it as path=value, like --set client.deadline=2s");
    }

    private static ProfileNode Set(ProfileNode? node, IReadOnlyList<string> segments, int depth, string value, string assignment)
    {
        if (depth == segments.Count)
        {
            return new ScalarNode(value, node?.Line ?? 0, node?.Column ?? 0);
        }

        string segment = segments[depth];
        if (int.TryParse(segment, NumberStyles.None, CultureInfo.InvariantCulture, out int index))
        {
            if (node is not SequenceNode list || index >= list.Items.Count)
            {
                throw new UsageException($"--set {assignment}: there is no item [{index}]");
            }

            ProfileNode changed = Set(list.Items[index], segments, depth + 1, value, assignment);
            return list with { Items = [.. list.Items.Select((item, i) => i == index ? changed : item)] };
        }

        MappingNode mapping = node switch
        {
            MappingNode given => given,
            null => new MappingNode([], 0, 0),
            _ => throw new UsageException($"--set {assignment}: nothing is called '{segment}' there"),
        };
        MappingEntry? old = mapping.Entries.FirstOrDefault(e => e.Key == segment);
        ProfileNode child = Set(old?.Value, segments, depth + 1, value, assignment);
        return old is null
            ? mapping with { Entries = [.. mapping.Entries, new MappingEntry(segment, child, mapping.Line, mapping.Column)] }
            : mapping with { Entries = [.. mapping.Entries.Select(e => ReferenceEquals(e, old) ? e with { Value = child } : e)] };
    }

    /// <summary><c>slo[0].p99.9</c> is slo, 0, p99.9: a dot before a digit belongs to a percentile's name.</summary>
    private static List<string> Segments(string path, string assignment)
    {
        var segments = new List<string>();
        foreach (string part in path.Replace("[", ".[", StringComparison.Ordinal).Split('.'))
        {
            string segment = part.Trim('[', ']');
            bool fraction = segments.Count > 0 && segments[^1].Length > 1 && segments[^1][0] == 'p' && segments[^1][1..].All(char.IsAsciiDigit)
                && !part.StartsWith('[') && segment.All(char.IsAsciiDigit);
            if (segment.Length == 0)
            {
                throw new UsageException($"--set {assignment}: '{path}' is not a path; write it like client.deadline or slo[0].p99");
            }

            if (fraction)
            {
                segments[^1] += "." + segment;
            }
            else
            {
                segments.Add(segment);
            }
        }

        return segments;
    }
}
