using SpikeBench.Target.Capacity;

namespace SpikeBench.Tests.Target.Capacity;

public sealed class SlotPlanTests
{
    [Fact]
    public void Plan_reads_a_shared_pool_and_pools_by_class()
    {
        SlotPlan plan = SlotPlan.Parse("8,login=2");
        plan.Shared.ShouldBe(8);
        plan.Own.ShouldBe(new Dictionary<OperationClass, int> { [OperationClass.Login] = 2 });
        SlotPlan.Parse("0").IsEmpty.ShouldBeTrue();
    }

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("-1")]
    [InlineData("8,upload=2")]
    [InlineData("login=0")]
    public void Plan_that_makes_no_sense_is_refused(string text) => Should.Throw<FormatException>(() => SlotPlan.Parse(text));

    [Fact]
    public void Order_names_each_class_at_most_once()
    {
        SlotPlan.ParseOrder("send,login").ShouldBe([OperationClass.Send, OperationClass.Login]);
        Should.Throw<FormatException>(() => SlotPlan.ParseOrder("send,send"));
    }
}
