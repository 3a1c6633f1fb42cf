using SpikeBench.Cli;

namespace SpikeBench.IntegrationTests.Cli;

/// <summary>The selftest as a user starts it.</summary>
public sealed class SelfTestTests
{
    [Fact]
    public async Task The_instrument_gives_every_known_answer_here()
    {
        (int code, string output, string error) = await SpikeBenchProcess.RunAsync("selftest");
        code.ShouldBe(ExitCodes.Pass, output + error);
        foreach (string part in new[] { "histogram", "Clopper-Pearson", "Korn-Graubard", "a second's stall, virtual", "a second's stall, sockets", "scheduling error", "null service" })
        {
            output.ShouldContain($"\n{part}\n");
        }

        output.ShouldNotContain("WRONG");
    }
}
