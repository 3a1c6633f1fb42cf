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
