using System.Text.Json.Serialization;
using SpikeBench.Core.Schedule;

namespace SpikeBench.Core.Profiles;

/// <summary>
/// One step of a load. Rates are calls per second at scale 1x, times are in nanoseconds before compression.
/// </summary>
/// <param name="Phase">The phase that the step belongs to.</param>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(HoldStep), "hold")]
[JsonDerivedType(typeof(RampStep), "ramp")]
[JsonDerivedType(typeof(JumpStep), "jump")]
[JsonDerivedType(typeof(MidnightStep), "midnight")]
[JsonDerivedType(typeof(InjectStep), "inject")]
[JsonDerivedType(typeof(RampingInjectStep), "ramping_inject")]
[JsonDerivedType(typeof(InjectRandomStep), "inject_random")]
[JsonDerivedType(typeof(PauseStep), "pause")]
[JsonDerivedType(typeof(IterationsForInjectStep), "iterations_for_inject")]
[JsonDerivedType(typeof(KeepConstantStep), "keep_constant")]
[JsonDerivedType(typeof(RampingConstantStep), "ramping_constant")]
[JsonDerivedType(typeof(IterationsForConstantStep), "iterations_for_constant")]
[JsonDerivedType(typeof(SineStep), "sine")]
[JsonDerivedType(typeof(StairsStep), "steps")]
[JsonDerivedType(typeof(RepeatStep), "repeat")]
[JsonDerivedType(typeof(OverlayStep), "overlay")]
[JsonDerivedType(typeof(TraceStep), "trace")]
public abstract record LoadStep(string Phase);

/// <summary>The same rate for a while; null keeps the rate that the step before ended with.</summary>
public sealed record HoldStep(double? RatePerSecond, long ForNs, string Phase) : LoadStep(Phase);

/// <summary>A straight line to a rate; null starts from the rate that the step before ended with.</summary>
public sealed record RampStep(double? FromPerSecond, double ToPerSecond, long ForNs, string Phase) : LoadStep(Phase);

/// <summary>A change of rate that takes no time: the next step starts from it.</summary>
public sealed record JumpStep(double ToPerSecond) : LoadStep("");

/// <summary>The midnight burst.</summary>
/// <param name="BasePerSecond">The ordinary rate that the shape multiplies.</param>
/// <param name="Shape">The burst.</param>
/// <param name="LeadNs">How long before midnight the step starts.</param>
/// <param name="SpikeNs">How long after midnight the spike's phase ends; it starts with the rise.</param>
/// <param name="ForNs">The step's length.</param>
/// <param name="Phases">The names of the stretch before the rise, of the spike, and of the rest.</param>
public sealed record MidnightStep(double BasePerSecond, MidnightShape Shape, long LeadNs, long SpikeNs, long ForNs, IReadOnlyList<string> Phases)
    : LoadStep(Phases[0]);

/// <summary>NBomber's <c>Inject</c>: so many calls every interval.</summary>
public sealed record InjectStep(double RatePerInterval, long IntervalNs, long DuringNs, string Phase) : LoadStep(Phase);

/// <summary>NBomber's <c>RampingInject</c>: a line from the step before to so many calls every interval.</summary>
public sealed record RampingInjectStep(double RatePerInterval, long IntervalNs, long DuringNs, string Phase) : LoadStep(Phase);

/// <summary>NBomber's <c>InjectRandom</c>: a random number of calls every interval, both ends included, fixed by the seed.</summary>
public sealed record InjectRandomStep(int MinRatePerInterval, int MaxRatePerInterval, long IntervalNs, long DuringNs, string Phase) : LoadStep(Phase);

/// <summary>NBomber's <c>Pause</c>: no calls for a while.</summary>
public sealed record PauseStep(long DuringNs, string Phase) : LoadStep(Phase);

/// <summary>NBomber's <c>IterationsForInject</c>: so many calls every interval until there were so many.</summary>
public sealed record IterationsForInjectStep(double RatePerInterval, long IntervalNs, long Iterations, string Phase) : LoadStep(Phase);

/// <summary>A step of the closed model: copies that each wait for their answer before the next call. It has no plan.</summary>
public abstract record ClosedStep(int Copies, string Phase) : LoadStep(Phase);

/// <summary>NBomber's <c>KeepConstant</c>: so many copies for a while.</summary>
public sealed record KeepConstantStep(int Copies, long DuringNs, string Phase) : ClosedStep(Copies, Phase);

/// <summary>NBomber's <c>RampingConstant</c>: from the copies of the step before in a line to so many.</summary>
public sealed record RampingConstantStep(int Copies, long DuringNs, string Phase) : ClosedStep(Copies, Phase);

/// <summary>NBomber's <c>IterationsForConstant</c>: so many copies until they made so many calls, or the time is over.</summary>
public sealed record IterationsForConstantStep(int Copies, long Iterations, long AtMostNs, string Phase) : ClosedStep(Copies, Phase);

/// <summary>A wave around a mean; see <see cref="SineRate"/>. The offset is where in the wave the step starts, as a share of it.</summary>
public sealed record SineStep(double MeanPerSecond, double AmplitudePerSecond, long PeriodNs, double Offset, long ForNs, string Phase) : LoadStep(Phase);

/// <summary>Stairs: equal steps from one rate to another, each held as long.</summary>
public sealed record StairsStep(double FromPerSecond, double ToPerSecond, int Count, long EachNs, string Phase) : LoadStep(Phase);

/// <summary>The same steps several times over; the phases of the i-th time end in <c>-i</c>.</summary>
public sealed record RepeatStep(int Times, IReadOnlyList<LoadStep> Load) : LoadStep("");

/// <summary>The sum of loads, each with a start of its own.</summary>
/// <param name="Waves">The loads.</param>
/// <param name="Phases">The sum's phases, adjacent; the last lasts to the end.</param>
public sealed record OverlayStep(IReadOnlyList<OverlayWave> Waves, IReadOnlyList<NamedStretch> Phases) : LoadStep(Phases[0].Name);

/// <summary>One load of an overlay.</summary>
/// <param name="AtNs">When it starts, from the overlay's start.</param>
/// <param name="Load">Its steps.</param>
public sealed record OverlayWave(long AtNs, IReadOnlyList<LoadStep> Load);

/// <summary>A named part of a step; null lasts to the step's end.</summary>
public sealed record NamedStretch(string Name, long? ForNs);

/// <summary>A recorded load played again.</summary>
/// <param name="File">Where it was read from.</param>
/// <param name="Sha256">Of the file's text: the profile's hash covers what was read.</param>
/// <param name="Scale">What its rates are multiplied by.</param>
/// <param name="Between">How the rate runs between samples.</param>
/// <param name="Phases">The step's phases, adjacent; the last lasts to the end.</param>
public sealed record TraceStep(string File, string Sha256, double Scale, TraceShape Between, IReadOnlyList<NamedStretch> Phases) : LoadStep(Phases[0].Name)
{
    /// <summary>What was read; null in a profile read back from a result, which cannot be run again.</summary>
    [JsonIgnore]
    public Trace? Data { get; init; }
}
