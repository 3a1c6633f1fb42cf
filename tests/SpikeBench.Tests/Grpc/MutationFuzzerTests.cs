namespace SpikeBench.Tests.Grpc;

public sealed class MutationFuzzerTests
{
    /// <summary>A million of them is a run of its own: <c>bench/SpikeBench.DriverBench fuzz</c>.</summary>
    private const int Mutations = 3_000;

    [Fact]
    public void Every_call_ends_once_when_the_servers_bytes_are_damaged()
    {
        var fuzzer = new MutationFuzzer(seed: 20200101);
        for (int i = 0; i < Mutations; i++)
        {
            fuzzer.Run();
        }

        // A fuzzer whose damage always or never matters tests little.
        fuzzer.Outcomes.Failed.ShouldBeGreaterThan(Mutations / 10);
        fuzzer.Outcomes.Survived.ShouldBeGreaterThan(Mutations / 10);
    }
}
