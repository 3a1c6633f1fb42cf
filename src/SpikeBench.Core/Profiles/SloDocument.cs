using SpikeBench.Core.Schedule;

namespace SpikeBench.Core.Profiles;

/// <summary>A file of SLOs alone: <c>slo: [...]</c>, its items as in a profile.</summary>
public static class SloDocument
{
    private static readonly FormatShape Root = new(ProfileFormat.Root.Keys.First(k => k.Name == "slo") with { Required = true });

    /// <summary>Binds such a file for a run.</summary>
    /// <param name="root">The file's tree.</param>
    /// <param name="phases">The run's phases, in its own, compressed time.</param>
    /// <param name="operations">The run's operations.</param>
    /// <param name="deadlineNs">Per attempt: no threshold can be above it.</param>
    /// <param name="compress">The run's compression: recoveries speak of uncompressed time.</param>
    /// <returns>The SLOs, or null and at least one error.</returns>
    public static (SloSet? Slos, IReadOnlyList<ProfileError> Errors) Bind(
        ProfileNode root, IReadOnlyList<Phase> phases, IReadOnlyCollection<string> operations, long deadlineNs, double compress)
    {
        var errors = new List<ProfileError>();
        var binder = new SloBinder(errors);
        IReadOnlyList<SloRule> rules = MappingReader.Open(root, Root, "", errors) is { } reader
            ? binder.Bind(reader, [.. phases.Select(p => p.Name).Distinct()], operations, deadlineNs)
            : [];
        if (errors.Count == 0)
        {
            binder.CheckObservable(phases, compress, rules);
        }

        return (errors.Count == 0 ? new SloSet(rules, binder.Recoveries) : null, [.. errors.OrderBy(e => e.Line).ThenBy(e => e.Column).Distinct()]);
    }
}

/// <summary>All that must hold.</summary>
/// <param name="Rules">Limits per phase and operation.</param>
/// <param name="Recoveries">What must be over in time.</param>
public sealed record SloSet(IReadOnlyList<SloRule> Rules, IReadOnlyList<RecoveryRule> Recoveries);
