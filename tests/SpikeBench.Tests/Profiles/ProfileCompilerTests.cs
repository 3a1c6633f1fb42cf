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
    public void Stairs_sines_and_repeats_have_the_calls_of_their_formulas()
    {
        Compile("  - steps: {from: 100/s, to: 500/s, count: 5, each: 10s}").Schedule.Curve.TotalCalls.ShouldBe(15_000, 1e-9);
        Compile("  - sine: {mean: 2x, amplitude: 2x, period: 5s, for: 20s}").Schedule.Curve.TotalCalls.ShouldBe(4_000, 1e-6);
        LoadPlan plan = Compile("  - repeat: {times: 3, load: [{hold: {rate: 10/s, for: 5s, phase: calm}}, {ramp: {to: 50/s, for: 2s, phase: rush}}]}", scale: 2);
        plan.Schedule.Curve.TotalCalls.ShouldBe(3 * 2 * (50 + 60), 1e-9);
        plan.Phases.Select(p => p.Name).ShouldBe(["calm-1", "rush-1", "calm-2", "rush-2", "calm-3", "rush-3"]);
    }

    [Fact]
    public void Iterations_for_inject_are_exact_at_rates_that_do_not_divide()
    {
        foreach ((string rate, string interval, long iterations) in new[] { ("7", "3s", 100L), ("1000", "1s", 1L), ("3", "7ms", 100_003L), ("0.3", "1s", 7L) })
        {
            LoadPlan plan = Compile($"  - iterations_for_inject: {{rate: {rate}, interval: {interval}, iterations: {iterations}}}");
            ((long)Math.Floor(plan.Schedule.Curve.TotalCalls)).ShouldBe(iterations);
        }
    }

    [Fact]
    public void An_overlay_adds_its_waves_up_and_has_phases_of_its_own()
    {
        LoadPlan plan = Compile(
            "  - overlay: {waves: [{load: [{hold: {rate: 10/s, for: 10s}}]}, {at: 5s, load: [{ramp: {from: 0/s, to: 40/s, for: 10s}}]}], phases: [{name: one, for: 5s}, {name: both}]}", scale: 2);
        RateCurve curve = plan.Schedule.Curve;
        curve.TotalCalls.ShouldBe(2 * (100 + 200), 1e-6);
        curve.RateAt(2 * SecondNs).ShouldBe(20);
        curve.RateAt(9 * SecondNs).ShouldBe(2 * (10 + 16), 1e-9);
        curve.PeakRate.ShouldBe(80, 1e-3);
        plan.Phases.ShouldBe([new Phase("one", 0, 5 * SecondNs), new Phase("both", 5 * SecondNs, 15 * SecondNs)]);
    }

    [Fact]
    public void Nbombers_own_arrivals_have_its_own_totals()
    {
        const string ramp = "  - ramping_inject: {rate: 1000, interval: 1s, during: 10s}";
        Compile(ramp).Count().Total.ShouldBeInRange(4700, 5300, "the trapezoid has 5000");
        foreach (string kind in new[] { "nbomber-4", "nbomber-4-burst" })
        {
            Compile(ramp, arrivals: kind).Count().Total.ShouldBe(4500);
            Compile(ramp, arrivals: kind, scale: 2).Count().Total.ShouldBe(9000);
        }
    }

    [Fact]
    public void Closed_steps_have_copies_and_no_calls()
    {
        LoadPlan plan = Compile("  - ramping_constant: {copies: 20, during: 10s, phase: rise}\n  - keep_constant: {copies: 20, during: 20s, phase: soak}", scale: 2);
        plan.Count().Total.ShouldBe(0);
        plan.Closed!.MostCopies.ShouldBe(40);
        plan.Closed.CopiesAt(5 * SecondNs).ShouldBe(20);
        plan.Phases.ShouldBe([new Phase("rise", 0, 10 * SecondNs), new Phase("soak", 10 * SecondNs, 30 * SecondNs)]);
    }

    [Fact]
    public void Compression_divides_times_and_keeps_rates()
    {
        string text = ProfileTexts.Valid.Replace("name: small", "name: small\ncompress: 4", StringComparison.Ordinal);
        LoadPlan plan = ProfileCompiler.Compile(ProfileTexts.Bind(text), 1, 1);
        plan.DurationNs.ShouldBe(15 * SecondNs / 4);
        plan.Schedule.Curve.RateAt(SecondNs).ShouldBe(100);
    }

    private static LoadPlan Compile(string load, double scale = 1, ulong seed = 1, string? arrivals = null)
    {
        string text = ProfileTexts.Valid[..(ProfileTexts.Valid.IndexOf("load:", StringComparison.Ordinal) + 6)] + load + "\n"
            + ProfileTexts.Valid[ProfileTexts.Valid.IndexOf("operations:", StringComparison.Ordinal)..];
        text = arrivals is null ? text : text.Replace("\nload:", $"\narrivals: {arrivals}\nload:", StringComparison.Ordinal);
        return ProfileCompiler.Compile(ProfileTexts.Bind(text), scale, seed);
    }
}
