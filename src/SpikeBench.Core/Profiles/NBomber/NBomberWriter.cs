using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using SpikeBench.Core.Schedule;

namespace SpikeBench.Core.Profiles.NBomber;

/// <summary>
/// Writes a profile as an NBomber config: its own kinds as they are, every other open step as one Inject per second with that second's
/// exact count, which is the finest that NBomber's one-second minimum allows.
/// </summary>
/// <remarks>
/// Always written: <c>MaxFailCount</c>, whose default of 5000 ends a test in a midnight's fraction of a second, and <c>CustomSettings</c>,
/// which NBomber hands through. Never written: a warm-up of 0, which 4.2 crashes on.
/// </remarks>
public static class NBomberWriter
{
    private const long SecondNs = 1_000_000_000;

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The config of a profile at a scale.</summary>
    /// <exception cref="UsageException">NBomber has nothing that comes near.</exception>
    public static NBomberExport Write(Profile profile, double scale)
    {
        var notes = new List<string>();
        var simulations = new JsonArray();
        double kappa = profile.Compress;
        if (kappa != 1 && profile.Load.Any(s => s is ClosedStep))
        {
            throw new UsageException("a closed load that is compressed cannot be exported: NBomber plays in real time; leave compress out");
        }

        bool native = profile.Load.All(IsNBombers) && kappa == 1 && profile.Load.All(s => HasWholeRates(s, scale));
        if (native)
        {
            foreach (LoadStep step in profile.Load)
            {
                simulations.Add(Native(step, scale, notes));
            }

            notes.Add(profile.Arrivals is ArrivalKind.NBomber4 or ArrivalKind.NBomber4Burst
                ? "arrivals are NBomber's own"
                : "NBomber places calls at random in whole milliseconds of each interval, and its ramps go in whole percents");
        }
        else
        {
            AddSeconds(ProfileCompiler.Compile(profile, scale, profile.Seed), simulations);
            notes.Add("NBomber has no such curve: each second became an Inject with that second's exact count; what happens inside a second is lost");
        }

        notes.Add("SLOs, operations and the claim stay behind: the scenario's code makes the calls");
        var scenario = new JsonObject
        {
            ["ScenarioName"] = profile.Name,
            ["LoadSimulationsSettings"] = simulations,
            ["CustomSettings"] = new JsonObject { ["SpikeBench"] = new JsonObject { ["Profile"] = profile.Name, ["Scale"] = scale, ["Seed"] = profile.Seed } },
            ["MaxFailCount"] = int.MaxValue,
        };
        var config = new JsonObject
        {
            ["TestSuite"] = "spikebench",
            ["TestName"] = profile.Name,
            ["TargetScenarios"] = new JsonArray(profile.Name),
            ["GlobalSettings"] = new JsonObject { ["ScenariosSettings"] = new JsonArray(scenario) },
        };
        return new NBomberExport(config.ToJsonString(Indented) + "\n", notes);
    }

    /// <summary>A duration as .NET's <c>TimeSpan</c> reads it: <c>[d.]hh:mm:ss[.fffffff]</c>.</summary>
    public static string Duration(long ns) => new TimeSpan(ns / TimeSpan.NanosecondsPerTick).ToString("c", CultureInfo.InvariantCulture);

    private static JsonObject Native(LoadStep step, double scale, List<string> notes)
    {
        if (step is InjectRandomStep)
        {
            notes.Add("InjectRandom's maximum is excluded in NBomber and included here: it was raised by one");
        }

        return step switch
        {
            InjectStep s => Of("Inject", Scaled(s.RatePerInterval, scale), Duration(s.IntervalNs), Duration(s.DuringNs)),
            RampingInjectStep s => Of("RampingInject", Scaled(s.RatePerInterval, scale), Duration(s.IntervalNs), Duration(s.DuringNs)),
            InjectRandomStep s => Of("InjectRandom", Scaled(s.MinRatePerInterval, scale), Scaled(s.MaxRatePerInterval, scale) + 1, Duration(s.IntervalNs), Duration(s.DuringNs)),
            IterationsForInjectStep s => Of("IterationsForInject", Scaled(s.RatePerInterval, scale), Duration(s.IntervalNs), (long)Math.Round(s.Iterations * scale)),
            KeepConstantStep s => Of("KeepConstant", Scaled(s.Copies, scale), Duration(s.DuringNs)),
            RampingConstantStep s => Of("RampingConstant", Scaled(s.Copies, scale), Duration(s.DuringNs)),
            IterationsForConstantStep s => Of("IterationsForConstant", Scaled(s.Copies, scale), s.Iterations),
            PauseStep s => new JsonObject { ["Pause"] = Duration(s.DuringNs) },
            _ => throw new InvariantException($"step {step.GetType().Name} is none of NBomber's"),
        };
    }

    /// <summary>One Inject per second; seconds of the same count one after another are one Inject, seconds without calls a Pause.</summary>
    private static void AddSeconds(LoadPlan plan, JsonArray simulations)
    {
        RateCurve curve = plan.Schedule.Curve;
        long seconds = (curve.DurationNs + SecondNs - 1) / SecondNs;
        long run = 0, inRun = -1;
        for (long second = 0; second <= seconds; second++)
        {
            long calls = second == seconds ? -1 : (long)Math.Floor(curve.Integral((second + 1) * SecondNs)) - (long)Math.Floor(curve.Integral(second * SecondNs));
            if (calls != inRun && run > 0)
            {
                string during = Duration(run * SecondNs);
                simulations.Add(inRun == 0 ? new JsonObject { ["Pause"] = during } : Of("Inject", inRun, Duration(SecondNs), during));
                run = 0;
            }

            inRun = calls;
            run++;
        }
    }

    private static bool IsNBombers(LoadStep step) => step is InjectStep or RampingInjectStep or InjectRandomStep or IterationsForInjectStep or ClosedStep or PauseStep;

    private static bool HasWholeRates(LoadStep step, double scale) => step switch
    {
        InjectStep s => IsWhole(s.RatePerInterval * scale),
        RampingInjectStep s => IsWhole(s.RatePerInterval * scale),
        IterationsForInjectStep s => IsWhole(s.RatePerInterval * scale),
        _ => true,
    };

    private static bool IsWhole(double rate) => rate == Math.Floor(rate) && rate <= int.MaxValue;

    private static long Scaled(double value, double scale) => (long)Math.Round(value * scale, MidpointRounding.AwayFromZero);

    private static JsonObject Of(string kind, params JsonNode[] arguments) => new() { [kind] = new JsonArray([.. arguments]) };
}
