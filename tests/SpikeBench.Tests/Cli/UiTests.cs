using SpikeBench.Cli.Ui;
using SpikeBench.Core;
using SpikeBench.Core.Profiles;
using SpikeBench.Core.Recording;
using SpikeBench.Core.Schedule;
using SpikeBench.Tests.Reporting;

namespace SpikeBench.Tests.Cli;

public sealed class UiTests
{
    [Theory]
    [InlineData(null, false, true, null, "xterm-256color", "Live")]
    [InlineData("auto", false, true, null, "xterm-256color", "Live")]
    [InlineData("auto", false, false, null, "xterm-256color", "Plain")]
    [InlineData("auto", false, true, "true", "xterm-256color", "Plain")]
    [InlineData("auto", false, true, null, "dumb", "Plain")]
    [InlineData("auto", true, true, null, "xterm-256color", "None")]
    [InlineData("live", false, false, "true", "dumb", "Live")]
    [InlineData("plain", false, true, null, "xterm-256color", "Plain")]
    [InlineData("none", false, true, null, "xterm-256color", "None")]
    [InlineData("live", true, true, null, "xterm-256color", "None")]
    public void Mode_is_what_was_asked_or_fits_the_terminal(string? asked, bool quiet, bool interactive, string? ci, string term, string expected) =>
        UiModes.Choose(asked, quiet, interactive, name => name switch { "CI" => ci, "TERM" => term, _ => null }).ToString().ShouldBe(expected);

    [Fact]
    public void A_mode_that_is_not_there_is_a_complaint_with_a_suggestion() =>
        Should.Throw<UsageException>(() => UiModes.Choose("plian", false, true, _ => null)).Message
            .ShouldBe("--ui plian: there are auto, live, plain, none; did you mean 'plain'?");

    [Fact]
    public void NO_COLOR_says_no()
    {
        UiModes.WantsColour(_ => null).ShouldBeTrue();
        UiModes.WantsColour(name => name == "NO_COLOR" ? "1" : null).ShouldBeFalse();
    }

    [Fact]
    public void Live_screen_fits_80_by_24_and_says_what_happens()
    {
        (LoadPlan plan, LiveFrame frame) = Frame("http://127.0.0.1:5000");
        IReadOnlyList<FrameLine> lines = [];
        foreach (SecondSummary second in SyntheticRun.Overloaded.Seconds.Take(50))
        {
            lines = frame.Draw(second);
            lines.Count.ShouldBeLessThanOrEqualTo(23);
            lines.ShouldAllBe(l => l.Text.Length <= 80);
        }

        string text = string.Join('\n', lines.Select(l => l.Text));
        text.ShouldStartWith("ny-midnight at 2x of 100/s, against http://127.0.0.1:5000");
        text.ShouldContain("50 s of");
        text.ShouldContain("▶ spike");
        text.ShouldMatch(@"asked +[\d,]+/s  [▁▂▃▄▅▆▇█]{50}");
        text.ShouldContain("✗ p99.9 <= 200ms");
        text.ShouldContain("worst second");
        plan.Phases.Count.ShouldBe(5);
    }

    [Fact]
    public void A_second_in_which_nothing_was_answered_has_no_times_and_meets_no_slo()
    {
        var dead = new SecondSummary(48_000_000_000, 49_000_000_000, default, default, new TimeSummary(500, 1_000, 1_000, 1_000, 1_000, 1_000));
        (LoadPlan plan, LiveFrame frame) = Frame("http://127.0.0.1:5000");
        using var output = new StringWriter();
        new PlainLines(plan, output).Show(dead);

        output.ToString().ShouldContain("sent     500/s  ok       0/s  p50        -  p99        -  max        -  late p99 1 µs");
        string[] lines = [.. frame.Draw(dead).Select(l => l.Text)];
        lines.ShouldContain(l => l.StartsWith("this second", StringComparison.Ordinal) && l.EndsWith(" -", StringComparison.Ordinal));
        lines.ShouldNotContain(l => l.Contains('✓', StringComparison.Ordinal) && l.Contains("<=", StringComparison.Ordinal));
        lines.ShouldContain(l => l.StartsWith("✗ ", StringComparison.Ordinal) && l.EndsWith("nothing was answered OK in this second", StringComparison.Ordinal));
    }

