using SpikeBench.Core.Schedule;

namespace SpikeBench.Core.Profiles;

/// <summary>Binds the steps of a load and checks that they make a curve.</summary>
internal sealed class LoadBinder(List<ProfileError> errors, double oneX, Func<string, string>? readFile)
{
    private const int DeepestNesting = 4;
    private const int MostRepeats = 1000;

    private static readonly string[] PhaseKeys = ["phase", "phases"];

    private readonly HashSet<string> _ended = [];
    private string _currentPhase = "";

    // No step so far, or none but silent ones: there is no rate that could go on.
    private bool _silent = true;

    public IReadOnlyList<LoadStep> Bind(MappingReader root) => BindList(root, "load", "load", 0, inOverlay: false);

    /// <summary>The phases of a step in the order they come.</summary>
    public static IEnumerable<string> PhasesOf(LoadStep step) => step switch
    {
        JumpStep => [],
        MidnightStep midnight => midnight.Phases,
        RepeatStep repeat => Enumerable.Range(1, repeat.Times).SelectMany(i => repeat.Load.SelectMany(PhasesOf).Distinct().Select(p => $"{p}-{i}")),
        OverlayStep overlay => overlay.Phases.Select(p => p.Name),
        TraceStep trace => trace.Phases.Select(p => p.Name),
        _ => [step.Phase],
    };

    private List<LoadStep> BindList(MappingReader owner, string key, string path, int depth, bool inOverlay)
    {
        var steps = new List<LoadStep>();
        if (depth > DeepestNesting)
        {
            owner.Report(key, $"is more than {DeepestNesting} levels deep");
            return steps;
        }

        foreach ((ProfileNode item, int index) in owner.List(key).Select((n, i) => (n, i)))
        {
            LoadStep? step = BindStep(item, $"{path}[{index}]", index, depth, inOverlay);
            if (step is null)
            {
                _silent = false; // what it was to be is not known
                continue;
            }

            _silent = EndsSilent(step);

            if (depth == 0)
            {
                FollowPhases(step, item, $"{path}[{index}]");
            }

            steps.Add(step);
        }

        if (steps.Count > 0 && steps.TrueForAll(s => s is JumpStep or PauseStep))
        {
            owner.Report(key, "offers no call: add a hold, a ramp, a midnight or an inject");
        }

        if (steps.Count > 0 && steps[^1] is JumpStep)
        {
            owner.Report(key, "ends with a jump, which takes no time: add the step that starts from it");
        }

        return steps;
    }

    private void FollowPhases(LoadStep step, ProfileNode item, string path)
    {
        foreach (string phase in PhasesOf(step).Where(p => p != _currentPhase))
        {
            _ended.Add(_currentPhase);
            _currentPhase = phase;
            if (_ended.Contains(phase))
            {
                errors.Add(new ProfileError(item.Line, item.Column, path, $"phase '{phase}' is over already; give this stretch a name of its own"));
                return;
            }
        }
    }

    private LoadStep? BindStep(ProfileNode item, string path, int index, int depth, bool inOverlay)
    {
        FormatShape stepShape = ProfileFormat.Step;
        if (MappingReader.Open(item, stepShape, path, errors) is not { } outer)
        {
            return null;
        }

        var kinds = outer.Entries.Where(e => stepShape.Keys.Any(k => k.Name == e.Key)).ToList();
        if (kinds.Count == 0)
        {
            return null; // the unknown key was reported
        }

        if (kinds.Count > 1)
        {
            outer.Report(kinds[1].Key, $"a step is one thing, and this one is '{kinds[0].Key}' already; start the next with '- '");
        }

        string kind = kinds[0].Key;
        FormatShape shape = stepShape.Keys.First(k => k.Name == kind).Child!;
        if (outer.Object(kind, shape) is not { } reader)
        {
            return null;
        }

        bool named = shape.Keys.Any(k => k.Name == "phase");
        string phase = (named ? reader.Text("phase") : null) ?? $"{kind.Replace('_', '-')}-{index + 1}";
        CheckName(reader, "phase", phase);
        foreach (string key in PhaseKeys.Where(k => inOverlay && reader.Has(k)))
        {
            reader.Report(key, "waves run at the same time, so the phases are the overlay's: name them there");
        }

        return kind switch
        {
            "hold" => BindHold(reader, phase),
            "ramp" => new RampStep(reader.Rate("from", oneX), reader.Rate("to", oneX) ?? 0, reader.Duration("for", 1), phase),
            "jump" => new JumpStep(reader.Rate("to", oneX) ?? 0),
            "midnight" => BindMidnight(reader),
            "pause" => new PauseStep(reader.Duration("during", 1), phase),
            "sine" => BindSine(reader, phase),
            "steps" => new StairsStep(
                reader.Rate("from", oneX) ?? 0, reader.Rate("to", oneX) ?? 0, (int)reader.Whole("count", 2, 2, 10_000), reader.Duration("each", 1), phase),
            "repeat" => BindRepeat(reader, path, depth, inOverlay),
            "overlay" => BindOverlay(reader, phase, path, depth),
            "trace" => new TraceBinder(oneX, readFile).Bind(reader, BindStretches(reader, phase)),
            "keep_constant" or "ramping_constant" or "iterations_for_constant" => BindClosed(kind, reader, phase, inOverlay || depth > 0),
            _ => BindInject(kind, reader, phase),
        };
    }

