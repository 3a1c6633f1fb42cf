using FsCheck;
using FsCheck.Fluent;
using SpikeBench.Grpc.Http2;

namespace SpikeBench.Tests.Grpc;

public sealed class FlowWindowTests
{
    [Fact]
    public void Send_window_goes_below_zero_when_the_setting_shrinks_and_recovers_by_updates()
    {
        var window = new FlowWindow(100);
        window.Spend(80);
        window.TryAdd(-100).ShouldBeTrue();
        window.Available.ShouldBe(-80);
        window.TryAdd(81).ShouldBeTrue();
        window.Available.ShouldBe(1);
    }

    [Fact]
    public void Send_window_refuses_to_pass_its_largest_size()
    {
        var window = new FlowWindow(1);
        window.TryAdd(FlowWindow.Max).ShouldBeFalse();
        window.TryAdd(FlowWindow.Max - 1).ShouldBeTrue();
        window.Available.ShouldBe(FlowWindow.Max);
    }

    [Fact]
    public void Receive_window_refuses_what_the_peer_may_not_send()
    {
        var window = new ReceiveWindow(1000);
        window.TryTake(400).ShouldBeTrue();
        window.TakeUpdate().ShouldBe(0, "less than half is used");
        window.TryTake(601).ShouldBeFalse();
        window.TryTake(600).ShouldBeTrue();
        window.TryTake(1).ShouldBeFalse();
        window.TakeUpdate().ShouldBe(1000);
        window.Available.ShouldBe(1000);
    }

    [Fact]
    public void Receive_window_gives_back_exactly_what_was_taken_whatever_comes()
        => Prop.ForAll<PositiveInt[]>(takes =>
        {
            const int Size = 5000;
            var window = new ReceiveWindow(Size);
            long taken = 0;
            long given = 0;
            foreach (PositiveInt take in takes)
            {
                int bytes = take.Get % 2400;
                window.TryTake(bytes).ShouldBeTrue("updates keep at least half of it open");
                taken += bytes;
                given += window.TakeUpdate();
                window.Available.ShouldBe((int)(Size - (taken - given)));
            }
        }).QuickCheckThrowOnFailure();
}
