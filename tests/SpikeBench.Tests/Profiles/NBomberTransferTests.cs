using System.Text.Json;
using SpikeBench.Core;
using SpikeBench.Core.Profiles;
using SpikeBench.Core.Profiles.NBomber;
using SpikeBench.Core.Schedule;

namespace SpikeBench.Tests.Profiles;

/// <summary>To NBomber's configs and back.</summary>
public sealed class NBomberTransferTests
{
    public static TheoryData<string> Kinds =>
    [
        "inject: {rate: 30, interval: 500ms, during: 10s}",
        "ramping_inject: {rate: 200, interval: 1s, during: 90s}",
        "inject_random: {min_rate: 50, max_rate: 70, interval: 1s, during: 1h}",
        "iterations_for_inject: {rate: 100, interval: 250ms, iterations: 1000}",
        "keep_constant: {copies: 50, during: 30s}",
        "ramping_constant: {copies: 50, during: 30s}",
        "iterations_for_constant: {copies: 10, iterations: 1000}",
    ];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Every_kind_comes_back_as_it_went(string step)
    {
        bool alone = step.StartsWith("iterations_for_constant", StringComparison.Ordinal);
        string load = alone ? $"  - {step}" : $"  - {step}\n  - pause: {{during: 5s}}\n  - {step}";
        Profile profile = ProfileOf(load);
        NBomberImport import = NBomberReader.Read(NBomberWriter.Write(profile, 1).Json, null);
        ProfileTexts.Bind(import.Yaml).Load.ShouldBe(profile.Load);
    }

    [Fact]
    public void The_export_is_the_strict_form_with_what_omission_would_destroy()
    {
        NBomberExport export = NBomberWriter.Write(ProfileOf("  - inject: {rate: 30, interval: 500ms, during: 10s}\n  - pause: {during: 1500ms}"), 2);
        JsonElement scenario = JsonDocument.Parse(export.Json).RootElement.GetProperty("GlobalSettings").GetProperty("ScenariosSettings")[0];
        scenario.GetProperty("LoadSimulationsSettings")[0].GetRawText().Where(c => !char.IsWhiteSpace(c)).ShouldBe("{\"Inject\":[60,\"00:00:00.5000000\",\"00:00:10\"]}");
        scenario.GetProperty("LoadSimulationsSettings")[1].GetProperty("Pause").GetString().ShouldBe("00:00:01.5000000");
        scenario.GetProperty("MaxFailCount").GetInt32().ShouldBe(int.MaxValue);
        scenario.GetProperty("CustomSettings").ValueKind.ShouldBe(JsonValueKind.Object);
        scenario.TryGetProperty("WarmUpDuration", out _).ShouldBeFalse("4.2 crashes on a warm-up of 0");
    }

    [Fact]
    public void A_curve_that_nbomber_does_not_have_keeps_every_seconds_count()
    {
        Profile profile = ProfileOf("  - midnight: {lead: 5s, spike: 8s, for: 40s}\n  - pause: {during: 3s}");
        RateCurve curve = ProfileCompiler.Compile(profile, 2, 1).Schedule.Curve;
        NBomberImport import = NBomberReader.Read(NBomberWriter.Write(profile, 2).Json, null);
        RateCurve back = ProfileCompiler.Compile(ProfileTexts.Bind(import.Yaml), 1, 1).Schedule.Curve;
        for (long s = 0; s <= 43; s++)
        {
            back.Integral(s * 1_000_000_000).ShouldBe(Math.Floor(curve.Integral(s * 1_000_000_000)), 1e-6);
        }
    }

