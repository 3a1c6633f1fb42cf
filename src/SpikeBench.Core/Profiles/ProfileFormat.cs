namespace SpikeBench.Core.Profiles;

/// <summary>What a key of the format holds.</summary>
public enum ValueKind
{
    Text,
    Whole,
    Number,
    Duration,
    Rate,
    Multiple,
    Percent,
    Choice,
    Connections,
    Limit,
    Excess,
    Size,
    Flag,
    Mapping,
    List,
    Names,
    Texts,
    Fields,

    /// <summary>Names and single values.</summary>
    Values,

    /// <summary>Load steps: the shape refers to itself, for steps may hold steps.</summary>
    Steps,
}

/// <summary>One key of the profile format.</summary>
/// <param name="Name">As it is written.</param>
/// <param name="Kind">What it holds.</param>
/// <param name="About">One sentence for the schema and for editors.</param>
public sealed record FormatKey(string Name, ValueKind Kind, string About)
{
    public bool Required { get; init; }

    /// <summary>The allowed words of a <see cref="ValueKind.Choice"/>.</summary>
    public IReadOnlyList<string> Choices { get; init; } = [];

    /// <summary>The shape of an object, or of a list's items.</summary>
    public FormatShape? Child { get; init; }
}

/// <summary>The keys of one kind of mapping.</summary>
public sealed record FormatShape(params FormatKey[] Keys)
{
    /// <summary>Keys that the format has and that this build does not act on: an error, never ignored.</summary>
    public IReadOnlyList<string> NotYet { get; init; } = [];

    /// <summary>True when exactly one of the keys must stand: a load step.</summary>
    public bool OneOf { get; init; }

    /// <summary>True when keys such as <c>p99.9</c> may stand beside the named ones: an SLO, or a rule to stop.</summary>
    public bool Percentiles { get; init; }

    /// <summary>True when limits are written with <c>&gt;</c>, what must not be, instead of <c>&lt;=</c>, what must.</summary>
    public bool Exceeded { get; init; }
}

/// <summary>
/// The profile format as data. The binder checks by it and the JSON schema is generated from it, so the two cannot differ.
/// </summary>
public static class ProfileFormat
{
    private static readonly FormatKey PhaseKey = new("phase", ValueKind.Text, "The phase's name; neighbours with the same name are one phase.");

    private static readonly FormatShape Hold = new(
        new FormatKey("rate", ValueKind.Rate, "The rate; without it the rate of the step before goes on."),
        new FormatKey("for", ValueKind.Duration, "How long.") { Required = true },
        PhaseKey);

    private static readonly FormatShape Ramp = new(
        new FormatKey("from", ValueKind.Rate, "Where the line starts; without it at the rate of the step before."),
        new FormatKey("to", ValueKind.Rate, "Where the line ends.") { Required = true },
        new FormatKey("for", ValueKind.Duration, "How long.") { Required = true },
        PhaseKey);

    private static readonly FormatShape Jump = new(
        new FormatKey("to", ValueKind.Rate, "The rate that the next step starts from.") { Required = true });

