using SpikeBench.Core.Schedule;

namespace SpikeBench.Core.Verdict.Trials;

/// <summary>What a trial offers to what: a rate curve in phases and a target of k servers that may freeze now and then.</summary>
public sealed record TrialShape
{
    private const long SecondNs = 1_000_000_000;

    /// <summary>In tables, e.g. <c>M/M/8 at ρ = 0.9, 300 s</c>.</summary>
    public required string Name { get; init; }

    /// <summary>λ(t), offered as a Poisson process.</summary>
    public required RateCurve Curve { get; init; }

    /// <summary>Adjacent, from 0 to the curve's end.</summary>
    public required IReadOnlyList<Phase> Phases { get; init; }

    /// <summary>The phase that the SLO is about.</summary>
    public required int JudgedPhase { get; init; }

    /// <summary>k.</summary>
    public int Servers { get; init; } = 8;

    /// <summary>1/μ. (default: 10 ms)</summary>
    public double MeanServiceSeconds { get; init; } = 0.010;

    /// <summary>The mean time between freezes, in which no server works; exponential. Infinite: none.</summary>
    public double FreezeEverySeconds { get; init; } = double.PositiveInfinity;

    /// <summary>How long each freeze takes.</summary>
    public double FreezeSeconds { get; init; }

    /// <summary>ε of the SLO judged. (default: 1 %, p99)</summary>
    public double Budget { get; init; } = 0.01;

    /// <summary>Per call; slower ones time out. (default: 2 s)</summary>
    public long DeadlineNs { get; init; } = 2 * SecondNs;

    /// <summary>The queue at a constant rate: the response time that any share of calls exceeds is known exactly.</summary>
    public static TrialShape Steady(double utilisation, int seconds, int servers = 8, double budget = 0.01)
    {
        double meanService = 0.010;
        double rate = utilisation * servers / meanService;
        return new TrialShape
        {
            Name = FormattableString.Invariant($"M/M/{servers} at ρ = {utilisation}, p{100 * (1 - budget):0.###}, {seconds} s"),
            Curve = new RateCurve([new ConstantRate(rate, seconds * SecondNs)]),
            Phases = [new Phase("steady", 0, seconds * SecondNs)],
            JudgedPhase = 0,
            Servers = servers,
            MeanServiceSeconds = meanService,
            Budget = budget,
        };
    }

    /// <summary>
    /// A midnight whose peak keeps the servers 95 % busy, with rare freezes: the phase after the peak is long enough for an interval, and
    /// its bad calls come in a few clumps.
    /// </summary>
    /// <param name="judgedPhase">The phase that the SLO is about: <c>spike</c> or <c>decay</c>.</param>
    /// <param name="compress">κ: how many times faster than real time; at 10 the spike is one event.</param>
    /// <param name="freezeEverySeconds">The mean time between freezes.</param>
    /// <param name="freezeSeconds">How long each takes.</param>
    public static TrialShape Midnight(string judgedPhase, double compress, double freezeEverySeconds = 20, double freezeSeconds = 0.25)
    {
        var shape = new MidnightShape { Amplitude = 5 };
        const double basePerSecond = 150;
        double peakPerSecond = basePerSecond * 5.1;
        long Time(double seconds) => (long)(seconds / compress * SecondNs);
        long leadNs = Time(60), forNs = Time(540), spikeEndNs = leadNs + Time(90), riseNs = Time(shape.RiseSeconds);
        Phase[] phases = [new("approach", 0, leadNs - riseNs), new("spike", leadNs - riseNs, spikeEndNs), new("decay", spikeEndNs, forNs)];
        return new TrialShape
        {
            Name = FormattableString.Invariant($"midnight's {judgedPhase} of {phases.First(p => p.Name == judgedPhase).DurationNs / 1e9:0.#} s, freezes of {freezeSeconds} s every {freezeEverySeconds} s"),
            Curve = new RateCurve([new MidnightRate(basePerSecond, shape.Compressed(compress), leadNs, forNs)]),
            Phases = phases,
            JudgedPhase = phases.ToList().FindIndex(p => p.Name == judgedPhase),
            MeanServiceSeconds = 0.95 * 8 / peakPerSecond,
            FreezeEverySeconds = freezeEverySeconds,
            FreezeSeconds = freezeSeconds,
        };
    }

    /// <summary>The closed form of a steady shape.</summary>
    public MultiServerLaw Law => new(Servers, Curve.PeakRate, MeanServiceSeconds);
}
