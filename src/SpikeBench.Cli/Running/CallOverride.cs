using SpikeBench.Core;
using SpikeBench.Core.Profiles;

namespace SpikeBench.Cli.Running;

/// <summary>
/// <c>--call METHOD -d JSON</c>: puts one operation of the user's own in the place of a profile's mix. It takes the method's name, and stands
/// for the operation that the profile calls most: that one's SLOs and rules to stop are its own now, those of the others go with them.
/// </summary>
/// <param name="Method">package.Service/Method.</param>
/// <param name="Data">The request's JSON, or an array of requests; null: a message without fields.</param>
internal sealed record CallOverride(string Method, string? Data)
{
    /// <summary>The operation's name in results.</summary>
    public string Name => string.Concat(Method[(Method.LastIndexOf('/') + 1)..].Where(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'));

    /// <summary>The profile's tree with the one operation.</summary>
    /// <param name="root">As the file has it.</param>
    /// <param name="dropped">The operations whose rules are gone.</param>
    /// <exception cref="UsageException">No SLO would be left.</exception>
    public ProfileNode Apply(ProfileNode root, out IReadOnlyList<string> dropped)
    {
        dropped = [];
        if (root is not MappingNode profile)
        {
            return root;
        }

        string? most = MostCalled(profile.Find("operations"));
        var gone = new SortedSet<string>(StringComparer.Ordinal);
        List<MappingEntry> entries = [.. profile.Entries.Select(e => e.Key switch
        {
            "operations" => e with { Value = new SequenceNode([Operation(e.Value)], e.Value.Line, e.Value.Column) },
            "slo" or "stop_if" => e with { Value = Rules(e.Value, most, gone) },
            _ => e,
        })];
        dropped = [.. gone];
        entries.RemoveAll(e => e is { Key: "stop_if", Value: SequenceNode { Items.Count: 0 } });
        if (entries.Find(e => e.Key == "slo")?.Value is SequenceNode { Items.Count: 0 })
        {
            throw new UsageException($"--call: every SLO of the profile is about {string.Join(", ", gone)}, and the call stands for '{most}': no SLO would be left. Give a profile with SLOs for all operations.");
        }

        return profile with { Entries = entries };
    }

    private MappingNode Operation(ProfileNode at)
    {
        (string Key, string? Value)[] keys = [("name", Name), ("call", Method), ("data", Data)];
        return new MappingNode(
            [.. keys.Where(k => k.Value is not null).Select(k => new MappingEntry(k.Key, new ScalarNode(k.Value!, at.Line, at.Column), at.Line, at.Column))], at.Line, at.Column);
    }

    /// <summary>The operation with the largest share, the first of equals; null where there is none.</summary>
    private static string? MostCalled(ProfileNode? operations) => (operations as SequenceNode)?.Items.OfType<MappingNode>()
        .Select(o => (Name: (o.Find("name") as ScalarNode)?.Value, Weight: o.Find("weight") is ScalarNode weight && Units.TryNumber(weight.Value, out double number) ? number : 1))
        .OrderByDescending(o => o.Weight)
        .FirstOrDefault().Name;

    private ProfileNode Rules(ProfileNode rules, string? most, SortedSet<string> gone)
    {
        if (rules is not SequenceNode list)
        {
            return rules;
        }

        var kept = new List<ProfileNode>();
        foreach (ProfileNode rule in list.Items)
        {
            string? about = ((rule as MappingNode)?.Find("operation") as ScalarNode)?.Value;
            if (about is null or "*")
            {
                kept.Add(rule);
            }
            else if (about == most)
            {
                kept.Add(WithOperation((MappingNode)rule));
            }
            else
            {
                gone.Add(about);
            }
        }

        return list with { Items = kept };
    }

    private MappingNode WithOperation(MappingNode rule) => rule with
    {
        Entries = [.. rule.Entries.Select(e => e.Key == "operation" ? e with { Value = new ScalarNode(Name, e.Value.Line, e.Value.Column) } : e)],
    };
}