    private static readonly FormatShape Midnight = new(
        new FormatKey("preset", ValueKind.Choice, "The shape that the other keys change.") { Choices = [.. Schedule.MidnightShape.Presets.Keys] },
        new FormatKey("base", ValueKind.Rate, "The ordinary rate that the shape multiplies (1x)."),
        new FormatKey("amplitude", ValueKind.Multiple, "A: the busiest second as a multiple of the ordinary rate; measured 3x to 25x."),
        new FormatKey("anticipation", ValueKind.Multiple, "p: early senders at midnight; assumed."),
        new FormatKey("anticipation_tau", ValueKind.Duration, "τp: how early they are; assumed."),
        new FormatKey("rise", ValueKind.Duration, "r: the synchronised send starts this long before midnight."),
        new FormatKey("peak_after", ValueKind.Duration, "k: the peak comes this long after midnight; measured 4 s."),
        new FormatKey("decay_tau", ValueKind.Duration, "τd: the decay after the peak; fitted 50 s to 65 s."),
        new FormatKey("echo", ValueKind.Number, "η: the echo's height as a share of A − 1; fitted."),
        new FormatKey("echo_tau", ValueKind.Duration, "τh: when the echo is highest; fitted."),
        new FormatKey("synchronised", ValueKind.Multiple, "a: the synchronised send's height, where it is not A − 1 − p."),
        new FormatKey("lead", ValueKind.Duration, "How long before midnight the step starts.") { Required = true },
        new FormatKey("spike", ValueKind.Duration, "How long after midnight the spike's phase ends (peak_after + decay_tau)."),
        new FormatKey("for", ValueKind.Duration, "The step's length.") { Required = true },
        new FormatKey("phases", ValueKind.Names, "Three names: before the rise, the spike, the rest (approach, spike, decay)."));

    private static readonly FormatShape Inject = new(
        new FormatKey("rate", ValueKind.Number, "Calls per interval.") { Required = true },
        new FormatKey("interval", ValueKind.Duration, "The interval.") { Required = true },
        new FormatKey("during", ValueKind.Duration, "How long.") { Required = true },
        PhaseKey);

    private static readonly FormatShape InjectRandom = new(
        new FormatKey("min_rate", ValueKind.Whole, "The fewest calls per interval.") { Required = true },
        new FormatKey("max_rate", ValueKind.Whole, "The most calls per interval, included.") { Required = true },
        new FormatKey("interval", ValueKind.Duration, "The interval.") { Required = true },
        new FormatKey("during", ValueKind.Duration, "How long.") { Required = true },
        PhaseKey);

    private static readonly FormatShape Pause = new(
        new FormatKey("during", ValueKind.Duration, "How long.") { Required = true },
        PhaseKey);

    private static readonly FormatShape IterationsForInject = new(
        new FormatKey("rate", ValueKind.Number, "Calls per interval.") { Required = true },
        new FormatKey("interval", ValueKind.Duration, "The interval.") { Required = true },
        new FormatKey("iterations", ValueKind.Whole, "How many calls in all.") { Required = true },
        PhaseKey);

    private static readonly FormatShape Constant = new(
        new FormatKey("copies", ValueKind.Whole, "Copies that each wait for their answer before the next call.") { Required = true },
        new FormatKey("during", ValueKind.Duration, "How long.") { Required = true },
        PhaseKey);

    private static readonly FormatShape IterationsForConstant = new(
        new FormatKey("copies", ValueKind.Whole, "Copies that each wait for their answer before the next call.") { Required = true },
        new FormatKey("iterations", ValueKind.Whole, "How many calls all copies make together.") { Required = true },
        new FormatKey("at_most", ValueKind.Duration, "When to end even if they are not done (10m)."),
        PhaseKey);

    private static readonly FormatShape Sine = new(
        new FormatKey("mean", ValueKind.Rate, "The rate around which the wave goes.") { Required = true },
        new FormatKey("amplitude", ValueKind.Rate, "How far it goes up and down; at most the mean.") { Required = true },
        new FormatKey("period", ValueKind.Duration, "One whole wave.") { Required = true },
        new FormatKey("offset", ValueKind.Number, "Where in the wave to start, 0 to 1: 0 rises from the mean, 0.75 starts at the trough (0)."),
        new FormatKey("for", ValueKind.Duration, "How long.") { Required = true },
        PhaseKey);

    private static readonly FormatShape Stairs = new(
        new FormatKey("from", ValueKind.Rate, "The first step's rate.") { Required = true },
        new FormatKey("to", ValueKind.Rate, "The last step's rate.") { Required = true },
        new FormatKey("count", ValueKind.Whole, "How many steps, both ends included; at least 2.") { Required = true },
        new FormatKey("each", ValueKind.Duration, "How long each lasts.") { Required = true },
        PhaseKey);