    [Theory]
    [InlineData("{\"Inject\": [14, \"00:01:00\", \"00:00:01\"]}", "read as swapped", "interval: 1s, during: 60s")]
    [InlineData("{\"Inject\": [14, \"00:00:01\", \"5\"]}", "\"5\" is 5 days to NBomber", "during: 120h")]
    [InlineData("{\"KeepConstant\": [14, \"25:00:00\"]}", "\"25:00:00\" is 25 days to NBomber", "during: 600h")]
    [InlineData("{\"KeepConstant\": [2.5, \"00:00:10\"]}", "silently cuts 2.5 to 2", "copies: 2")]
    [InlineData("{\"Inject\": [1000, \"00:00:01\", \"00:00:01\"]}, {\"RampingInject\": [100, \"00:00:00.1\", \"00:00:10\"]}", "starts this ramp at the number before, 1000, per 00:00:00.1", "interval: 100ms")]
    [InlineData("{\"Pause\": \"00:00:02\"}", "MaxFailCount is missing, which means 5000", "during: 2s")]
    public void Its_traps_are_warned_of(string simulations, string warning, string step)
    {
        NBomberImport import = NBomberReader.Read(Config(simulations), null);
        import.Warnings.ShouldContain(w => w.Contains(warning, StringComparison.Ordinal));
        import.Yaml.ShouldContain(step);
    }

    [Theory]
    [InlineData("{\"Pause\": [\"00:00:02\"]}", "is a duration alone, not a list")]
    [InlineData("{\"keepConstant\": [1, \"00:00:02\"]}", "case-sensitive: 'KeepConstant'")]
    [InlineData("{\"Injekt\": [1, \"00:00:02\"]}", "did you mean 'Inject'?")]
    [InlineData("{\"Inject\": [1, \"00:00:01\", \"00:00:02\"], \"Pause\": \"00:00:02\"}", "one object with one key")]
    [InlineData("{\"Inject\": [1, \"00:00:02\"]}", "must be [rate, interval, during]")]
    [InlineData("{\"Inject\": [1, \"PT5S\", \"00:00:02\"]}", "\"PT5S\" is not a duration")]
    [InlineData("{\"Inject\": [-1, \"00:00:01\", \"00:00:02\"]}", "-1 must be a whole number")]
    [InlineData("{\"InjectRandom\": [5, 5, \"00:00:01\", \"00:00:02\"]}", "must be below the most")]
    [InlineData("{\"ConstantRate\": {\"Rate\": 5}}", "is no simulation")]
    [InlineData("", "has no LoadSimulationsSettings")]
    public void What_nbomber_refuses_is_one_clear_error(string simulations, string expected) =>
        Should.Throw<UsageException>(() => NBomberReader.Read(Config(simulations), null)).Message.ShouldContain(expected);

    [Fact]
    public void A_scenario_is_chosen_by_name()
    {
        string config = Config("{\"Pause\": \"00:00:02\"}").Replace("\"ScenariosSettings\": [", "\"ScenariosSettings\": [{\"ScenarioName\": \"other\"}, ", StringComparison.Ordinal);
        Should.Throw<UsageException>(() => NBomberReader.Read(config, null)).Message.ShouldContain("choose one with --scenario: other, one");
        NBomberReader.Read(config, "one").Yaml.ShouldContain("name: one");
        Should.Throw<UsageException>(() => NBomberReader.Read(config, "ohter")).Message.ShouldContain("did you mean 'other'?");
        Should.Throw<UsageException>(() => NBomberReader.Read("{ // a comment\n}", null)).Message.ShouldContain("is not JSON as NBomber reads it");
    }

    private static string Config(string simulations) =>
        $$"""{"GlobalSettings": {"ScenariosSettings": [{"ScenarioName": "one", "LoadSimulationsSettings": [{{simulations}}] } ] } }""";

    private static Profile ProfileOf(string load) => ProfileTexts.Bind(
        ProfileTexts.Valid[..(ProfileTexts.Valid.IndexOf("load:", StringComparison.Ordinal) + 6)] + load + "\n"
        + ProfileTexts.Valid[ProfileTexts.Valid.IndexOf("operations:", StringComparison.Ordinal)..]);
}