    private HoldStep BindHold(MappingReader reader, string phase)
    {
        if (_silent && !reader.Has("rate"))
        {
            reader.Report("rate", "is missing, and no step before it has a rate that could go on: give one, or write a pause as 'rate: 0/s'");
        }

        return new HoldStep(reader.Rate("rate", oneX), reader.Duration("for", 1), phase);
    }

    private RepeatStep BindRepeat(MappingReader reader, string path, int depth, bool inOverlay)
    {
        int times = (int)reader.Whole("times", 1, 1, MostRepeats);
        List<LoadStep> load = BindList(reader, "load", $"{path}.repeat.load", depth + 1, inOverlay);
        if (times > 1 && _silent && load is [HoldStep { RatePerSecond: null }, ..])
        {
            reader.Report("load", "starts with a hold without a rate, and the second time none goes on: give it one, or write a pause as 'rate: 0/s'");
        }

        return new RepeatStep(times, load);
    }

    /// <summary>Without calls at its end, as far as its text says; a repetition ends as its last step does.</summary>
    private bool EndsSilent(LoadStep step) => step switch
    {
        HoldStep hold => hold.RatePerSecond == 0,
        RampStep ramp => ramp.ToPerSecond == 0,
        JumpStep jump => jump.ToPerSecond == 0,
        StairsStep stairs => stairs.ToPerSecond == 0,
        PauseStep => true,
        RepeatStep => _silent,
        _ => false,
    };

    private SineStep BindSine(MappingReader reader, string phase)
    {
        double mean = reader.Rate("mean", oneX) ?? 0;
        double amplitude = reader.Rate("amplitude", oneX) ?? 0;
        if (amplitude > mean)
        {
            reader.Report("amplitude", $"{Units.Rate(amplitude)} is above the mean, {Units.Rate(mean)}: a rate cannot go below 0");
        }

        return new SineStep(mean, amplitude, reader.Duration("period", 1), reader.Number("offset", 0, 0, 1), reader.Duration("for", 1), phase);
    }

    private static ClosedStep BindClosed(string kind, MappingReader reader, string phase, bool nested)
    {
        if (nested)
        {
            reader.Report("copies", "a closed step has no rate, so it cannot be repeated or added to others");
        }

        int copies = (int)reader.Whole("copies", 1, 1, 1_000_000);
        const long tenMinutesNs = 600_000_000_000;
        return kind switch
        {
            "keep_constant" => new KeepConstantStep(copies, reader.Duration("during", 1), phase),
            "ramping_constant" => new RampingConstantStep(copies, reader.Duration("during", 1), phase),
            _ => new IterationsForConstantStep(copies, reader.Whole("iterations", 1, 1, 1_000_000_000_000), reader.Duration("at_most", tenMinutesNs), phase),
        };
    }

    private OverlayStep BindOverlay(MappingReader reader, string phase, string path, int depth)
    {
        var waves = new List<OverlayWave>();
        FormatShape shape = ProfileFormat.Step.Keys.First(k => k.Name == "overlay").Child!.Keys.First(k => k.Name == "waves").Child!;
        foreach ((ProfileNode item, int index) in reader.List("waves").Select((n, i) => (n, i)))
        {
            string wavePath = $"{path}.overlay.waves[{index}]";
            if (MappingReader.Open(item, shape, wavePath, errors) is { } wave)
            {
                _silent = true; // each wave starts from nothing
                waves.Add(new OverlayWave(wave.Duration("at", 0, positive: false), BindList(wave, "load", $"{wavePath}.load", depth + 1, inOverlay: true)));
            }
        }

        return new OverlayStep(waves, BindStretches(reader, phase));
    }

    /// <summary>A step's phases where it may have several: <c>phases</c>, or the one of <c>phase</c>.</summary>
    private List<NamedStretch> BindStretches(MappingReader reader, string phase)
    {
        var stretches = new List<NamedStretch>();
        IReadOnlyList<ProfileNode> items = reader.List("phases");
        FormatShape shape = ProfileFormat.Step.Keys.First(k => k.Name == "overlay").Child!.Keys.First(k => k.Name == "phases").Child!;
        foreach ((ProfileNode item, int index) in items.Select((n, i) => (n, i)))
        {
            if (MappingReader.Open(item, shape, $"{reader.PathOf("phases")}[{index}]", errors) is not { } stretch)
            {
                continue;
            }

            string name = stretch.Text("name") ?? $"part-{index + 1}";
            CheckName(stretch, "name", name);
            long? forNs = stretch.Has("for") ? stretch.Duration("for", 1) : null;
            if (forNs is null && index < items.Count - 1)
            {
                stretch.Report("for", "is missing: only the last phase lasts to the step's end");
            }

            stretches.Add(new NamedStretch(name, forNs));
        }

        if (stretches.Count > 0 && reader.Has("phase"))
        {
            reader.Report("phase", "and phases: give one of the two");
        }

        return stretches.Count > 0 ? stretches : [new NamedStretch(phase, null)];
    }