    private static readonly FormatShape Repeat = new(
        new FormatKey("times", ValueKind.Whole, "How many times.") { Required = true },
        new FormatKey("load", ValueKind.Steps, "What is repeated; the phases of the first time end in -1, of the second in -2.") { Required = true });

    private static readonly FormatShape Stretch = new(
        new FormatKey("name", ValueKind.Text, "The phase's name.") { Required = true },
        new FormatKey("for", ValueKind.Duration, "How long; without it to the step's end, which only the last may."));

    private static readonly FormatKey StretchesKey = new("phases", ValueKind.List, "Phases one after another, where one is not enough.") { Child = Stretch };

    private static readonly FormatShape Wave = new(
        new FormatKey("at", ValueKind.Duration, "When it starts, from the overlay's start (0s)."),
        new FormatKey("load", ValueKind.Steps, "Its steps; they name no phases, the overlay does.") { Required = true });

    private static readonly FormatShape Overlay = new(
        new FormatKey("waves", ValueKind.List, "The loads whose rates are added up.") { Required = true, Child = Wave },
        PhaseKey,
        StretchesKey);

    private static readonly FormatShape TraceFile = new(
        new FormatKey("file", ValueKind.Text, "A CSV of time,rate or of single times, or a Prometheus range query's JSON; from the profile's folder.") { Required = true },
        new FormatKey("scale", ValueKind.Multiple, "What its rates are multiplied by (1x)."),
        new FormatKey("peak", ValueKind.Rate, "The rate that its highest sample is scaled to; instead of scale."),
        new FormatKey("between", ValueKind.Choice, "How the rate runs between samples (smooth).") { Choices = ["smooth", "hold"] },
        PhaseKey,
        StretchesKey);

    /// <summary>One step of a load.</summary>
    public static FormatShape Step { get; } = new(
        new FormatKey("hold", ValueKind.Mapping, "The same rate for a while.") { Child = Hold },
        new FormatKey("ramp", ValueKind.Mapping, "A straight line to a rate.") { Child = Ramp },
        new FormatKey("jump", ValueKind.Mapping, "A change of rate that takes no time.") { Child = Jump },
        new FormatKey("midnight", ValueKind.Mapping, "The New Year's midnight burst.") { Child = Midnight },
        new FormatKey("inject", ValueKind.Mapping, "NBomber's Inject: so many calls every interval.") { Child = Inject },
        new FormatKey("ramping_inject", ValueKind.Mapping, "NBomber's RampingInject: a line to so many calls every interval.") { Child = Inject },
        new FormatKey("inject_random", ValueKind.Mapping, "NBomber's InjectRandom: a random number of calls every interval.") { Child = InjectRandom },
        new FormatKey("pause", ValueKind.Mapping, "NBomber's Pause: no calls for a while.") { Child = Pause },
        new FormatKey("iterations_for_inject", ValueKind.Mapping, "NBomber's IterationsForInject: so many calls every interval until there were so many.") { Child = IterationsForInject },
        new FormatKey("keep_constant", ValueKind.Mapping, "NBomber's KeepConstant, of the closed model: supports no claim.") { Child = Constant },
        new FormatKey("ramping_constant", ValueKind.Mapping, "NBomber's RampingConstant, of the closed model: supports no claim.") { Child = Constant },
        new FormatKey("iterations_for_constant", ValueKind.Mapping, "NBomber's IterationsForConstant, of the closed model: supports no claim.") { Child = IterationsForConstant },
        new FormatKey("sine", ValueKind.Mapping, "A wave around a mean.") { Child = Sine },
        new FormatKey("steps", ValueKind.Mapping, "Stairs of equal steps.") { Child = Stairs },
        new FormatKey("repeat", ValueKind.Mapping, "Steps several times over.") { Child = Repeat },
        new FormatKey("overlay", ValueKind.Mapping, "The sum of loads, each with a start of its own.") { Child = Overlay },
        new FormatKey("trace", ValueKind.Mapping, "A recorded load played again.") { Child = TraceFile })
    {
        OneOf = true,
    };

