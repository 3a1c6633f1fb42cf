using System.Text.Json;
using SpikeBench.Core.Schedule;

namespace SpikeBench.Tests.Schedule;

/// <summary>The allocation gate of arrivals: bytes are the same on every machine, so unlike times they can fail a build.</summary>
public sealed class ArrivalAllocationTests
{
    private const long SecondNs = 1_000_000_000;
    private const int Calls = 20_000;

    private static readonly Dictionary<string, long> Expected = ReadExpected();

    public static TheoryData<string> Curves => [.. Expected.Keys];

    [Theory]
    [MemberData(nameof(Curves))]
    public void Taking_calls_allocates_no_more_than_expected(string curve)
    {
        foreach (ArrivalKind kind in new[] { ArrivalKind.Even, ArrivalKind.Poisson, ArrivalKind.Uniform })
        {
            PlanCursor cursor = new LoadPlan(new ArrivalSchedule(CurveOf(curve), kind, 1), [new("all", 0, 60 * SecondNs)], [3, 1]).Open(1, 2);
            Take(cursor);

            // The least of several: the runtime may allocate on this thread too, for instance when it tiers up.
            long least = long.MaxValue;
            for (int i = 0; i < 5; i++)
            {
                long before = GC.GetAllocatedBytesForCurrentThread();
                Take(cursor);
                least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
            }

            least.ShouldBeLessThanOrEqualTo(Expected[curve] * Calls, $"{kind}");
        }
    }

    private static void Take(PlanCursor cursor)
    {
        for (int i = 0; i < Calls; i++)
        {
            cursor.MoveNext().ShouldBeTrue();
        }
    }

    private static RateCurve CurveOf(string name) => name switch
    {
        "constant" => new([new ConstantRate(20_000, 60 * SecondNs)]),
        "ramp" => new([new LinearRate(1, 40_000, 60 * SecondNs)]),
        "midnight" => new([Midnight()]),
        "sine" => new([new SineRate(20_000, 20_000, 10 * SecondNs, 0, 60 * SecondNs)]),
        "overlay" => new([new OverlayRate([new(0, new RateCurve([Midnight()])), new(5 * SecondNs, new RateCurve([new LinearRate(0, 9_000, 30 * SecondNs)]))], 60 * SecondNs)]),
        _ => throw new InvalidOperationException($"expected-allocations.json names '{name}', which nobody measures."),
    };

    private static MidnightRate Midnight() => new(10_000, MidnightShape.Presets["chat"], 12 * SecondNs, 60 * SecondNs);

    private static Dictionary<string, long> ReadExpected()
    {
        string path = Path.Combine(Repository.Root, "bench", "SpikeBench.Benchmarks", "expected-allocations.json");
        using JsonDocument document = JsonDocument.Parse(File.ReadAllText(path));
        return document.RootElement.GetProperty("arrivals").EnumerateObject().ToDictionary(p => p.Name, p => p.Value.GetInt64());
    }
}
