using SpikeBench.Core.Engine;
using SpikeBench.Core.Profiles;
using SpikeBench.Core.Recording;
using SpikeBench.Core.Verdict;
using SpikeBench.Histograms;
using SpikeBench.Tests.Engine;

namespace SpikeBench.Tests.Verdict;

/// <summary>
/// Faults of the generator, each against a target that holds and one that does not: what only the generator caused is INVALID, what it
/// could not have caused stands. The table in docs/verdict.md is this one.
/// </summary>
public sealed class GeneratorFaultTests
{
    private const long MsNs = 1_000_000;
    private const long SecondNs = 1_000_000_000;
    private const int PerSecond = 2_000;
    private const int Seconds = 60;

    private static readonly VirtualRun Minute = new()
    {
        TimesNs = [.. Enumerable.Range(0, PerSecond * Seconds).Select(i => i * (SecondNs / PerSecond))],
        DurationNs = Seconds * SecondNs,
        DeadlineNs = SecondNs,
    };

    // One event: met or missed.
    private static readonly VirtualRun HalfMinuteOfErrors = Minute with
    {
        TimesNs = [.. Minute.TimesNs.Take(PerSecond * Seconds / 2)],
        DurationNs = Seconds / 2 * SecondNs,
        Slo = [new SloRule("*", "*", 0.001, null, "errors <= 0.1%")],
    };

    [Theory]
    [InlineData(false, Outcome.Invalid)]
    [InlineData(true, Outcome.Fail)]
    public void A_stopped_process(bool slow, Outcome expected)
    {
        // Stopped for 1.5 s, beyond the deadline: what was due ends as timed out as soon as it is sent.
        RunVerdict verdict = Judge.Decide(Minute.Run(clock => new VirtualLane(clock, 0)
        {
            ServiceOf = Target(slow),
            GeneratorPause = (30 * SecondNs, 31_500 * MsNs),
        }));
        Broken(verdict).ShouldBe(["V2", "V3", "V4"]);
        verdict.Outcome.ShouldBe(expected);
    }

    /// <summary>A deadline counts from the intended time: calls that are sent after theirs end as timed out, whatever the target would have done.</summary>
    [Theory]
    [InlineData(false, Outcome.Invalid)]
    [InlineData(true, Outcome.Fail)]
    public void Calls_that_expired_unsent_are_no_errors_of_the_target(bool failing, Outcome expected)
    {
        RunRecord run = HalfMinuteOfErrors.Run(clock => new VirtualLane(clock, 0)
        {
            ServiceOf = _ => 20 * MsNs,
            Outcomes = i => failing && i % 100 == 7 ? (GrpcStatus.Internal, Failure.Status) : (GrpcStatus.Ok, Failure.None),
            GeneratorPause = (15 * SecondNs, 16_500 * MsNs),
        });
        run.Cells.Sum(0, run.Cells.Grid.PlanCells, -1, CellField.TimedOut).ShouldBeInRange(1_000, 1_100);
        RunVerdict verdict = Judge.Decide(run);
        Broken(verdict).ShouldBe(["V2", "V3", "V4"]);
        verdict.Checks.Single(v => v.Id == "V3").Measured.ShouldContain("later than 100 ms in all");
        verdict.Outcome.ShouldBe(expected);
        if (expected == Outcome.Invalid)
        {
            verdict.Slos.Single().Reason.ShouldStartWith("V3: all operations errors <= 0.1% in all was missed");
        }
    }

    [Fact]
    public void A_generator_that_never_keeps_up_says_nothing_about_the_targets_errors()
    {
        RunVerdict verdict = Judge.Decide(HalfMinuteOfErrors.Run(clock => new VirtualLane(clock, 0) { ServiceOf = _ => 20 * MsNs, SendCostNs = MsNs }));
        verdict.Slos.Single().Bad.ShouldBeGreaterThan(10_000);
        verdict.Outcome.ShouldBe(Outcome.Invalid);
        verdict.Slos.Single().Reason.ShouldContain("no healthy second is left");
    }