    /// <summary>TLS, under <c>client</c>.</summary>
    internal static FormatShape Tls { get; } = new(
        new FormatKey("ca", ValueKind.Text, "PEM file of the authorities to trust instead of the machine's; from the profile's folder."),
        new FormatKey("cert", ValueKind.Text, "PEM file of the client's certificate, for mutual TLS."),
        new FormatKey("key", ValueKind.Text, "PEM file of its private key (in the file of cert)."),
        new FormatKey("insecure", ValueKind.Flag, "Takes any certificate; every result says so (false)."),
        new FormatKey("use", ValueKind.Flag, "Speaks TLS to a unix: or dns: target; https: does by itself (false)."));

    /// <summary>The access token, under <c>client</c>.</summary>
    internal static FormatShape Token { get; } = new(
        new FormatKey("file", ValueKind.Text, "A file whose text is the token; from the profile's folder."),
        new FormatKey("command", ValueKind.Text, "A shell command that prints it; needs --allow-commands."),
        new FormatKey("header", ValueKind.Text, "The metadata that carries it (authorization)."),
        new FormatKey("scheme", ValueKind.Text, "What stands before it (Bearer); \"\" for nothing."),
        new FormatKey("refresh", ValueKind.Duration, "How often it is fetched again (before a JWT expires; a file each minute)."));

    /// <summary>A call before or after the load.</summary>
    internal static FormatShape SideCall { get; } = new(
        new FormatKey("call", ValueKind.Text, "The method: package.Service/Method.") { Required = true },
        new FormatKey("payload", ValueKind.Fields, "The request's fields, or a list of requests; text may hold templates such as ${seq}."),
        new FormatKey("data", ValueKind.Text, "The request as JSON, or an array of requests."),
        new FormatKey("data_file", ValueKind.Text, "A file of requests, as an operation's."),
        new FormatKey("rows", ValueKind.Choice, "How calls go through rows of files and lists of requests (in_order).") { Choices = ["in_order", "seeded"] },
        new FormatKey("metadata", ValueKind.Values, "Metadata of its calls beside client.metadata."),
        new FormatKey("reply", ValueKind.Values, "Fields of the reply and what they must be."),
        new FormatKey("times", ValueKind.Whole, "How many calls, each with the next message (1)."),
        new FormatKey("deadline", ValueKind.Duration, "Per call (10s)."));

    /// <summary>A series that is recorded beside the run.</summary>
    internal static FormatShape Observe { get; } = new(
        new FormatKey("name", ValueKind.Text, "Its name in results.") { Required = true },
        new FormatKey("prometheus", ValueKind.Text, "Where the Prometheus API is: http://127.0.0.1:9090.") { Required = true },
        new FormatKey("query", ValueKind.Text, "In PromQL; asked for each second of the run.") { Required = true },
        new FormatKey("unit", ValueKind.Text, "What its values count, for the chart."));

