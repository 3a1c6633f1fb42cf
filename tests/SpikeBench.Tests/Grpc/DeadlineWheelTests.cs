using FsCheck;
using FsCheck.Fluent;
using SpikeBench.Grpc.Calls;

namespace SpikeBench.Tests.Grpc;

public sealed class DeadlineWheelTests
{
    private const int Slots = 50;

    [Fact]
    public void Deadlines_fire_never_early_and_never_after_a_look_whatever_comes()
        => Prop.ForAll<(byte Slot, byte Action, int Number)[]>(steps =>
        {
            var wheel = new DeadlineWheel(Slots);
            wheel.Restart(1_000);
            var model = new Dictionary<int, long>();
            long now = 1_000;
            foreach ((byte s, byte action, int number) in steps)
            {
                int slot = s % Slots;
                long number64 = Math.Abs((long)number);
                switch (action % 4)
                {
                    case 0 when !model.ContainsKey(slot):
                        // From behind us to several rounds ahead.
                        long deadline = now - 1_000 + (number64 * 7_919_333 % 5_000_000_000);
                        wheel.Add(slot, deadline);
                        model.Add(slot, deadline);
                        break;
                    case 1:
                        wheel.Remove(slot);
                        model.Remove(slot);
                        break;
                    default:
                        now += number64 * 104_729 % (action % 4 == 2 ? 2_000_000 : 4_000_000_000);
                        Look(wheel, model, now);
                        break;
                }

                wheel.NextDueNs.ShouldBeLessThanOrEqualTo(model.Count == 0 ? long.MaxValue : model.Values.Min());
            }

            Look(wheel, model, now + 6_000_000_000);
            model.ShouldBeEmpty();
        }).QuickCheckThrowOnFailure();

    private static void Look(DeadlineWheel wheel, Dictionary<int, long> model, long now)
    {
        int[] due = [.. model.Where(e => e.Value <= now).Select(e => e.Key).Order()];
        List<int> fired = [];
        while (wheel.TryTakeExpired(now, out int slot))
        {
            fired.Add(slot);
            model.Remove(slot);
        }

        fired.Order().ShouldBe(due);
    }

    [Fact]
    public void Next_look_is_the_earliest_deadline_when_it_is_in_the_current_bucket()
    {
        var wheel = new DeadlineWheel(4);
        wheel.Restart(0);
        wheel.Add(0, 500);
        wheel.Add(1, 400);
        wheel.NextDueNs.ShouldBe(400);
        wheel.TryTakeExpired(450, out int first).ShouldBeTrue();
        first.ShouldBe(1);
        wheel.TryTakeExpired(450, out _).ShouldBeFalse();
        wheel.NextDueNs.ShouldBe(500);
    }
}
