using SpikeBench.Core.Schedule;

namespace SpikeBench.Core.Profiles;

/// <summary>Binds the steps of a load and checks that they make a curve.</summary>
internal sealed class LoadBinder(List<ProfileError> errors, double oneX)
{
    private static readonly FormatShape StepShape = ProfileFormat.Root.Keys.First(k => k.Name == "load").Child!;

    public IReadOnlyList<LoadStep> Bind(MappingReader root)
    {
        var steps = new List<LoadStep>();
        var ended = new HashSet<string>();
        string current = "";
        foreach ((ProfileNode item, int index) in root.List("load").Select((n, i) => (n, i)))
        {
            LoadStep? step = BindStep(item, $"load[{index}]", index);
            if (step is null)
            {
                continue;
            }

            foreach (string phase in PhasesOf(step).Where(p => p != current))
            {
                ended.Add(current);
                current = phase;
                if (ended.Contains(phase))
                {
                    errors.Add(new ProfileError(item.Line, item.Column, $"load[{index}]", $"phase '{phase}' is over already; give this stretch a name of its own"));
                }
            }

            steps.Add(step);
        }

        if (steps.Count > 0 && steps.TrueForAll(s => s is JumpStep or PauseStep))
        {
            root.Report("load", "offers no call: add a hold, a ramp, a midnight or an inject");
        }

        if (steps.Count > 0 && steps[^1] is JumpStep)
        {
            root.Report("load", "ends with a jump, which takes no time: add the step that starts from it");
        }

        return steps;
    }

    /// <summary>The phases of a step in the order they come.</summary>
    public static IEnumerable<string> PhasesOf(LoadStep step) => step switch
    {
        JumpStep => [],
        MidnightStep midnight => midnight.Phases,
        _ => [step.Phase],
    };

    private LoadStep? BindStep(ProfileNode item, string path, int index)
    {
        if (MappingReader.Open(item, StepShape, path, errors) is not { } outer)
        {
            return null;
        }

        var kinds = outer.Entries.Where(e => StepShape.Keys.Any(k => k.Name == e.Key)).ToList();
        if (kinds.Count == 0)
        {
            return null; // the unknown key was reported
        }

        if (kinds.Count > 1)
        {
            outer.Report(kinds[1].Key, $"a step is one thing, and this one is '{kinds[0].Key}' already; start the next with '- '");
        }

        string kind = kinds[0].Key;
        FormatShape shape = StepShape.Keys.First(k => k.Name == kind).Child!;
        if (outer.Object(kind, shape) is not { } reader)
        {
            return null;
        }

        string phase = (kind is "jump" or "midnight" ? null : reader.Text("phase")) ?? $"{kind.Replace('_', '-')}-{index + 1}";
        CheckName(reader, "phase", phase);
        return kind switch
        {
            "hold" => new HoldStep(reader.Rate("rate", oneX), reader.Duration("for", 1), phase),
            "ramp" => new RampStep(reader.Rate("from", oneX), reader.Rate("to", oneX) ?? 0, reader.Duration("for", 1), phase),
            "jump" => new JumpStep(reader.Rate("to", oneX) ?? 0),
            "midnight" => BindMidnight(reader),
            "pause" => new PauseStep(reader.Duration("during", 1), phase),
            _ => BindInject(kind, reader, phase),
        };
    }

    private static LoadStep BindInject(string kind, MappingReader reader, string phase)
    {
        long intervalNs = reader.Duration("interval", 1);
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