    /// <summary>The whole format.</summary>
    public static FormatShape Root { get; } = new(
        new FormatKey("name", ValueKind.Text, "Lower-case letters, digits and hyphens.") { Required = true },
        new FormatKey("about", ValueKind.Text, "What the profile models, in a sentence."),
        new FormatKey("sources", ValueKind.List, "Where its numbers come from; assumed numbers say so.")
        {
            Child = new FormatShape(
                new FormatKey("fact", ValueKind.Text, "The fact.") { Required = true },
                new FormatKey("from", ValueKind.Text, "Where it is from.") { Required = true }),
        },
        new FormatKey("reference", ValueKind.Mapping, "What 1x means.")
        {
            Required = true,
            Child = new FormatShape(
                new FormatKey("rate", ValueKind.Rate, "Calls per second, without an x.") { Required = true },
                new FormatKey("window", ValueKind.Duration, "Over which window it was measured.") { Required = true },
                new FormatKey("what", ValueKind.Text, "What it is the rate of.") { Required = true },
                new FormatKey("source", ValueKind.Text, "Where the number is from."),
                new FormatKey("calls_per_user_minute", ValueKind.Number, "Calls that one user makes in a minute: turns harmed calls into user-minutes.")),
        },
        new FormatKey("compress", ValueKind.Number, "κ: how many times faster than real time; deadlines shrink with it (1)."),
        new FormatKey("seed", ValueKind.Whole, "Fixes every random draw (1)."),
        new FormatKey("arrivals", ValueKind.Choice, "How calls are placed under the curve (poisson).") { Choices = ["poisson", "even", "uniform", "nbomber-4", "nbomber-4-burst"] },
        new FormatKey("load", ValueKind.Steps, "The steps in order; the curve is their concatenation.") { Required = true },
        new FormatKey("contract", ValueKind.Mapping, "The files that say which methods there are and what they take, from the profile's folder; without it the target is asked by reflection.")
        {
            Child = new FormatShape(
                new FormatKey("protoset", ValueKind.Texts, "Sets of descriptors: protoc --include_imports --descriptor_set_out."),
                new FormatKey("proto", ValueKind.Texts, ".proto files."),
                new FormatKey("import_paths", ValueKind.Texts, "Where the imports of the .proto files are looked for (the files' own folders).")),
        },
        new FormatKey("operations", ValueKind.List, "The mix of calls.")
        {
            Required = true,
            Child = new FormatShape(
                new FormatKey("name", ValueKind.Text, "Its name in results.") { Required = true },
                new FormatKey("weight", ValueKind.Number, "Its share of the calls, in any unit (1)."),
                new FormatKey("call", ValueKind.Text, "The method: package.Service/Method.") { Required = true },
                new FormatKey("payload", ValueKind.Fields, "The request's fields, or a list of requests; text may hold templates such as ${seq}."),
                new FormatKey("data", ValueKind.Text, "The request as JSON, or an array of requests; text may hold templates such as ${seq}."),
                new FormatKey("data_file", ValueKind.Text, "A file of requests: .json (an array), .ndjson (one per line) or .csv (columns are fields); from the profile's folder."),
                new FormatKey("rows", ValueKind.Choice, "How calls go through rows of files and lists of requests (in_order).") { Choices = ["in_order", "seeded"] },
                new FormatKey("metadata", ValueKind.Values, "Metadata of its calls beside client.metadata; values may hold templates."),
                new FormatKey("reply", ValueKind.Values, "Fields of the reply, such as user.name, and what they must be; an OK reply that differs is the error CHECK_FAILED.")),
        },
        new FormatKey("client", ValueKind.Mapping, "How the clients behave.")
        {
            Child = new FormatShape(
                new FormatKey("connections", ValueKind.Connections, "auto sizes them from the plan; or a number (auto)."),
                new FormatKey("connect", ValueKind.Choice, "eager opens all before T0; lazy opens one more when a call finds no free stream (eager).") { Choices = ["eager", "lazy"] },
                new FormatKey("connect_rate", ValueKind.Rate, "The most connections that are opened per second (no limit)."),
                new FormatKey("deadline", ValueKind.Duration, "Per attempt, from the intended time (1s)."),
                new FormatKey("give_up", ValueKind.Duration, "Per operation; the drain waits for it (the deadline)."),
                new FormatKey("max_in_flight", ValueKind.Whole, "A ceiling of calls in flight; calls above it are not sent, which voids the run (sized from rate and deadline)."),
                new FormatKey("max_rate", ValueKind.Rate, "A ceiling of the planned rate: a load that peaks above it is refused before anything is sent."),
                new FormatKey("tls", ValueKind.Mapping, "Certificates, for https: targets.") { Child = Tls },
                new FormatKey("authority", ValueKind.Text, "The name that calls carry and that the target's certificate must be for (the address's)."),
                new FormatKey("connect_timeout", ValueKind.Duration, "How long connecting may take before T0 (3s)."),
                new FormatKey("resolve_every", ValueKind.Duration, "How often the addresses of a dns: target are asked for again (30s)."),
                new FormatKey("metadata", ValueKind.Values, "Metadata of every call; values may hold templates, those of names ending in -bin are base64."),
                new FormatKey("token", ValueKind.Mapping, "An access token that every call carries.") { Child = Token },
                new FormatKey("compression", ValueKind.Choice, "replies may come compressed by gzip; gzip packs the requests too (none).") { Choices = ["none", "replies", "gzip"] },
                new FormatKey("max_reply", ValueKind.Size, "The largest reply that is taken (4MiB)."),
                new FormatKey("max_request", ValueKind.Size, "The largest request that may be offered (any)."))
            {
                NotYet = ["retry", "hedge"],
            },
        },
        new FormatKey("slo", ValueKind.List, "What must hold.")
        {
            Required = true,
            Child = new FormatShape(
                new FormatKey("phase", ValueKind.Text, "A phase's name, or \"*\" for every phase on its own (\"*\")."),
                new FormatKey("operation", ValueKind.Text, "An operation's name, or \"*\" for all together (\"*\")."),
                new FormatKey("errors", ValueKind.Limit, "The largest share of calls that are not OK: \"<= 0.1%\"."),
                new FormatKey("recovers", ValueKind.Mapping, "How soon a spike must be over: every SLO of its phase met again, and staying so.")
                {
                    Child = new FormatShape(
                        new FormatKey("of", ValueKind.Text, "The spike's phase.") { Required = true },
                        new FormatKey("within", ValueKind.Duration, "From the phase's end.") { Required = true },
                        new FormatKey("clear_for", ValueKind.Duration, "How long the SLOs must be met without a break (30s).")),
                })
            {
                Percentiles = true,
            },
        },
        new FormatKey("stop_if", ValueKind.List, "Rules that end the load early; such a run is never a PASS.")
        {
            Child = new FormatShape(
                new FormatKey("phase", ValueKind.Text, "A phase's name, or \"*\" for the whole run (\"*\")."),
                new FormatKey("operation", ValueKind.Text, "An operation's name, or \"*\" for all together (\"*\")."),
                new FormatKey("errors", ValueKind.Excess, "Stop when more than this share of the window's calls is not OK: \"> 50%\"."),
                new FormatKey("window", ValueKind.Duration, "How far back calls count, by intended time (10s)."),
                new FormatKey("delay", ValueKind.Duration, "How long after the phase's start the rule sleeps (0s)."),
                new FormatKey("calls", ValueKind.Whole, "Fewer calls in the window decide nothing (100)."))
            {
                Percentiles = true,
                Exceeded = true,
            },
        },
        new FormatKey("claim", ValueKind.Mapping, "The capacity claim that the run tests.")
        {
            Child = new FormatShape(
                new FormatKey("text", ValueKind.Text, "In your words.") { Required = true },
                new FormatKey("scale", ValueKind.Multiple, "The multiple of the load that it is about (1x)."),
                new FormatKey("confidence", ValueKind.Percent, "Of a PASS (95%)."),
                new FormatKey("repeats", ValueKind.Whole, "How many midnights a verdict is of (1)."),
                new FormatKey("looks", ValueKind.Whole, "How often an INCONCLUSIVE set may be looked at, with twice the midnights each time, 1 to 5 (1).")),
        },
        new FormatKey("prepare", ValueKind.List, "Calls before T0, in order and in no book: accounts, rooms. If one fails, nothing is offered.") { Child = SideCall },
        new FormatKey("cleanup", ValueKind.List, "Calls after the drain, likewise; if one fails, that is said.") { Child = SideCall },
        new FormatKey("observe", ValueKind.List, "Series of a Prometheus API, recorded per second and drawn beside the run.") { Child = Observe })
    {
        NotYet = ["events"],
    };
}