    [Fact]
    public void A_line_divides_by_the_time_that_went_by()
    {
        (LoadPlan plan, _) = Frame("http://127.0.0.1:5000");
        var elapsed = new ElapsedIntervals(1_000_000_000);
        using var output = new StringWriter();
        var lines = new PlainLines(plan, output);
        var calls = new TimeSummary(500, 1_000, 1_000, 1_000, 1_000, 1_000);

        // The first second is taken a quarter late, the second one in time, the third so late that the fourth is a rest.
        foreach ((long ofSecond, long takenMs) in new[] { (1, 1_250), (2, 2_000), (3, 4_050), (4, 4_060), (5, 5_060L) })
        {
            var meant = new SecondSummary((ofSecond - 1) * 1_000_000_000, ofSecond * 1_000_000_000, calls, calls, calls);
            if (elapsed.Of(meant, takenMs * 1_000_000) is { } interval)
            {
                lines.Show(interval);
            }
        }

        System.Text.RegularExpressions.Regex.Matches(output.ToString(), @"(\d+) s .* sent +([\d.,]+)/s").Select(m => $"{m.Groups[1]} {m.Groups[2]}")
            .ShouldBe(["1 400", "2 667", "4 244", "5 500"]);
    }

    [Fact]
    public void Live_screen_gives_no_control_character_to_the_terminal()
    {
        (_, LiveFrame frame) = Frame("\u001b[31mevil");
        frame.Draw(SyntheticRun.Calm.Seconds[0]).SelectMany(l => l.Text).ShouldNotContain(c => char.IsControl(c));
    }

    [Fact]
    public void Live_screen_draws_what_came_together_once_and_clears_up()
    {
        using var output = new StringWriter();
        (_, LiveFrame frame) = Frame("http://127.0.0.1:5000");
        var screen = new LiveScreen(frame, new FramedWriter(output), colour: false);
        foreach (SecondSummary second in SyntheticRun.Calm.Seconds)
        {
            screen.Show(second);
        }

        screen.Dispose();
        screen.Dispose();

        screen.Frames.ShouldBeLessThan(10, "120 seconds came at once");
    }

    [Fact]
    public async Task What_is_said_while_a_frame_is_up_stands_above_it_on_a_line_of_its_own()
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var terminal = new FramedWriter(output);
        (_, LiveFrame frame) = Frame("http://127.0.0.1:5000");
        var screen = new LiveScreen(frame, terminal, colour: false);
        screen.Show(SyntheticRun.Calm.Seconds[0]);
        SpinWait.SpinUntil(() => screen.Frames > 0, TimeSpan.FromSeconds(30)).ShouldBeTrue("a frame was drawn");

        await terminal.WriteLineAsync("spikebench: the access token could not be refreshed: \u001b[31mits command printed nothing");
        terminal.Write("spikebench: interr");
        terminal.WriteLine("upted");
        screen.Dispose();
        await terminal.WriteLineAsync("the verdict");

        // Before each line the cursor goes to the frame's top and what is left there is wiped; behind it the frame is drawn again.
        string text = output.ToString();
        text.ShouldMatch(@"\x1b\[\d+A\x1b\[Jspikebench: the access token could not be refreshed:  \[31mits command\s+printed\s+nothing\s*\n(\x1b\[[\d;]*m)?ny-midnight at 2x of 100/s");
        text.ShouldMatch(@"\x1b\[\d+A\x1b\[Jspikebench: interrupted *\n(\x1b\[[\d;]*m)?ny-midnight at 2x of 100/s");
        text.ShouldEndWith("the verdict\n");
    }

    [Fact]
    public void Without_a_frame_text_goes_through_as_it_comes()
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var terminal = new FramedWriter(output);
        terminal.Write("a");
        output.ToString().ShouldBe("a");
        var lines = new List<string>();
        terminal.Raise(lines.Add);
        terminal.WriteLine("b");
        terminal.Write("c\r\nd");
        terminal.Lower();
        terminal.WriteLine("e");
        lines.ShouldBe(["b", "c"]);
        output.ToString().ShouldBe("ade\n");
    }

    private static (LoadPlan Plan, LiveFrame Frame) Frame(string target)
    {
        Profile profile = SyntheticRun.Overloaded.Summary.Profile;
        LoadPlan plan = ProfileCompiler.Compile(profile, 2, profile.Seed);
        return (plan, new LiveFrame(plan, profile.Slo, $"{profile.Name} at 2x of 100/s", target));
    }
}