    /// <summary>Time-outs of a target that hangs are its own, though a pause made other calls late.</summary>
    [Fact]
    public void A_target_that_hangs_fails_though_the_generator_paused()
    {
        RunVerdict verdict = Judge.Decide(HalfMinuteOfErrors.Run(clock => new VirtualLane(clock, 0)
        {
            ServiceOf = i => i % 50 == 0 ? 5 * SecondNs : 20 * MsNs,
            GeneratorPause = (15 * SecondNs, 16_500 * MsNs),
        }));
        verdict.Outcome.ShouldBe(Outcome.Fail);
    }

    [Fact]
    public void Calls_in_line_for_the_streams_of_one_connection_are_no_errors_of_the_target()
    {
        // 2,000/s at 80 ms are 160 calls at once, and 100 may be: the line grows until calls expire in it.
        RunRecord run = HalfMinuteOfErrors.Run(clock => new VirtualLane(clock, 0) { ServiceOf = _ => 80 * MsNs, MaxStreams = 100 });
        RunVerdict verdict = Judge.Decide(run);
        verdict.Slos.Single().Bad.ShouldBeGreaterThan(5_000);
        Broken(verdict).ShouldBe(["V8"]);
        verdict.Outcome.ShouldBe(Outcome.Invalid);
        Judge.Decide(run with { Summary = run.Summary with { Driver = run.Summary.Driver with { Connections = 40 } } }).Outcome.ShouldBe(Outcome.Fail);
    }

    [Theory]
    [InlineData(false, false, Outcome.Pass)]
    [InlineData(true, false, Outcome.Fail)]
    [InlineData(false, true, Outcome.Invalid)]
    [InlineData(true, true, Outcome.Fail)]
    public void Stolen_processor_time(bool slow, bool stampsLate, Outcome expected)
    {
        // In every third second the threads are kept waiting for 60 ms; ends are stamped late there, or nothing is lost.
        RunRecord run = WithLateStamps(Run(slow), stampsLate ? 3 : 0);
        RunVerdict verdict = Judge.Decide(Conditioned(run, s => s % 3 == 0, h => h with { HiccupMaxNs = 60 * MsNs, StealShare = 0.3, WorkerRunDelayNs = 300 * MsNs }));
        Broken(verdict).ShouldBe(["V5", "V6"]);
        verdict.Outcome.ShouldBe(expected);
        if (expected == Outcome.Invalid)
        {
            verdict.Slos.Single().Reason.ShouldStartWith("V5: all operations p99.9 <= 200ms in all was broken");
        }
    }

    /// <summary>Ticks of 10 ms: of 100 or so in a second of one processor, what is read as so many was at least one less; of 200 of two, two less.</summary>
    [Theory]
    [InlineData(1, 98, 1, true)]
    [InlineData(2, 98, 1, true)]
    [InlineData(3, 100, 1, false)]
    [InlineData(2, 50, 0.5, false)]
    [InlineData(1, 49, 0.5, true)]
    [InlineData(4, 50, 0.5, false)]
    [InlineData(2, 197, 1, true)]
    [InlineData(4, 197, 1, true)]
    [InlineData(5, 200, 1, false)]
    [InlineData(3, 200, 2, true)]
    [InlineData(7, 400, 2, false)]
    public void Stolen_time_is_beyond_the_bound_when_it_is_beyond_the_clocks_resolution(int stolenTicks, int allTicks, double seconds, bool holds)
    {
        RunRecord run = Run(slow: false);
        var row = new HostSecond(0, (long)(seconds * SecondNs), 0, 0, stolenTicks / (double)allTicks, 0.1, 0, 0, 0, 0.1);
        ValidityCheck check = Judge.Decide(run with { Host = [row] }).Checks.Single(c => c.Id == "V6");
        check.Holds.ShouldBe(holds, check.Measured);
    }

