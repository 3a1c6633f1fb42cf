using SpikeBench.Core.Profiles;

namespace SpikeBench.Grpc.Payloads;

/// <summary>Finds the node that a path such as <c>Order.lines[0].labels["de"]</c> leads to, or the last one on the way.</summary>
internal static class NodePath
{
    /// <summary>The node, and its path below the message.</summary>
    public static (ProfileNode Node, string Path) Find(ProfileNode root, string path)
    {
        ProfileNode node = root;
        int at = path.AsSpan().IndexOfAny('.', '[');
        int found = at < 0 ? path.Length : at;
        int start = found;
        while (at >= 0 && at < path.Length && Step(node, path, ref at) is { } next)
        {
            node = next;
            found = at;
        }

        return (node, path[start..found].TrimStart('.'));
    }

    // Keys may hold dots and brackets: of those that fit, the longest is meant.
    private static ProfileNode? Step(ProfileNode node, string path, ref int at)
    {
        switch (node)
        {
            case SequenceNode list when path[at] == '[':
                int close = path.IndexOf(']', at);
                if (close < 0 || !int.TryParse(path.AsSpan(at + 1, close - at - 1), out int index) || index >= list.Items.Count)
                {
                    return null;
                }

                at = close + 1;
                return list.Items[index];
            case MappingNode mapping:
                bool isEntry = path.AsSpan(at).StartsWith("[\"");
                int from = at + (isEntry ? 2 : 1);
                string after = isEntry ? "\"]" : "";
                string rest = path[from..];
                MappingEntry? entry = mapping.Entries
                    .Where(e => rest.StartsWith(e.Key + after, StringComparison.Ordinal)
                        && (isEntry || rest.Length == e.Key.Length || rest[e.Key.Length] is '.' or '['))
                    .MaxBy(e => e.Key.Length);
                if (entry is null)
                {
                    return null;
                }

                at = from + entry.Key.Length + after.Length;
                return entry.Value;
            default:
                return null;
        }
    }
}
