namespace SpikeBench.Core.Profiles;

/// <summary>Binds what stands beside the load: calls before and after it, and series that are recorded with it.</summary>
/// <param name="errors">Takes what is wrong.</param>
/// <param name="bindOperation">Binds the keys that such a call shares with an operation, under a name of its own.</param>
internal sealed class BesideBinder(List<ProfileError> errors, Func<MappingReader, string, Operation> bindOperation)
{
    private const int MostTimes = 1_000_000;
    private const long DefaultDeadlineNs = 10_000_000_000;

    /// <summary>The key <c>prepare</c> or <c>cleanup</c>.</summary>
    public IReadOnlyList<SideCall> BindCalls(MappingReader root, string key)
    {
        var calls = new List<SideCall>();
        foreach ((ProfileNode item, int index) in root.List(key).Select((n, i) => (n, i)))
        {
            string at = $"{key}[{index}]";
            if (MappingReader.Open(item, ProfileFormat.SideCall, at, errors) is { } reader)
            {
                calls.Add(new SideCall(bindOperation(reader, at), (int)reader.Whole("times", 1, 1, MostTimes), reader.Duration("deadline", DefaultDeadlineNs)));
            }
        }

        return calls;
    }

    /// <summary>The key <c>observe</c>.</summary>
    public IReadOnlyList<Observation> BindObservations(MappingReader root)
    {
        var observations = new List<Observation>();
        foreach ((ProfileNode item, int index) in root.List("observe").Select((n, i) => (n, i)))
        {
            if (MappingReader.Open(item, ProfileFormat.Observe, $"observe[{index}]", errors) is not { } reader)
            {
                continue;
            }

            string name = reader.Text("name") ?? $"series {index}", address = reader.Text("prometheus") ?? "http://localhost";
            if (!Uri.TryCreate(address, UriKind.Absolute, out Uri? uri) || uri.Scheme is not ("http" or "https") || uri.Query.Length > 0)
            {
                // The address may hold a password: it is not repeated.
                reader.Report("prometheus", "is not an address; write it like http://127.0.0.1:9090");
            }

            if (observations.Any(o => o.Name == name))
            {
                reader.Report("name", $"'{name}' is the name of an earlier series; each needs its own");
            }

            observations.Add(new Observation(name, address, reader.Text("query") ?? "", reader.Text("unit")));
        }

        return observations;
    }
}