    /// <summary>
    /// More than 1 % was read, no more than the clock may make of it, and no other check is broken: what a theft could have caused is void
    /// all the same, as it was when V6 took each reading at its word.
    /// </summary>
    [Theory]
    [InlineData(0.02, Outcome.Invalid)]
    [InlineData(0.0101, Outcome.Invalid)]
    [InlineData(0.0099, Outcome.Fail)]
    public void A_theft_within_the_clocks_resolution_still_voids_a_fail_that_flips(double read, Outcome expected)
    {
        // One second of half a minute: its ends are stamped late, which the ticker saw too seldom to break V5.
        RunRecord run = HeldUpOnce();
        RunVerdict verdict = Judge.Decide(Conditioned(run, s => s == 15, h => h with { HiccupMaxNs = 60 * MsNs, StealShare = read }, ticksLate: 0));
        Broken(verdict).ShouldBeEmpty();
        verdict.Outcome.ShouldBe(expected);
        if (expected == Outcome.Invalid)
        {
            verdict.Slos.Single().Reason.ShouldStartWith("V6: all operations p99.9 <= 200ms in all was missed");
            verdict.Slos.Single().Reason.ShouldContain("within the clock's resolution");
        }
    }

    /// <summary>The same reading, but the target was slow in seconds that nobody stole from.</summary>
    [Fact]
    public void A_theft_within_the_clocks_resolution_excuses_no_target()
    {
        RunRecord run = HeldUpOnce();
        int cell = run.Cells.Grid.CellAt(5 * SecondNs);
        run.Cells[cell, 0, 0, ThresholdField.Bad] += 150;
        run.Cells[cell, 0, 0, ThresholdField.BadFromDispatch] += 150;
        Judge.Decide(Conditioned(run, s => s == 15, h => h with { HiccupMaxNs = 60 * MsNs, StealShare = 0.02 }, ticksLate: 0)).Outcome.ShouldBe(Outcome.Fail);
    }

    /// <summary>Half a minute that is met but for one second, of which 150 calls were stamped late; 60 are its budget.</summary>
    private static RunRecord HeldUpOnce()
    {
        RunRecord run = (Minute with { TimesNs = HalfMinuteOfErrors.TimesNs, DurationNs = HalfMinuteOfErrors.DurationNs }).Run(clock => new VirtualLane(clock, 0) { ServiceOf = Target(slow: false) });
        int cell = run.Cells.Grid.CellAt(15_500 * MsNs);
        run.Cells[cell, 0, 0, ThresholdField.Bad] += 150;
        run.Cells[cell, 0, 0, ThresholdField.BadFromDispatch] += 150;
        return run;
    }

    [Theory]
    [InlineData(false, Outcome.Invalid)]
    [InlineData(true, Outcome.Fail)]
    public void A_storm_of_collections(bool slow, Outcome expected)
    {
        RunVerdict verdict = Judge.Decide(Conditioned(WithLateStamps(Run(slow), 3), s => s % 3 == 0, h => h with { GcPauseNs = 80 * MsNs, Collections = 40 }));
        Broken(verdict).ShouldBe(["V7"]);
        verdict.Outcome.ShouldBe(expected);
    }

    /// <summary>Good calls that were under way when the threads stopped are stamped late as well, though their own second was healthy.</summary>
    [Theory]
    [InlineData(14_900, Outcome.Invalid)]
    [InlineData(14_700, Outcome.Fail)]
    public void Calls_under_way_when_the_threads_were_held_up_are_no_evidence(int dueMs, Outcome expected)
    {
        // One event of half a minute: 60 calls are its budget.
        RunRecord run = (Minute with { TimesNs = HalfMinuteOfErrors.TimesNs, DurationNs = HalfMinuteOfErrors.DurationNs }).Run(clock => new VirtualLane(clock, 0) { ServiceOf = Target(slow: false) });
        int cell = run.Cells.Grid.CellAt(dueMs * MsNs);
        run.Cells[cell, 0, 0, ThresholdField.Bad] += 150;
        run.Cells[cell, 0, 0, ThresholdField.BadFromDispatch] += 150;
        RunVerdict verdict = Judge.Decide(Conditioned(run, s => s == 15, h => h with { HiccupMaxNs = 400 * MsNs }));
        verdict.Slos.Single().Outcome.ShouldBe(expected);
    }

