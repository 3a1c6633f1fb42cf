using SpikeBench.Core.Engine;
using SpikeBench.Core.Recording;
using SpikeBench.Core.Schedule;
using SpikeBench.Grpc;
using SpikeBench.Grpc.Http;

namespace SpikeBench.IntegrationTests.Grpc;

/// <summary>The same schedule through both drivers: where the target decides by the payload, the books must be the same.</summary>
public sealed class DriverAgreementTests
{
    private const long SecondNs = 1_000_000_000;
    private const long DeadlineNs = 20 * SecondNs;

    // Every fourth payload is an error of its own; two operations never get a gRPC answer, and one never any.
    private static readonly PlannedOperation[] Operations =
    [
        new("decide", "/test.Target/Decide", [.. Pool(i => i % 4 == 0 ? (byte)(1 + i / 4 % 16) : (byte)0)]),
        new("refused", "/test.Target/Refuse", [.. Pool(_ => 0)]),
        new("not grpc", "/test.Target/NotGrpc", [.. Pool(_ => 0)]),
        new("missing", "/test.Target/Missing", [.. Pool(_ => 0)]),
    ];

    [Fact]
    public async Task Both_drivers_book_the_same_outcomes_on_the_same_schedule()
    {
        await using KestrelTarget target = await KestrelTarget.StartAsync();
        RunBooks raw = await RunAsync(new RawDriver(), target.Address);
        RunBooks http = await RunAsync(new HttpDriver(), target.Address);

        raw.Offered.ToString().ShouldBe(http.Offered.ToString(), "the same calls were offered");
        raw.Errors.ShouldBe(http.Errors);
        raw.Errors.Sum().ShouldBePositive();
        foreach (CellField field in new[] { CellField.Planned, CellField.Ok, CellField.Error, CellField.TimedOut, CellField.Outstanding, CellField.NotSentGuard })
        {
            for (int operation = 0; operation < Operations.Length; operation++)
            {
                Sum(raw, operation, field).ShouldBe(Sum(http, operation, field), $"{Operations[operation].Name}: {field}");
            }
        }
    }

    private static long Sum(RunBooks books, int operation, CellField field) => books.Cells.Sum(0, books.Cells.Grid.Count, operation, field);

    private static async Task<RunBooks> RunAsync(IDriver driver, Uri target)
    {
        const int Slots = 2048;
        var curve = new RateCurve([new ConstantRate(200, 3 * SecondNs)]);
        var plan = new LoadPlan(new ArrivalSchedule(curve, ArrivalKind.Poisson, 7), [new Phase("only", 0, 3 * SecondNs)], [6, 1, 1, 1]);
        var recorder = new RunRecorder(new RecordingPlan(plan.Phases, plan.Operations, [], DeadlineNs, DeadlineNs), 1);
        await using (driver)
        {
            await driver.PrepareAsync(LaneRunner.Plan(target, connections: 3, Slots, Operations), CancellationToken.None);
            var clock = new MonotonicClock();
            var options = new EngineOptions { T0Ns = clock.NowNs, DeadlineNs = DeadlineNs, DrainNs = DeadlineNs, SlotsPerWorker = Slots };
            await new LoadEngine(options, plan, driver, clock, recorder).RunAsync(CancellationToken.None);
        }

        return recorder.Close();
    }

    private static IEnumerable<byte[]> Pool(Func<int, byte> first) => Enumerable.Range(0, LoadPlan.PoolSize).Select(i => (byte[])[first(i), 1, 2, 3]);
}
