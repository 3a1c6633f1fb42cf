namespace SpikeBench.Core.Profiles;

/// <summary>A file of SLOs alone: <c>slo: [...]</c>, its items as in a profile.</summary>
public static class SloDocument
{
    private static readonly FormatShape Root = new(ProfileFormat.Root.Keys.First(k => k.Name == "slo") with { Required = true });

    /// <summary>Binds such a file for a run.</summary>
    /// <param name="root">The file's tree.</param>
    /// <param name="phases">The run's phases.</param>
    /// <param name="operations">The run's operations.</param>
    /// <param name="deadlineNs">Per attempt: no threshold can be above it.</param>
    /// <returns>The rules, or none and at least one error.</returns>
    public static (IReadOnlyList<SloRule> Rules, IReadOnlyList<ProfileError> Errors) Bind(
        ProfileNode root, IReadOnlyCollection<string> phases, IReadOnlyCollection<string> operations, long deadlineNs)
    {
        var errors = new List<ProfileError>();
        IReadOnlyList<SloRule> rules = MappingReader.Open(root, Root, "", errors) is { } reader
            ? new SloBinder(errors).Bind(reader, phases, operations, deadlineNs)
            : [];
        return (errors.Count == 0 ? rules : [], [.. errors.OrderBy(e => e.Line).ThenBy(e => e.Column).Distinct()]);
    }
}