    [Theory]
    [InlineData(false, Outcome.Invalid)]
    [InlineData(true, Outcome.Fail)]
    public void A_limit_of_descriptors(bool slow, Outcome expected)
    {
        // One call in forty finds no connection, because this machine gave no socket.
        RunRecord run = Minute.Run(clock => new VirtualLane(clock, 0)
        {
            ServiceOf = Target(slow),
            Outcomes = i => i % 40 == 7 ? (GrpcStatus.Unavailable, Failure.Connection) : (GrpcStatus.Ok, Failure.None),
        });
        run = run with
        {
            Summary = run.Summary with
            {
                Driver = run.Summary.Driver with { LocalFailures = 12 },
                Errors = [new ErrorCount("all", "call", GrpcStatus.Name(GrpcStatus.Unavailable), PerSecond * Seconds / 40)],
            },
        };
        RunVerdict verdict = Judge.Decide(run);
        Broken(verdict).ShouldBe(["V9"]);
        verdict.Outcome.ShouldBe(expected);
    }

    /// <summary>The same 3,000 calls without a connection, but the target refused them; this machine refused a few of its own.</summary>
    [Fact]
    public void A_target_that_refuses_connections_is_not_excused_by_a_descriptor_that_was_short()
    {
        RunRecord run = Minute.Run(clock => new VirtualLane(clock, 0)
        {
            ServiceOf = _ => 20 * MsNs,
            Outcomes = i => i % 40 == 7 ? (GrpcStatus.Unavailable, Failure.Connection) : (GrpcStatus.Ok, Failure.None),
        });
        run = run with
        {
            Summary = run.Summary with
            {
                Driver = run.Summary.Driver with { LocalFailures = 2, CallsLostToLocalFailures = 9 },
                Errors = [new ErrorCount("all", "call", GrpcStatus.Name(GrpcStatus.Unavailable), PerSecond * Seconds / 40)],
            },
        };
        RunVerdict verdict = Judge.Decide(run);
        Broken(verdict).ShouldBe(["V9"]);
        verdict.Outcome.ShouldBe(Outcome.Fail);
    }