    private static LoadStep BindInject(string kind, MappingReader reader, string phase)
    {
        long intervalNs = reader.Duration("interval", 1);
        if (kind == "iterations_for_inject")
        {
            return new IterationsForInjectStep(reader.Number("rate", 1, 1e-3, 1e9), intervalNs, reader.Whole("iterations", 1, 1, 1_000_000_000_000), phase);
        }

        long duringNs = reader.Duration("during", long.MaxValue);
        if (intervalNs > duringNs)
        {
            reader.Report("interval", $"is longer than during ({Units.Duration(duringNs)}): are the two swapped?");
        }

        if (kind == "inject_random")
        {
            int min = (int)reader.Whole("min_rate", 0, 0, int.MaxValue);
            int max = (int)reader.Whole("max_rate", int.MaxValue, 0, int.MaxValue);
            if (max < min)
            {
                reader.Report("max_rate", $"{max} is below min_rate, {min}");
            }

            return new InjectRandomStep(min, max, intervalNs, duringNs, phase);
        }

        double rate = reader.Number("rate", 0, 0, 1e9);
        return kind == "inject"
            ? new InjectStep(rate, intervalNs, duringNs, phase)
            : new RampingInjectStep(rate, intervalNs, duringNs, phase);
    }

    private MidnightStep BindMidnight(MappingReader reader)
    {
        MidnightShape preset = MidnightShape.Presets[reader.Choice("preset", "chat", [.. MidnightShape.Presets.Keys])];
        double Seconds(string key, double fallback) => reader.Duration(key, (long)(fallback * 1e9)) / 1e9;
        var shape = new MidnightShape
        {
            Amplitude = reader.Multiple("amplitude", preset.Amplitude),
            Anticipation = reader.Multiple("anticipation", preset.Anticipation),
            AnticipationTauSeconds = Seconds("anticipation_tau", preset.AnticipationTauSeconds),
            RiseSeconds = Seconds("rise", preset.RiseSeconds),
            PeakAfterSeconds = Seconds("peak_after", preset.PeakAfterSeconds),
            DecayTauSeconds = Seconds("decay_tau", preset.DecayTauSeconds),
            Echo = reader.Number("echo", preset.Echo, 0, 10),
            EchoTauSeconds = Seconds("echo_tau", preset.EchoTauSeconds),
            Synchronised = reader.Has("synchronised") ? reader.Multiple("synchronised", 0) : preset.Synchronised,
        };
        if (shape.SynchronisedHeight < 0)
        {
            reader.Report("amplitude", "must be at least 1x more than the anticipation: A − 1 − p is the synchronised send's height");
        }

        long leadNs = reader.Duration("lead", (long)(shape.RiseSeconds * 1e9));
        long forNs = reader.Duration("for", long.MaxValue);
        long spikeNs = reader.Duration("spike", (long)((shape.PeakAfterSeconds + shape.DecayTauSeconds) * 1e9));
        if (leadNs < shape.RiseSeconds * 1e9)
        {
            reader.Report("lead", $"is shorter than the rise, {Units.Duration(shape.RiseSeconds * 1e9)}: the send would start in the middle");
        }

        if (forNs != long.MaxValue && leadNs + spikeNs > forNs)
        {
            reader.Report("for", $"ends before the spike's phase does, {Units.Duration(leadNs + spikeNs)} into the step (lead + spike)");
        }

        return new MidnightStep(reader.Rate("base", oneX) ?? oneX, shape, leadNs, spikeNs, forNs, BindPhases(reader));
    }

    private static IReadOnlyList<string> BindPhases(MappingReader reader)
    {
        IReadOnlyList<string> names = ["approach", "spike", "decay"];
        IReadOnlyList<ProfileNode> items = reader.List("phases");
        if (items.Count == 0)
        {
            return names;
        }

        var given = items.OfType<ScalarNode>().Select(s => s.Value).ToList();
        if (given.Count != 3 || items.Count != 3 || given.Distinct().Count() != 3)
        {
            reader.Report("phases", "must be three different names: before the rise, the spike, the rest");
            return names;
        }

        given.ForEach(name => CheckName(reader, "phases", name));
        return given;
    }

    private static void CheckName(MappingReader reader, string key, string name)
    {
        // Phase names become tags of interval logs and parts of file names.
        if (name.Length == 0 || name.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not '-' and not '_'))
        {
            reader.Report(key, $"'{name}' must be letters, digits, hyphens and underscores");
        }
    }
}
