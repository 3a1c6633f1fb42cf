using System.Text.Json;
using SpikeBench.Core.Recording;

namespace SpikeBench.IntegrationTests.Target;

/// <summary>A target that is overloaded and answers all in time.</summary>
public sealed class TruthAgainstReportTests : TruthAgainstReport
{
    [Theory]
    [InlineData("memory")]
    [InlineData("sqlite")]
    public async Task Report_and_truth_agree_on_every_count_when_the_queue_refuses(string store)
    {
        // At most 48 calls are inside, 90 ms of work: nobody waits for five seconds.
        (RunRecord run, JsonElement truth) = await RunAsync("5s", "--store", store, "--queue", "40");
        ShouldAgree(run, truth).ShouldBe(0, "all were answered in time");
        Client(run, CellField.Error).ShouldBeGreaterThan(500, "eight seconds at 1.4 times the capacity");
        ShouldArriveBetweenSendingAndAnswering(run, truth);
        ShouldTakeNoLongerInsideThanOutside(run, truth);
    }
}

/// <summary>A target whose answers come too late for some; with neighbours on the processors they would for most.</summary>
[Collection(MachineToItself.Name)]
public sealed class TruthAgainstLateReportTests : TruthAgainstReport
{
    [Fact]
    public async Task Report_and_truth_differ_by_the_calls_whose_answer_came_too_late()
    {
        // Last in, first out: who does not get a slot at once waits under the others, past a deadline of 100 ms.
        (RunRecord run, JsonElement truth) = await RunAsync("100ms", "--store", "memory", "--queue", "100", "--order", "lifo");
        ShouldAgree(run, truth).ShouldBeGreaterThan(50, "a hundred places in the queue, and eight seconds to fill them");
        ShouldArriveBetweenSendingAndAnswering(run, truth);
        ShouldTakeNoLongerInsideThanOutside(run, truth);
    }
}