    [Theory]
    [InlineData(1, Outcome.Invalid)]
    [InlineData(40, Outcome.Fail)]
    public void A_cap_of_one_connection(int connections, Outcome expected)
    {
        // 2,000/s at 60 ms are 120 calls at once, and 100 may be: with one connection that is our doing, with 40 the target's.
        RunRecord run = Minute.Run(clock => new VirtualLane(clock, 0) { ServiceOf = _ => 60 * MsNs, MaxStreams = 100 });
        RunVerdict verdict = Judge.Decide(run with { Summary = run.Summary with { Driver = run.Summary.Driver with { Connections = connections } } });
        Broken(verdict).ShouldBe(connections == 1 ? ["V8"] : []);
        verdict.Outcome.ShouldBe(expected);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_step_of_the_clock_voids_everything(bool slow)
    {
        RunRecord run = Run(slow);
        RunVerdict verdict = Judge.Decide(run with { Summary = run.Summary with { Health = run.Summary.Health with { WallSeconds = 61, ClockDriftNs = 0, ClockStepNs = 50 * MsNs } } });
        Broken(verdict).ShouldBe(["V10"]);
        verdict.Outcome.ShouldBe(Outcome.Invalid);
    }

    [Theory]
    [InlineData(false, 0, Outcome.Pass)]
    [InlineData(true, 0, Outcome.Fail)]
    [InlineData(false, 3, Outcome.Invalid)]
    public void The_targets_own_host(bool slow, int lateEvery, Outcome expected)
    {
        // Sharing a host voids nothing; a FAIL that rests on the seconds in which threads were held up does not stand.
        RunRecord run = WithLateStamps(Run(slow), lateEvery);
        run = run with { Summary = run.Summary with { Target = run.Summary.Target with { SameHost = true } } };
        RunVerdict verdict = Judge.Decide(Conditioned(run, s => s % 3 == 0, h => h with { HiccupMaxNs = 30 * MsNs }, ticksLate: 0));
        Broken(verdict).ShouldBeEmpty();
        verdict.Outcome.ShouldBe(expected);
        verdict.Limits.ShouldContain(l => l.StartsWith("Not a deployment claim", StringComparison.Ordinal));
    }

    [Fact]
    public void An_overload_stands_though_the_generator_shares_the_host()
    {
        RunRecord run = Minute.Run(clock => new VirtualLane(clock, MsNs)); // 1,000/s can be served
        RunVerdict verdict = Judge.Decide(run with { Summary = run.Summary with { Target = run.Summary.Target with { SameHost = true } } });
        verdict.Outcome.ShouldBe(Outcome.Fail);
    }

    /// <summary>Threads held up for 30 ms just as an overload begins must not excuse what the overload does in the minute after.</summary>
    [Fact]
    public void A_hiccup_as_an_overload_begins_excuses_no_more_than_its_own_catching_up()
    {
        RunRecord run = Minute.Run(clock => new VirtualLane(clock, MsNs));
        RunVerdict verdict = Judge.Decide(Conditioned(
            run with { Summary = run.Summary with { Target = run.Summary.Target with { SameHost = true } } }, s => s == 0, h => h with { HiccupMaxNs = 30 * MsNs }));
        verdict.Outcome.ShouldBe(Outcome.Fail);
    }

    [Fact]
    public void A_calibration_that_fits_holds_and_its_want_bars_the_certificate_alone()
    {
        RunRecord run = Run(slow: false);
        var calibration = new Calibration("here", "test", "virtual", DateTimeOffset.UnixEpoch, 1.2 * PerSecond, 4_000, 0, MsNs / 10, MsNs, 3 * MsNs, 12 * MsNs, MsNs, 500_000);
        ValidityCheck V12(Calibration? c) => Judge.Decide(run with { Summary = run.Summary with { Calibration = c } }).Checks.Single(v => v.Id == "V12");
        V12(calibration).Holds.ShouldBeTrue();
        V12(calibration with { ResponseP9999Ns = 21 * MsNs }).Holds.ShouldBeFalse("a tenth of 200 ms");
        V12(calibration with { RatePerSecond = 1.1 * PerSecond }).Holds.ShouldBeFalse("at least 1.2 times the peak");
        V12(null).Consequence.ShouldBe(CheckConsequence.BarsCertificate);
        Judge.Decide(run).Outcome.ShouldBe(Outcome.Pass);
    }

    private static RunRecord Run(bool slow) => Minute.Run(clock => new VirtualLane(clock, 0) { ServiceOf = Target(slow) });

    /// <summary>One call in a hundred takes 450 ms, or none.</summary>
    private static Func<int, long> Target(bool slow) => i => slow && i % 100 == 0 ? 450 * MsNs : 20 * MsNs;

    /// <summary>In every so-many-th second twenty ends are stamped so late that the calls count as bad.</summary>
    private static RunRecord WithLateStamps(RunRecord run, int everySeconds)
    {
        for (int second = 0; everySeconds > 0 && second < Seconds; second += everySeconds)
        {
            run.Cells[second * 10 + 4, 0, 0, ThresholdField.Bad] += 20;
            run.Cells[second * 10 + 4, 0, 0, ThresholdField.BadFromDispatch] += 20;
        }

        return run;
    }

    private static RunRecord Conditioned(RunRecord run, Func<int, bool> where, Func<HostSecond, HostSecond> fault, int ticksLate = 40)
    {
        HostSecond[] seconds = [.. Enumerable.Range(0, Seconds)
            .Select(s => new HostSecond(s * SecondNs, (s + 1) * SecondNs, MsNs, 0, 0, 0.2, 0, 0, 0))
            .Select((h, s) => where(s) ? fault(h) : h)];
        Histogram ticks = RecordingPlan.NewHistogram();
        ticks.Record(MsNs / 10, Seconds * 1_000);
        foreach (HostSecond second in seconds.Where(h => h.HiccupMaxNs > MsNs && ticksLate > 0))
        {
            ticks.Record(second.HiccupMaxNs, ticksLate);
        }

        return run with { Host = seconds, Hiccups = ticks };
    }

    private static string[] Broken(RunVerdict verdict) =>
        [.. verdict.Checks.Where(c => !c.Holds && c.Consequence != CheckConsequence.BarsCertificate).Select(c => c.Id).Order()];
}
