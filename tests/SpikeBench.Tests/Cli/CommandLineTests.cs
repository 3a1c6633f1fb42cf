using SpikeBench.Cli;
using SpikeBench.Tests.Evidence;

namespace SpikeBench.Tests.Cli;

/// <summary>The command line without a load: what it prints where, and which exit code it ends with.</summary>
public sealed class CommandLineTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("spikebench-test-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Validate_prints_counts_curve_and_hash_of_a_valid_profile()
    {
        (int code, string output, string error) = await RunAsync("validate", "ny-midnight");
        code.ShouldBe(ExitCodes.Pass, error);
        output.ShouldStartWith("ny-midnight is valid. At 2x of 200/s (ordinary peak):");
        output.ShouldContain("█");
        output.ShouldContain("spike");
        output.ShouldContain("∫λ = 127,027.0");
        output.ShouldNotContain("cannot PASS");
    }

    [Fact]
    public async Task Validate_names_every_slo_that_cannot_pass_for_want_of_calls()
    {
        (int code, string output, _) = await RunAsync("validate", "ny-midnight", "--peak", "5/s");
        code.ShouldBe(ExitCodes.Pass);
        output.ShouldContain("These SLOs cannot PASS for want of calls:");
        output.ShouldMatch(@"p99\.9 <= 200ms of send in spike: [\d,]+ calls, 2,995 needed");
        output.ShouldMatch(@"errors <= 0\.1% of all operations in decay: [\d,]+ calls, 3,796 needed");
        output.ShouldContain("ln α / ln(1 − ε)");
    }

    /// <summary>A long phase is judged over all midnights of a set: two looks at one midnight each may see 240 calls, at 2.94 % each.</summary>
    [Theory]
    [InlineData("2/s", 1, "120 calls, 189 needed")]
    [InlineData("2/s", 2, null)]
    [InlineData("1/s", 2, "60 calls in each of 2 midnights, 210 needed")]
    public async Task Validate_counts_all_the_midnights_that_a_claim_may_take(string rate, int looks, string? lacking)
    {
        string path = Path.Combine(_folder, "looks.yaml");
        await File.WriteAllTextAsync(path, $$$"""
            name: looks
            reference: {rate: {{{rate}}}, window: 1s, what: "test"}
            arrivals: even
            load:
              - hold: {rate: 1x, for: 60s, phase: all}
            operations:
              - {name: send, weight: 1, call: spikebench.messenger.v1.Messenger/Send, payload: {sender: "a", room: "1", text: "t"}}
            slo:
              - {phase: all, errors: "<= 2%"}
            claim: {text: "holds a trickle", scale: 1x, looks: {{{looks}}}}
            """);
        (int code, string output, string error) = await RunAsync("validate", path);
        code.ShouldBe(ExitCodes.Pass, error);
        if (lacking is null)
        {
            output.ShouldNotContain("cannot PASS");
        }
        else
        {
            output.ShouldContain(lacking);
        }
    }

    [Theory]
    [InlineData("md", "## ")]
    [InlineData("json", "{")]
    [InlineData("csv", "second,")]
    [InlineData("junit", "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites")]
    public async Task A_stored_run_is_rendered_in_each_format(string format, string start)
    {
        (_, string folder) = new PlayedRun().Store(_folder);

        (int code, string output, string error) = await RunAsync("report", folder, "--format", format);

        code.ShouldBe(ExitCodes.Pass, error);
        output.ShouldStartWith(start);
        output.ShouldContain("spike");
    }

    [Fact]
    public async Task A_ready_made_load_goes_to_nbomber_and_back_and_is_plotted()
    {
        (int code, string json, string notes) = await RunAsync("profiles", "export", "ny-midnight", "--format", "nbomber");
        code.ShouldBe(ExitCodes.Pass, notes);
        notes.ShouldContain("note: NBomber has no such curve");
        string path = Path.Combine(_folder, "nbomber.json");
        await File.WriteAllTextAsync(path, json);
        (code, string yaml, string warnings) = await RunAsync("profiles", "import", path);
        code.ShouldBe(ExitCodes.Pass, warnings);
        string back = Path.Combine(_folder, "back.yaml");
        await File.WriteAllTextAsync(back, yaml);
        (code, string valid, string error) = await RunAsync("validate", back);
        code.ShouldBe(ExitCodes.Pass, error);
        valid.ShouldMatch(@"∫λ = 127,02[67]\.0", "the whole calls of ny-midnight's 127,027.0");
        (code, string csv, error) = await RunAsync("profiles", "plot", "ny-midnight", "--csv");
        code.ShouldBe(ExitCodes.Pass, error);
        csv.Split('\n').Length.ShouldBe(1120 + 2);
        (code, string plot, error) = await RunAsync("profiles", "plot", "ny-midnight", "--height", "5");
        code.ShouldBe(ExitCodes.Pass, error);
        plot.ShouldContain("█");
    }

    [Fact]
    public async Task A_profile_with_mistakes_is_one_line_each_and_exit_64()
    {
        string path = Path.Combine(_folder, "bad.yaml");
        await File.WriteAllTextAsync(path, "name: x\nreference: {rate: 5, window: 1s, what: t}\nlaod: []\n");
        (int code, string output, string error) = await RunAsync("run", path);
        code.ShouldBe(ExitCodes.Usage);
        output.ShouldBeEmpty();
        error.TrimEnd().Split('\n').ShouldBe(
        [
            $"{path}(1,1): load: is missing: the steps in order; the curve is their concatenation.",
            $"{path}(1,1): operations: is missing: the mix of calls.",
            $"{path}(1,1): slo: is missing: what must hold.",
            $"{path}(2,19): reference.rate: '5' is not a rate; write it like 2000/s or 2k/s",
            $"{path}(3,1): laod: is not a key here; did you mean 'load'?",
        ]);
    }

    [Theory]
    [InlineData("no-such-file.yaml", "there is no file 'no-such-file.yaml' and no ready-made profile of that name")]
    [InlineData("ny-midnigth", "did you mean 'ny-midnight'?")]
    public async Task A_profile_that_is_not_there_is_one_line(string name, string expected)
    {
        (int code, _, string error) = await RunAsync("validate", name);
        code.ShouldBe(ExitCodes.Usage);
        error.ShouldContain(expected);
        error.TrimEnd().ShouldNotContain("\n");
    }

    [Theory]
    [InlineData("64", "run", "ny-midnight", "--target", "http://192.0.2.1:5000")]
    [InlineData("is not on this machine", "run", "ny-midnight", "--target", "http://192.0.2.1:5000")]
    [InlineData("give scheme, host and port only", "run", "ny-midnight", "--target", "http://127.0.0.1:5000/x")]
    [InlineData("write it like http://127.0.0.1:5000", "run", "ny-midnight", "--target", "ftp://127.0.0.1")]
    [InlineData("write it like 2x", "run", "ny-midnight", "--scale", "much")]
    [InlineData("write it like 5000/s", "run", "ny-midnight", "--peak", "5000")]
    [InlineData("must be 1 to 1000", "run", "ny-midnight", "--repeat", "0")]
    [InlineData("must be 1 to 1024", "run", "ny-midnight", "--workers", "0")]
    [InlineData("did you mean 'raw'?", "run", "ny-midnight", "--driver", "rwa")]
    [InlineData("write it like 23:50:00+09:00", "run", "ny-midnight", "--start-at", "midnight")]
    [InlineData("is over already", "run", "ny-midnight", "--start-at", "2020-01-01T00:00:00Z")]
    [InlineData("write it as path=value", "run", "ny-midnight", "--set", "client.deadline")]
    [InlineData("there is no item [9]", "run", "ny-midnight", "--set", "slo[9].errors=1")]
    [InlineData("is not a duration", "run", "ny-midnight", "--set", "client.deadline=2")]
    [InlineData("cannot be written", "run", "ny-midnight", "--out", "/proc/nowhere")]
    [InlineData("Unrecognized", "run", "ny-midnight", "--quick")]
    [InlineData("Required", "run")]
    [InlineData("there is no run.json", "judge", "/")]
    [InlineData("there is no run.json", "report", "/")]
    [InlineData("there is no run.json", "report", "/", "--format", "csv")]
    [InlineData("did you mean 'html'?", "report", "/", "--format", "htlm")]
    [InlineData("only the html report compares", "report", "/", "--format", "md", "--baseline", "/")]
    [InlineData("--out '': is empty", "run", "ny-midnight", "--out", "")]
    [InlineData("--ledger '': is empty", "run", "ny-midnight", "--ledger", "")]
    [InlineData("--json '': is empty", "judge", "/", "--json", "")]
    [InlineData("--cacert '': is empty", "call", "127.0.0.1:1", "--cacert", "")]
    [InlineData("--proto '': is empty", "validate", "ny-midnight", "--proto", "")]
    [InlineData("RUN '': is empty", "judge", "")]
    [InlineData("--json /: is a folder", "run", "ny-midnight", "--json", "/")]
    [InlineData("there is no folder /no/such", "run", "ny-midnight", "--junit", "/no/such/junit.xml")]
    [InlineData("--json /proc/verdict.json: cannot be written", "run", "ny-midnight", "--json", "/proc/verdict.json")]
    [InlineData("--junit /: is a folder", "judge", "/", "--junit", "/")]
    [InlineData("--workers x: is not a whole number", "run", "ny-midnight", "--workers", "x")]
    [InlineData("--seed -1: is outside 0 to 18446744073709551615", "run", "ny-midnight", "--seed", "-1")]
    [InlineData("--repeat 1e3: is not a whole number", "run", "ny-midnight", "--repeat", "1e3")]
    [InlineData("--width wide: is not a whole number", "profiles", "plot", "ny-midnight", "--width", "wide")]
    [InlineData("'--targt'; did you mean '--target'?", "run", "ny-midnight", "--targt", "x")]
    [InlineData("did you mean 'validate'?", "valdiate", "ny-midnight")]
    [InlineData("Try 'spikebench hlog cut --help'", "hlog", "cut", "x.hlog", "--bad")]
    [InlineData("Try 'spikebench profiles export --help'", "profiles", "export", "ny-midnight", "--bad")]
    [InlineData("--call: 'Send' ", "run", "ny-midnight", "--call", "Send")]
    [InlineData("--data: is not JSON", "run", "ny-midnight", "--call", "spikebench.messenger.v1.Messenger/Send", "-d", "{\"room\": ${zipf 10 1.1}}")]
    [InlineData("--data.romo: ", "run", "ny-midnight", "--call", "spikebench.messenger.v1.Messenger/Send", "-d", "{\"romo\": 1}")]
    [InlineData("--set client.deadlin: is not a key here; did you mean 'deadline'?", "run", "ny-midnight", "--set", "client.deadlin=2s")]
    [InlineData("--set cleint.deadline: cleint is not a key here; did you mean 'client'?", "run", "ny-midnight", "--set", "cleint.deadline=2s")]
    [InlineData("did you mean 'live'?", "run", "ny-midnight", "--ui", "liev")]
    public async Task Wrong_usage_is_one_clear_complaint_and_exit_64(string expected, params string[] args)
    {
        (int code, string output, string error) = await RunAsync(args);
        code.ShouldBe(ExitCodes.Usage, error);
        output.ShouldBeEmpty();
        error.ShouldContain(expected == "64" ? "--i-own-this-target" : expected);
        error.ShouldNotContain("   at ");
        error.ShouldNotContain("System.");
        error.ShouldNotContain(".yaml(");
    }

    [Fact]
    public async Task A_flag_of_numbers_still_takes_them()
    {
        (int code, string plot, string error) = await RunAsync("profiles", "plot", "ny-midnight", "--width", "40", "--height", "3");
        code.ShouldBe(ExitCodes.Pass, error);
        plot.ShouldContain("█");
    }

    [Fact]
    public async Task Standard_output_that_takes_no_more_is_one_line_and_no_bug()
    {
        using var error = new StringWriter { NewLine = "\n" };
        int code = await SpikeBenchCommand.RunAsync(["validate", "ny-midnight"], new Terminal(new StandardOutput(new FullWriter()), error), TimeProvider.System);
        code.ShouldBe(ExitCodes.Usage);
        error.ToString().ShouldBe("spikebench: standard output cannot be written: No space left on device. What was to be printed there is lost; what was kept in files is not.\n");
    }

    [Fact]
    public async Task Standard_output_hands_on_all_that_is_written()
    {
        using var inner = new StringWriter { NewLine = "\n" };
        using var output = new StandardOutput(inner);
        output.Write('a');
        output.Write("b");
        output.Write(['x', 'c', 'd'], 1, 2);
        output.WriteLine("e");
        await output.WriteAsync("f");
        await output.WriteLineAsync("g");
        output.Write(1);
        inner.ToString().ShouldBe("abcde\nfg\n1");
    }

    [Fact]
    public async Task Credentials_in_a_targets_url_are_not_printed()
    {
        (_, _, string error) = await RunAsync("run", "ny-midnight", "--target", "http://joe:hunter2@192.0.2.1:5000");
        error.ShouldNotContain("hunter2");
        error.ShouldContain("***@192.0.2.1");
    }

    [Fact]
    public async Task Profiles_are_listed_and_shown()
    {
        (int code, string output, _) = await RunAsync("profiles");
        code.ShouldBe(ExitCodes.Pass);
        output.ShouldStartWith("ny-midnight");
        (_, string text, _) = await RunAsync("profiles", "show", "ny-midnight");
        text.ShouldBe(await File.ReadAllTextAsync(Path.Combine(Repository.Root, "profiles", "ny-midnight.yaml")));
    }

    [Fact]
    public async Task Help_names_every_command_and_exit_code()
    {
        (int code, string output, _) = await RunAsync("--help");
        code.ShouldBe(ExitCodes.Pass);
        foreach (string word in new[] { "run", "validate", "profiles", "judge", "report", "doctor", "target", "0 PASS", "1 FAIL", "2 INCONCLUSIVE", "3 INVALID", "4 target", "64", "70", "130" })
        {
            output.ShouldContain(word);
        }
    }

    private async Task<(int Code, string Output, string Error)> RunAsync(params string[] args)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter { NewLine = "\n" };
        bool placed = args is ["run", ..] && !args.Contains("--out");
        int code = await SpikeBenchCommand.RunAsync(placed ? [.. args, "--out", _folder] : args, new Terminal(output, error), TimeProvider.System);
        return (code, output.ToString(), error.ToString());
    }

    /// <summary>As a file on a full disk.</summary>
    private sealed class FullWriter : StringWriter
    {
        public override void Write(char value) => throw new IOException("No space left on device");

        public override void Write(string? value) => throw new IOException("No space left on device");

        public override void WriteLine(string? value) => throw new IOException("No space left on device");
    }
}
