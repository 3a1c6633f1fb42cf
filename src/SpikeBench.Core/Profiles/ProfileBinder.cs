using SpikeBench.Core.Profiles.Feeds;
using SpikeBench.Core.Schedule;
using SpikeBench.Core.Verdict;

namespace SpikeBench.Core.Profiles;

/// <summary>
/// Turns a profile's tree into a <see cref="Profile"/>, or into all its errors at once.
/// </summary>
public sealed class ProfileBinder
{
    private readonly List<ProfileError> _errors = [];
    private readonly Func<string, string>? _readFile;
    private double _oneX = 1;

    private ProfileBinder(Func<string, string>? readFile)
    {
        _readFile = readFile;
    }

    /// <summary>Binds a whole profile.</summary>
    /// <param name="root">Its tree.</param>
    /// <param name="readFile">Reads the text of a file that the profile names; null: it has no folder, and may name none.</param>
    /// <returns>The profile, or null and at least one error.</returns>
    public static (Profile? Profile, IReadOnlyList<ProfileError> Errors) Bind(ProfileNode root, Func<string, string>? readFile = null)
    {
        var binder = new ProfileBinder(readFile);
        Profile? profile = binder.BindRoot(root);
        var errors = binder._errors.OrderBy(e => e.Line).ThenBy(e => e.Column).Distinct().ToList();
        return (errors.Count == 0 ? profile : null, errors);
    }

    private Profile? BindRoot(ProfileNode root)
    {
        if (MappingReader.Open(root, ProfileFormat.Root, "", _errors) is not { } reader)
        {
            return null;
        }

        string name = reader.Text("name") ?? "unnamed";
        if (!name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-'))
        {
            reader.Report("name", $"'{name}' must be lower-case letters, digits and hyphens");
        }

        ReferenceRate reference = BindReference(reader);
        _oneX = reference.RatePerSecond;
        double compress = reader.Number("compress", 1, 1, 1000);
        ulong seed = (ulong)reader.Whole("seed", 1, 0, long.MaxValue);
        string arrivals = reader.Choice("arrivals", "poisson", ["poisson", "even", "uniform", "nbomber-4", "nbomber-4-burst"]);
        IReadOnlyList<LoadStep> load = new LoadBinder(_errors, _oneX, _readFile).Bind(reader);
        IReadOnlyList<Operation> operations = BindOperations(reader);
        ClientOptions client = BindClient(reader);
        Claim? claim = BindClaim(reader);
        string[] phases = [.. load.SelectMany(LoadBinder.PhasesOf).Distinct()];
        string[] names = [.. operations.Select(o => o.Name)];
        long deadlineNs = (long)(client.DeadlineNs / compress);
        var payloads = new PayloadBinder(new FeedReader(_readFile), _errors);
        var beside = new BesideBinder(_errors, (call, name) => BindOperation(call, name, payloads));
        var slo = new SloBinder(_errors);
        IReadOnlyList<SloRule> rules = slo.Bind(reader, phases, names, deadlineNs);
        IReadOnlyList<StopRule> stops = new StopRuleBinder(_errors).Bind(reader, phases, names, deadlineNs);
        var profile = new Profile
        {
            Name = name,
            About = reader.Text("about"),
            Sources = BindSources(reader),
            Reference = reference,
            Compress = compress,
            Seed = seed,
            Arrivals = arrivals switch
            {
                "even" => ArrivalKind.Even,
                "uniform" => ArrivalKind.Uniform,
                "nbomber-4" => ArrivalKind.NBomber4,
                "nbomber-4-burst" => ArrivalKind.NBomber4Burst,
                _ => ArrivalKind.Poisson,
            },
            Load = load,
            Contract = ContractSource.Bind(reader, ChildOf("contract")),
            Operations = operations,
            Client = client,
            Slo = rules,
            StopIf = stops,
            Recoveries = slo.Recoveries,
            Claim = claim,
            Prepare = beside.BindCalls(reader, "prepare"),
            Cleanup = beside.BindCalls(reader, "cleanup"),
            Observe = beside.BindObservations(reader),
        };
        if (load.Count > 0)
        {
            LoadRules.Check(profile, reader);
        }

        if (_errors.Count == 0)
        {
            slo.CheckObservable(profile);
        }

        return profile;
    }

    private static ReferenceRate BindReference(MappingReader root)
    {
        if (root.Object("reference", ChildOf("reference")) is not { } reader)
        {
            return new ReferenceRate(1, 0, "", null);
        }

        double? rate = reader.Rate("rate", oneX: null);
        if (rate == 0)
        {
            reader.Report("rate", "must be above 0: every x is a multiple of it");
        }

        return new ReferenceRate(rate is > 0 ? rate.Value : 1, reader.Duration("window", 0), reader.Text("what") ?? "", reader.Text("source"))
        {
            CallsPerUserMinute = reader.Has("calls_per_user_minute") ? reader.Number("calls_per_user_minute", 1, 1e-3, 1e6) : null,
        };
    }

    private List<ProfileSource> BindSources(MappingReader root)
    {
        var sources = new List<ProfileSource>();
        foreach ((ProfileNode item, int index) in root.List("sources").Select((n, i) => (n, i)))
        {
            if (MappingReader.Open(item, ChildOf("sources"), $"sources[{index}]", _errors) is { } reader)
            {
                sources.Add(new ProfileSource(reader.Text("fact") ?? "", reader.Text("from") ?? ""));
            }
        }

        return sources;
    }

    private List<Operation> BindOperations(MappingReader root)
    {
        var operations = new List<Operation>();
        var payloads = new PayloadBinder(new FeedReader(_readFile), _errors);
        foreach ((ProfileNode item, int index) in root.List("operations").Select((n, i) => (n, i)))
        {
            if (MappingReader.Open(item, ChildOf("operations"), $"operations[{index}]", _errors) is not { } reader)
            {
                continue;
            }

            string name = reader.Text("name") ?? $"operation-{index}";
            if (operations.Any(o => o.Name == name))
            {
                reader.Report("name", $"'{name}' is the name of an earlier operation; each needs its own");
            }

            if (name.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not '-' and not '_'))
            {
                reader.Report("name", $"'{name}' must be letters, digits, hyphens and underscores");
            }

            operations.Add(BindOperation(reader, name, payloads) with { Weight = reader.Number("weight", 1, 1e-6, 1e9) });
        }

        return operations;
    }

