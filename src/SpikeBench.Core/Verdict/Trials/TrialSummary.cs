using SpikeBench.Core.Profiles;
using SpikeBench.Core.Recording;
using SpikeBench.Core.Schedule;

namespace SpikeBench.Core.Verdict.Trials;

/// <summary>The part of a synthetic run's record that does not depend on its draws.</summary>
internal static class TrialSummary
{
    private const string Fingerprint = "synthetic";

    public static RunSummary Of(TrialShape shape, long thresholdNs, long drainNs, int repeats, int looks)
    {
        string phase = shape.Phases[shape.JudgedPhase].Name;
        string percentile = FormattableString.Invariant($"p{100 * (1 - shape.Budget):0.###} <= {Units.Duration(thresholdNs)}");
        return new RunSummary
        {
            RunId = "trial",
            Tool = "spikebench trials",
            Command = "",
            T0Utc = DateTimeOffset.UnixEpoch,
            Profile = new Profile
            {
                Name = "trial",
                Reference = new ReferenceRate(shape.Curve.PeakRate, 1_000_000_000, "peak", null),
                Load = [],
                Operations = [new Operation("call", 1, "trial/Call", Payload.Empty)],
                Slo = [new SloRule(phase, "*", shape.Budget, thresholdNs, percentile)],
                Claim = new Claim("holds", 1, 0.95, repeats, looks),
            },
            ProfileHash = "",
            Scale = 1,
            Seed = 0,
            Plan = new PlanSummary(
                Fingerprint, shape.Curve.DurationNs, shape.Curve.PeakRate, shape.Phases, ["call"], [], RateEdges.Of(shape.Curve)),
            ThresholdsNs = [thresholdNs],
            DeadlineNs = shape.DeadlineNs,
            DrainNs = drainNs,
            Driver = new DriverSummary("virtual", 1, 1, int.MaxValue, 0, true),
            Target = new TargetSummary(shape.Name, null, false),
            OfferedFingerprint = Fingerprint,
            Errors = [],
            Health = new GeneratorHealth(0, shape.Curve.DurationNs / 1e9, 0, 0, 0),
            Environment = new EnvironmentSummary("", "", "", 1, ""),
        };
    }
}
