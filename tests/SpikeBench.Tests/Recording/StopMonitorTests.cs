using SpikeBench.Core.Engine;
using SpikeBench.Core.Profiles;
using SpikeBench.Core.Recording;
using SpikeBench.Core.Schedule;

namespace SpikeBench.Tests.Recording;

public sealed class StopMonitorTests
{
    private const long MsNs = 1_000_000;
    private const long SecondNs = 1_000_000_000;

    private static readonly RecordingPlan Plan = new([new Phase("before", 0, 5 * SecondNs), new Phase("spike", 5 * SecondNs, 20 * SecondNs)], 2, [200 * MsNs], SecondNs, SecondNs);

    private readonly RunRecorder _recorder = new(Plan, 1);
    private int _index;

    [Fact]
    public void Too_many_errors_in_the_window_stop_and_say_what_was_seen()
    {
        Calls(5 * SecondNs, 200, operation: 0, Failure.None, 10 * MsNs);
        Calls(6 * SecondNs, 201, operation: 0, Failure.Status, 10 * MsNs);
        Check(new StopRule("spike", "send", 0.5, null, 10 * SecondNs, 0, 100, "errors > 50%"), 8 * SecondNs)
            .ShouldBe("stop_if errors > 50% of send in spike: 201 of 401 calls of the 10 s before 8 s were bad");
        Check(new StopRule("spike", "login", 0.5, null, 10 * SecondNs, 0, 1, "errors > 50%"), 8 * SecondNs).ShouldBeNull();
        Check(new StopRule("before", "*", 0.5, null, 10 * SecondNs, 0, 1, "errors > 50%"), 8 * SecondNs).ShouldBeNull();
    }

    [Fact]
    public void What_lies_before_the_window_is_forgotten()
    {
        Calls(6 * SecondNs, 300, operation: 0, Failure.Timeout, SecondNs);
        Calls(10 * SecondNs, 300, operation: 0, Failure.None, 10 * MsNs);
        var rule = new StopRule("*", "*", 0.4, null, 3 * SecondNs, 0, 100, "errors > 40%");
        Check(rule, 8 * SecondNs).ShouldNotBeNull();
        Check(rule, 12 * SecondNs).ShouldBeNull();
    }

    [Fact]
    public void A_rule_sleeps_through_its_delay_and_while_there_are_too_few_calls()
    {
        Calls(5 * SecondNs, 50, operation: 0, Failure.Status, 10 * MsNs);
        Check(new StopRule("spike", "*", 0.5, null, 10 * SecondNs, 2 * SecondNs, 10, "errors > 50%"), 6 * SecondNs).ShouldBeNull();
        Check(new StopRule("spike", "*", 0.5, null, 10 * SecondNs, 2 * SecondNs, 10, "errors > 50%"), 8 * SecondNs).ShouldNotBeNull();
        Check(new StopRule("spike", "*", 0.5, null, 10 * SecondNs, 0, 51, "errors > 50%"), 8 * SecondNs).ShouldBeNull();
    }

    [Fact]
    public void A_target_that_answers_nothing_is_seen_before_its_calls_time_out()
    {
        var rule = new StopRule("*", "*", 0.01, 200 * MsNs, 10 * SecondNs, 0, 100, "p99 > 200ms");
        for (int i = 0; i < 200; i++)
        {
            Dispatch(new Arrival(_index++, 6 * SecondNs, 0, 0, 1));
        }

        Check(rule, 6 * SecondNs + 250 * MsNs).ShouldBeNull("the cell's last call is not overdue yet");
        Check(rule, 6 * SecondNs + 300 * MsNs).ShouldBe("stop_if p99 > 200ms: 200 of 200 calls of the 10 s before 6.3 s were bad");
    }

    [Fact]
    public void Slow_calls_count_and_what_the_generator_did_not_send_does_not()
    {
        var rule = new StopRule("*", "*", 0.01, 200 * MsNs, 10 * SecondNs, 0, 100, "p99 > 200ms");
        Calls(6 * SecondNs, 500, operation: 0, Failure.None, 100 * MsNs);
        for (int i = 0; i < 500; i++)
        {
            var arrival = new Arrival(_index++, 6 * SecondNs, 0, 0, 1);
            _recorder.ForWorker(0).Took(arrival);
            _recorder.ForWorker(0).NotSent(arrival, CellField.NotSentGuard);
        }

        Check(rule, 8 * SecondNs).ShouldBeNull();
        Calls(7 * SecondNs, 6, operation: 0, Failure.None, 201 * MsNs);
        Check(rule, 8 * SecondNs).ShouldBe("stop_if p99 > 200ms: 6 of 506 calls of the 10 s before 8 s were bad");
    }

    private string? Check(StopRule rule, long nowNs) => new StopMonitor([rule], Plan, ["send", "login"], _recorder).Check(nowNs);

    private void Calls(long intendedNs, int count, int operation, Failure failure, long tookNs)
    {
        for (int i = 0; i < count; i++)
        {
            var arrival = new Arrival(_index++, intendedNs, operation, 0, intendedNs < 5 * SecondNs ? 0 : 1);
            Dispatch(arrival);
            byte status = failure == Failure.None ? GrpcStatus.Ok : GrpcStatus.Unavailable;
            _recorder.ForWorker(0).Ended(new UserOp { Arrival = arrival, DispatchedNs = intendedNs }, new CallEvent(0, EventKind.Ended, status, failure, intendedNs + tookNs, -1, 0));
        }
    }

    private void Dispatch(Arrival arrival)
    {
        _recorder.ForWorker(0).Took(arrival);
        _recorder.ForWorker(0).Dispatched(arrival, arrival.IntendedNs);
    }
}
