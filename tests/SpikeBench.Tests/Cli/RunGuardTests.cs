using System.Text;
using SpikeBench.Cli;
using SpikeBench.Cli.Commands;
using SpikeBench.Cli.Running;
using SpikeBench.Core;
using SpikeBench.Core.Engine;
using SpikeBench.Core.Recording;
using SpikeBench.Core.Schedule;

namespace SpikeBench.Tests.Cli;

/// <summary>What is found out before a load begins, and what two signals do.</summary>
public sealed class RunGuardTests : IDisposable
{
    private static readonly DateTimeOffset Now = new(2026, 12, 31, 14, 30, 0, TimeSpan.Zero);

    private readonly string _folder = Directory.CreateTempSubdirectory("spikebench-test-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Runs_that_begin_in_the_same_second_get_folders_of_their_own()
    {
        var folders = new string[16];
        Parallel.For(0, folders.Length, i => folders[i] = ResultFolders.Create(_folder, "p", Now));

        folders.ShouldBeUnique();
        folders.ShouldAllBe(f => File.Exists(Path.Combine(f, "run.lock")));
        folders.ShouldContain(Path.Combine(_folder, "p-20261231-143000"));
    }

    [Fact]
    public void A_disk_without_room_for_the_result_is_refused_before_the_run()
    {
        long bytes = ResultFolders.BytesFor(new RecordingPlan([new Phase("all", 0, 112_000_000_000)], 2, [200_000_000], 2_000_000_000, 1_000_000_000));
        bytes.ShouldBeInRange(4_000_000, 20_000_000);

        Should.NotThrow(() => ResultFolders.RequireSpace("out/run", bytes, _ => bytes));
        Should.Throw<UsageException>(() => ResultFolders.RequireSpace("out/run", bytes, _ => 123_456)).Message
            .ShouldMatch(@"^results cannot be written to out: 0\.1 MB are free, a run like this writes up to [\d.]+ MB\. Free some, or give another folder with --out\.$");
    }

    [Theory]
    [InlineData("Max open files            1024                 524288               files\n", 1024)]
    [InlineData("Max open files            unlimited            unlimited            files\n", null)]
    [InlineData(null, null)]
    public void The_limit_of_open_files_is_read_from_the_system(string? limits, int? expected) => LoadLimits.OpenFiles(limits).ShouldBe(expected);

    [Fact]
    public void More_connections_than_files_are_refused_with_the_way_out()
    {
        Should.NotThrow(() => LoadLimits.RequireConnections(800, 1024));
        Should.NotThrow(() => LoadLimits.RequireConnections(1_000_000, null));
        Should.Throw<UsageException>(() => LoadLimits.RequireConnections(17_143, 1024)).Message
            .ShouldBe("17,143 connections are needed, and this process may open 1,024 files: raise the limit (ulimit -n 17343), or set client.connections");
    }

    [Fact]
    public void A_method_that_the_target_lacks_is_found_out_in_the_warm_up()
    {
        const int unimplemented = 12;
        string[] calls = ["a.B/C", "a.B/D"];
        var target = new Uri("http://joe:secret@127.0.0.1:5000");

        WarmUpWatch.Verdict(Books((0, 0), (1, unimplemented), (1, unimplemented)), calls, target)!.Message
            .ShouldBe("http://***@127.0.0.1:5000/ answered UNIMPLEMENTED to every warm-up call of a.B/D: it does not have that method. "
                + "Check the operation's call and the address; nothing of the load was offered.");
        WarmUpWatch.Verdict(Books((0, 0), (1, 0), (1, unimplemented)), calls, target).ShouldBeNull("some were answered");
        WarmUpWatch.Verdict(Books((0, 0), (1, 14)), calls, target).ShouldBeNull("a target that is down may come up");
    }

    [Fact]
    public void A_warm_up_in_which_every_call_of_an_operation_ended_alike_is_told_with_the_targets_words()
    {
        const int invalidArgument = 3;
        string?[] words = new string?[GrpcStatus.BookedCount];
        words[invalidArgument] = "sender is\u001b empty";

        WarmUpWatch.Warning(Books((0, invalidArgument), (0, invalidArgument), (1, 0)), ["send", "login"], words)
            .ShouldBe("warm-up calls failed: all 2 of send ended INVALID_ARGUMENT (\"sender is  empty\"). The load will fare likewise; if that is not what you test, look at what these calls send.");
        WarmUpWatch.Warning(Books((0, 14), (1, invalidArgument)), ["send", "login"], new string?[GrpcStatus.BookedCount])!
            .ShouldStartWith("warm-up calls failed: all 1 of send ended UNAVAILABLE; all 1 of login ended INVALID_ARGUMENT. ");
        WarmUpWatch.Warning(Books((0, 0), (0, invalidArgument)), ["send", "login"], words).ShouldBeNull("some were answered");
        WarmUpWatch.Warning(Books((0, 13), (0, invalidArgument)), ["send", "login"], words).ShouldBeNull("they ended in different ways");
        WarmUpWatch.Warning(Books(), ["send", "login"], words).ShouldBeNull("nothing was called");
    }

    [Fact]
    public void The_targets_first_words_with_a_status_are_heard_during_the_warm_up()
    {
        string?[] words = new string?[GrpcStatus.BookedCount];
        using var lane = new ListeningLane(new RefusingLane("sender is empty", "sender is still empty"), words);
        var events = new CallEvent[4];

        lane.Poll(0, events).ShouldBe(1);
        lane.Poll(0, events).ShouldBe(1);

        words[3].ShouldBe("sender is empty");
        words.Count(w => w is not null).ShouldBe(1);
    }

    [Fact]
    public void The_messenger_in_the_foreground_watches_an_input_that_the_tool_holds()
    {
        System.Diagnostics.ProcessStartInfo start = TargetCommand.StartOf(["--listen", "127.0.0.1:5000"]);
        start.RedirectStandardInput.ShouldBeTrue();
        start.ArgumentList.Skip(1).ShouldBe(["--parent-stdin", "--listen", "127.0.0.1:5000"]);
        TargetCommand.StartOf(["--seed", "1", "--parent-stdin"]).ArgumentList.Skip(1).ShouldBe(["--seed", "1", "--parent-stdin"]);
    }

    [Fact]
    public void The_first_signal_drains_and_the_second_leaves()
    {
        using var said = new StringWriter { NewLine = "\n" };
        var left = new List<int>();
        using var interrupts = new Interrupts(Patience.Drains, said, left.Add);

        interrupts.Signalled();
        left.ShouldBeEmpty();
        interrupts.First.IsCancellationRequested.ShouldBeTrue();
        interrupts.Signalled();
        interrupts.Signalled();

        left.ShouldBe([ExitCodes.Interrupted]);
        said.ToString().ShouldBe(
            "spikebench: interrupted: calls in flight are drained, then the result is written (again: leave at once)\n"
            + "spikebench: interrupted twice: left without draining; the run's folder holds the part that was kept\n");
    }

    [Fact]
    public void A_command_that_has_nothing_to_drain_leaves_at_the_first_signal()
    {
        var left = new List<int>();
        using var interrupts = new Interrupts(Patience.None, TextWriter.Null, left.Add);

        interrupts.Signalled();

        left.ShouldBe([ExitCodes.Interrupted]);
    }

    private static RunBooks Books(params (int Operation, int Status)[] ends)
    {
        var recorder = new RunRecorder(new RecordingPlan([new Phase("warm-up", 0, 1_000_000_000)], 2, [], 1_000_000_000, 1_000_000_000), 1);
        OutcomeRecorder worker = recorder.ForWorker(0);
        foreach ((int operation, int status) in ends)
        {
            var op = new UserOp { Arrival = new Arrival(0, 0, operation, 0, 0), DispatchedNs = 0, Attempts = 1 };
            worker.Took(op.Arrival);
            worker.Dispatched(op.Arrival, 0);
            worker.Ended(op, new CallEvent(0, EventKind.Ended, (byte)status, status == 0 ? Failure.None : Failure.Status, 1_000_000, -1, 0));
        }

        return recorder.Close();
    }

    /// <summary>Ends a call with INVALID_ARGUMENT at each poll, with other words each time.</summary>
    private sealed class RefusingLane(params string[] words) : ILane
    {
        private int _polls = -1;

        public StartResult TryStart(in CallStart call) => StartResult.Started;

        public void Cancel(int slot)
        {
        }

        public int Poll(long untilNs, Span<CallEvent> events)
        {
            _polls++;
            events[0] = new CallEvent(0, EventKind.Ended, 3, Failure.Status, 1, -1, 0);
            return 1;
        }

        public ReadOnlySpan<byte> Reply(in CallEvent e) => default;

        public ReadOnlySpan<byte> StatusMessage(in CallEvent e) => Encoding.UTF8.GetBytes(words[_polls]);

        public void Dispose()
        {
        }
    }
}
