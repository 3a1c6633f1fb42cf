using SpikeBench.Core.Profiles;
using SpikeBench.Core.Schedule;

namespace SpikeBench.Tests.Profiles;

public sealed class ProfileCompilerTests
{
    private const long SecondNs = 1_000_000_000;

    [Fact]
    public void Steps_follow_one_another_and_scale_multiplies_every_rate()
    {
        LoadPlan plan = Compile("  - hold: {rate: 50/s, for: 2s, phase: a}\n  - jump: {to: 100/s}\n  - hold: {for: 2s, phase: b}\n  - ramp: {to: 0/s, for: 2s, phase: b}\n  - pause: {during: 1s, phase: c}", scale: 3);
        RateCurve curve = plan.Schedule.Curve;
        curve.TotalCalls.ShouldBe(3 * (100 + 200 + 100), 1e-9);
        curve.RateAt(SecondNs).ShouldBe(150);
        curve.RateAt(3 * SecondNs).ShouldBe(300);
        curve.RateAt(5 * SecondNs).ShouldBe(150, 1e-9);
        plan.Phases.ShouldBe([new Phase("a", 0, 2 * SecondNs), new Phase("b", 2 * SecondNs, 6 * SecondNs), new Phase("c", 6 * SecondNs, 7 * SecondNs)]);
    }

    [Fact]
    public void Nbombers_open_kinds_count_calls_per_interval()
    {
        Compile("  - inject: {rate: 30, interval: 500ms, during: 10s}").Schedule.Curve.TotalCalls.ShouldBe(600, 1e-9);
        Compile("  - inject: {rate: 10, interval: 1s, during: 1s}\n  - ramping_inject: {rate: 30, interval: 1s, during: 10s}").Schedule.Curve.TotalCalls.ShouldBe(10 + 200, 1e-9);
    }

    [Fact]
    public void A_random_injection_draws_whole_rates_within_its_ends_by_the_seed()
    {
        const string load = "  - inject_random: {min_rate: 5, max_rate: 7, interval: 1s, during: 300s}";
        double[] Draws(ulong seed)
        {
            RateCurve curve = Compile(load, seed: seed).Schedule.Curve;
            return [.. Enumerable.Range(0, 300).Select(s => curve.RateAt(s * SecondNs))];
        }

        Draws(1).ShouldBe(Draws(1));
        Draws(1).ShouldNotBe(Draws(2));
        Draws(1).Distinct().Order().ShouldBe([5, 6, 7]);
    }

    [Fact]
    public void Midnight_has_its_three_phases_around_the_rise_and_the_spikes_end()
    {
        LoadPlan plan = Compile("  - midnight: {lead: 12s, spike: 20s, for: 92s}");
        plan.Phases.ShouldBe([new Phase("approach", 0, 9 * SecondNs), new Phase("spike", 9 * SecondNs, 32 * SecondNs), new Phase("decay", 32 * SecondNs, 92 * SecondNs)]);
        plan.Schedule.Curve.RateAt(16 * SecondNs).ShouldBe(499, 1, "five times the ordinary 100/s, 4 s after midnight");
    }

    [Fact]
    public void Compression_divides_times_and_keeps_rates()
    {
        string text = ProfileTexts.Valid.Replace("name: small", "name: small\ncompress: 4", StringComparison.Ordinal);
        LoadPlan plan = ProfileCompiler.Compile(ProfileTexts.Bind(text), 1, 1);
        plan.DurationNs.ShouldBe(15 * SecondNs / 4);
        plan.Schedule.Curve.RateAt(SecondNs).ShouldBe(100);
    }

    private static LoadPlan Compile(string load, double scale = 1, ulong seed = 1)
    {
        string text = ProfileTexts.Valid[..(ProfileTexts.Valid.IndexOf("load:", StringComparison.Ordinal) + 6)] + load + "\n"
            + ProfileTexts.Valid[ProfileTexts.Valid.IndexOf("operations:", StringComparison.Ordinal)..];
        return ProfileCompiler.Compile(ProfileTexts.Bind(text), scale, seed);
    }
}