    // What a call of the mix and a call beside the load have in common.
    private Operation BindOperation(MappingReader reader, string name, PayloadBinder payloads)
    {
        string call = reader.Text("call") ?? "a/b";
        int slash = call.IndexOf('/', StringComparison.Ordinal);
        if (slash <= 0 || slash == call.Length - 1 || call.IndexOf('/', slash + 1) >= 0)
        {
            reader.Report("call", $"'{call}' is not a method; write it like package.Service/Method");
        }

        var calls = new CallSettings(_errors);
        return new Operation(name, 1, call, payloads.Bind(reader)) { Metadata = calls.BindMetadata(reader), Reply = calls.BindReply(reader) };
    }

    private ClientOptions BindClient(MappingReader root)
    {
        var defaults = new ClientOptions();
        if (root.Object("client", ChildOf("client")) is not { } reader)
        {
            return defaults;
        }

        int? connections = null;
        if (reader.Scalar("connections") is { } text && text != "auto")
        {
            connections = (int)reader.Whole("connections", 1, 1, 10_000);
        }

        long deadlineNs = reader.Duration("deadline", defaults.DeadlineNs);
        long? giveUpNs = reader.Has("give_up") ? reader.Duration("give_up", deadlineNs) : null;
        if (giveUpNs < deadlineNs)
        {
            reader.Report("give_up", $"must not be shorter than the deadline of one attempt, {Units.Duration(deadlineNs)}");
        }

        double? maxRate = reader.Has("max_rate") ? reader.Rate("max_rate", _oneX) : null;
        if (maxRate == 0)
        {
            reader.Report("max_rate", "must be above 0");
        }

        double? connectRate = reader.Rate("connect_rate", oneX: null);
        if (connectRate <= 0)
        {
            reader.Report("connect_rate", "must be above 0");
        }

        var client = new ClientOptions
        {
            Connections = connections,
            ConnectLazily = reader.Choice("connect", "eager", ["eager", "lazy"]) == "lazy",
            ConnectRatePerSecond = connectRate,
            DeadlineNs = deadlineNs,
            GiveUpNs = giveUpNs,
            MaxInFlight = reader.Has("max_in_flight") ? (int)reader.Whole("max_in_flight", 1, 1, 4_000_000) : null,
            MaxRatePerSecond = maxRate,
        };
        return new CallSettings(_errors).Bind(reader, client);
    }

    private static Claim? BindClaim(MappingReader root)
    {
        if (root.Object("claim", ChildOf("claim")) is not { } reader)
        {
            return null;
        }

        double scale = reader.Multiple("scale", 1);
        if (scale <= 0)
        {
            reader.Report("scale", "must be above 0x");
        }

        double confidence = reader.Percent("confidence", 0.95);
        if (confidence is < 0.8 or > 0.9999)
        {
            reader.Report("confidence", "must be 80% to 99.99%");
        }

        int looks = (int)reader.Whole("looks", 1, 1, ClaimLooks.Most);
        if (looks > 1 && Math.Abs(1 - confidence - ClaimLooks.Alpha) > 1e-9)
        {
            reader.Report("looks", "several looks share out an error of 5%: leave confidence at 95%, or looks at 1");
        }

        return new Claim(reader.Text("text") ?? "", scale, confidence, (int)reader.Whole("repeats", 1, 1, 1000), looks);
    }

    private static FormatShape ChildOf(string key) => ProfileFormat.Root.Keys.First(k => k.Name == key).Child!;
}
