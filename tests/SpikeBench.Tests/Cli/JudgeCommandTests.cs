using System.Text.Json;
using System.Text.Json.Nodes;
using SpikeBench.Cli;
using SpikeBench.Cli.Commands;
using SpikeBench.Cli.Running;
using SpikeBench.Core.Recording;
using SpikeBench.Core.Verdict;
using SpikeBench.Tests.Evidence;

namespace SpikeBench.Tests.Cli;

/// <summary><c>spikebench judge</c> on stored runs.</summary>
public sealed class JudgeCommandTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("spikebench-test-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task The_same_files_get_the_same_bytes_and_those_of_the_live_verdict()
    {
        (RunRecord live, string folder) = new PlayedRun().Store(_folder);
        RunVerdict verdict = Judge.Decide(live);
        string written = VerdictJson.Render(verdict, [new FinishedRun(live, verdict, folder)], ExitCodes.Of(verdict.Outcome));
        (int code, string first, _) = await RunAsync("judge", folder, "--json", "-");
        (_, string second, _) = await RunAsync("judge", folder, "--json", "-");
        code.ShouldBe(ExitCodes.Pass);
        second.ShouldBe(first);
        first.ShouldBe(written);
    }

    [Fact]
    public async Task One_midnight_stands_for_its_set()
    {
        string[] folders = [.. Set(3).Select(r => r.Folder)];
        (int code, string all, _) = await RunAsync("judge", folders[1], "--json", "-");
        code.ShouldBe(ExitCodes.Pass);
        all.ShouldContain("3 of 3 midnights held");
        (_, string listed, _) = await RunAsync(["judge", .. folders.Reverse(), "--json", "-"]);
        listed.ShouldBe(all);
        (_, string alone, _) = await RunAsync("judge", folders[1], "--alone", "--json", "-");
        Runs(alone).ShouldBe(1);
    }

    [Fact]
    public async Task A_set_with_a_midnight_missing_does_not_pass()
    {
        (_, string folder) = Set(3)[2];
        Directory.Delete(folder, recursive: true);
        (int code, string output, _) = await RunAsync("judge", Directory.GetDirectories(_folder)[0]);
        code.ShouldBe(ExitCodes.Inconclusive);
        output.ShouldContain("asks for 3 midnights and 2 were run");
    }

    /// <summary>One of two, given twice, is not two of two.</summary>
    [Fact]
    public async Task A_midnight_counts_once_however_often_it_is_given()
    {
        (RunRecord Record, string Folder)[] set = Set(2);
        string elsewhere = Directory.CreateDirectory(Path.Combine(_folder, "elsewhere")).FullName;
        Directory.Move(set[1].Folder, Path.Combine(elsewhere, "second"));
        string first = set[0].Folder, copy = Path.Combine(elsewhere, "copy");
        PlayedRun.Store(elsewhere, set[0].Record with { Summary = set[0].Record.Summary with { RunId = "copy" } });
        foreach (string[] folders in new[] { [first, first], [first, first + "/"], new[] { first, copy } })
        {
            (int code, _, string error) = await RunAsync(["judge", .. folders]);
            code.ShouldBe(ExitCodes.Usage);
            error.ShouldContain("a midnight counts once");
        }

        Directory.Move(copy, Path.Combine(_folder, "copy"));
        (int beside, _, string said) = await RunAsync("judge", first);
        beside.ShouldBe(ExitCodes.Usage);
        said.ShouldContain("are both midnight 1 of played-set");
        Directory.Delete(Path.Combine(_folder, "copy"), recursive: true);
        (await RunAsync("judge", first, Path.Combine(elsewhere, "second"))).Code.ShouldBe(ExitCodes.Pass);
    }

    [Fact]
    public async Task Midnights_of_another_profile_scale_or_target_are_of_no_set()
    {
        (_, string first) = Set(2)[0];
        string second = Directory.GetDirectories(_folder).Single(f => f != first);
        Directory.Delete(second, recursive: true);
        PlayedRun other = new() { Seed = 8, Set = new MidnightSet("played-set", 2, 2), T0Utc = new DateTimeOffset(2026, 12, 31, 23, 1, 0, TimeSpan.Zero) };
        (other with { Scale = 1 }).Store(_folder);
        (int code, _, string error) = await RunAsync("judge", first);
        code.ShouldBe(ExitCodes.Usage);
        error.ShouldContain("differs from");
    }

    /// <summary>Whoever reads the headline alone, of a set as of a run, must not take it for more than it is.</summary>
    [Fact]
    public async Task The_headline_says_what_it_does_not_cover()
    {
        string folder = Set(2)[0].Folder;
        (_, string alone, _) = await RunAsync("judge", folder, "--alone", "--json", "-");
        alone.ShouldContain("\"headline\": \"PASS: midnight 1 held of the 10 that \\\"holds 2x the reference peak\\\" takes, at 2x");
        alone.ShouldContain("\"claimTested\": false");

        string slo = Path.Combine(_folder, "later.yaml");
        await File.WriteAllTextAsync(slo, "slo:\n  - {phase: before, operation: send, p95: \"<= 200ms\"}\n");
        (_, string later, _) = await RunAsync("judge", folder, "--slo", slo, "--json", "-");
        later.ShouldContain("\"headline\": \"PASS: 2 of 2 midnights held; P(miss) ≤ 77.6 % with 95 % confidence; claim not tested; not pre-registered.\"");
    }

    [Fact]
    public async Task Runs_that_were_not_begun_as_one_are_not_judged_as_one()
    {
        (_, string one) = new PlayedRun().Store(_folder);
        (_, string other) = (new PlayedRun() with { T0Utc = new DateTimeOffset(2027, 1, 1, 0, 0, 0, TimeSpan.Zero) }).Store(_folder);
        (int code, _, string error) = await RunAsync("judge", one, other);
        code.ShouldBe(ExitCodes.Usage);
        error.ShouldContain("are not judged as one");
    }

    [Fact]
    public async Task A_later_slo_is_judged_exactly_and_marked_or_refused()
    {
        (_, string folder) = new PlayedRun().Store(_folder);
        string slo = Path.Combine(_folder, "later.yaml");
        await File.WriteAllTextAsync(slo, "slo:\n  - {phase: before, operation: send, p95: \"<= 200ms\"}\n");
        (int code, string output, _) = await RunAsync("judge", folder, "--slo", slo);
        code.ShouldBe(ExitCodes.Pass);
        output.ShouldContain("not pre-registered");

        await File.WriteAllTextAsync(slo, "slo:\n  - {phase: before, p95: \"<= 150ms\"}\n");
        (code, _, string error) = await RunAsync("judge", folder, "--slo", slo);
        code.ShouldBe(ExitCodes.Usage);
        error.ShouldContain("the run counted calls over 200 ms, 1 s exactly, not over 150 ms");

        await File.WriteAllTextAsync(slo, "slo:\n  - {phase: before, p95: \"<= 200.1ms\"}\n");
        (_, _, error) = await RunAsync("judge", folder, "--slo", slo);
        error.ShouldContain("the run counted calls over 200 ms, 1 s exactly, not over 200.1 ms");

        await File.WriteAllTextAsync(slo, "slo:\n  - {phase: spkie, p95: \"<= 200ms\"}\nload: []\n");
        (code, _, error) = await RunAsync("judge", folder, "--slo", slo);
        code.ShouldBe(ExitCodes.Usage);
        error.ShouldContain("later.yaml(2,13): slo[0].phase: there is no phase 'spkie'");
        error.ShouldContain("load: is not a key here");
    }

    [Theory]
    [InlineData("slo:\n  - recovers: {within: 1s, clear_for: 1s, of: spike}\n", "slo[0].recovers.of: no other SLO is about spike")]
    [InlineData("slo:\n  - recovers: {within: 1s, clear_for: 3h, of: spike}\n  - errors: \"<= 1%\"\n", "slo[0].recovers.within: cannot be observed: the load ends")]
    [InlineData("", "later.yaml: is empty: a file of SLOs begins with 'slo:'")]
    [InlineData("slo:\n\t- errors: \"<= 1%\"\n", "later.yaml(2,1): is not YAML")]
    [InlineData("slo:\n  - errors: \"<= 0%\"\n", "'0%' is not a share above 0% and below 100%")]
    [InlineData("slo:\n  - erorrs: \"<= 1%\"\n", "did you mean 'errors'?")]
    [InlineData("slo:\n  - something: \"<= 1%\"\n", "percentiles like p50 or p99.9")]
    public async Task A_later_slo_that_is_wrong_is_one_clear_complaint(string text, string expected)
    {
        (_, string folder) = new PlayedRun().Store(_folder);
        string slo = Path.Combine(_folder, "later.yaml");
        await File.WriteAllTextAsync(slo, text);
        (int code, _, string error) = await RunAsync("judge", folder, "--slo", slo);
        code.ShouldBe(ExitCodes.Usage, error);
        error.ShouldContain(expected);
    }

    [Fact]
    public async Task A_folder_of_slos_is_none()
    {
        (_, string folder) = new PlayedRun().Store(_folder);
        (int code, _, string error) = await RunAsync("judge", folder, "--slo", _folder);
        code.ShouldBe(ExitCodes.Usage);
        error.ShouldBe($"spikebench: {_folder}: is a folder; give a file\n");
    }

    [Fact]
    public async Task A_set_is_summed_up_over_all_its_midnights()
    {
        (RunRecord record, string folder) = Set(3)[0];
        (_, string output, _) = await RunAsync("judge", folder);
        long planned = record.Summary.Plan.Planned.Sum(p => p.Sum());
        output.ShouldContain("all 3 midnights");
        output.ShouldMatch(@"\nmidnight \d, (before|spike)");
        output.ShouldContain("ok    midnight 2, ");
        output.ShouldNotContain("whole run");
        Counted(output).ShouldBeGreaterThan(2 * planned);
        (_, string alone, _) = await RunAsync("judge", folder, "--alone");
        alone.ShouldContain("midnight 1: planned ");
        Counted(alone).ShouldBe(planned);

        static long Counted(string text) => long.Parse(
            System.Text.RegularExpressions.Regex.Match(text, @"^(?:midnight \d+: )?planned ([\d,]+) = ", System.Text.RegularExpressions.RegexOptions.Multiline).Groups[1].Value.Replace(",", "", StringComparison.Ordinal),
            System.Globalization.CultureInfo.InvariantCulture);
    }

    [Fact]
    public async Task A_file_that_could_not_be_written_leaves_no_PASS()
    {
        (RunRecord record, string folder) = new PlayedRun().Store(_folder);
        RunVerdict verdict = Judge.Decide(record);
        using var output = new StringWriter();
        using var error = new StringWriter();
        string yesterday = Path.Combine(_folder, "gone", "junit.xml");
        var outputs = new VerdictOutputs(null, yesterday, github: false, new Terminal(output, error));
        (await outputs.WriteAsync([new FinishedRun(record, verdict, folder)], verdict, ExitCodes.Pass)).ShouldBe(ExitCodes.Usage);
        (await outputs.WriteAsync([new FinishedRun(record, verdict, folder)], verdict, ExitCodes.Fail)).ShouldBe(ExitCodes.Fail);
        error.ToString().ShouldContain($"--junit {yesterday}: ");
    }

    [Fact]
    public async Task What_is_asked_about_a_file_leaves_it_as_it_was()
    {
        using var output = new StringWriter();
        string kept = Path.Combine(_folder, "kept.json"), none = Path.Combine(_folder, "none.xml");
        await File.WriteAllTextAsync(kept, "yesterday");
        new VerdictOutputs(kept, none, github: false, new Terminal(output, output)).RequireWritable();
        (await File.ReadAllTextAsync(kept)).ShouldBe("yesterday");
        File.Exists(none).ShouldBeFalse();
    }

    [Fact]
    public async Task Every_output_that_was_asked_for_is_written()
    {
        (_, string folder) = new PlayedRun().Store(_folder);
        string junit = Path.Combine(_folder, "junit.xml"), json = Path.Combine(_folder, "v.json"), summary = Path.Combine(_folder, "summary.md");
        var environment = new Dictionary<string, string> { ["GITHUB_ACTIONS"] = "true", ["GITHUB_STEP_SUMMARY"] = summary };
        (_, string output, _) = await RunAsync(environment, "judge", folder, "--junit", junit, "--json", json);
        output.ShouldContain("::notice title=SpikeBench PASS::");
        (await File.ReadAllTextAsync(junit)).ShouldContain("<testsuites name=\"spikebench\" tests=\"2\"");
        (await File.ReadAllTextAsync(json)).ShouldContain("\"outcome\": \"pass\"");
        (await File.ReadAllTextAsync(summary)).ShouldContain("| ✅ PASS | spike |");
        (_, string alone, string error) = await RunAsync(environment, "judge", folder, "--json", "-");
        JsonDocument.Parse(alone).Dispose();
        error.ShouldContain("::notice");
    }

    /// <summary>The published schema is the written one's, and what is written keeps to it.</summary>
    [Fact]
    public async Task The_verdict_keeps_to_its_published_schema()
    {
        string path = Path.Combine(Repository.Root, "docs", "verdict.schema.json");
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
        {
            await File.WriteAllTextAsync(path, VerdictJson.Schema());
        }

        string schema = await File.ReadAllTextAsync(path);
        schema.ShouldBe(VerdictJson.Schema(), "write it anew with UPDATE_GOLDEN=1");
        (_, string folder) = new PlayedRun().Store(_folder);
        (_, string json, _) = await RunAsync("judge", folder, "--json", "-");
        SchemaCheck.Errors(JsonNode.Parse(schema)!, JsonNode.Parse(json)).ShouldBeEmpty();
        JsonNode broken = JsonNode.Parse(json)!;
        broken["outcome"] = "maybe";
        broken["slos"]![0]!["calls"] = "many";
        broken["more"] = 1;
        SchemaCheck.Errors(JsonNode.Parse(schema)!, broken).Count.ShouldBe(3);
    }

    private (RunRecord Record, string Folder)[] Set(int midnights) =>
    [
        .. Enumerable.Range(0, midnights).Select(i => (new PlayedRun() with
        {
            Seed = 7 + (ulong)i,
            Set = new MidnightSet("played-set", i + 1, midnights),
            T0Utc = new DateTimeOffset(2026, 12, 31, 23, i, 0, TimeSpan.Zero),
        }).Store(_folder)),
    ];

    private static int Runs(string json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        return document.RootElement.GetProperty("runs").GetArrayLength();
    }

    private static Task<(int Code, string Output, string Error)> RunAsync(params string[] args) => RunAsync([], args);

    private static async Task<(int Code, string Output, string Error)> RunAsync(Dictionary<string, string> environment, params string[] args)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter { NewLine = "\n" };
        var terminal = new Terminal(output, error) { Variable = environment.GetValueOrDefault };
        int code = await SpikeBenchCommand.RunAsync(args, terminal, TimeProvider.System);
        return (code, output.ToString(), error.ToString());
    }
}
