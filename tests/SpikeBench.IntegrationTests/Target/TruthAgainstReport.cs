using System.Globalization;
using System.Text.Json;
using SpikeBench.Cli;
using SpikeBench.Core.Recording;
using SpikeBench.Histograms;
using SpikeBench.IntegrationTests.Cli;

namespace SpikeBench.IntegrationTests.Target;

/// <summary>
/// What a run reports and what the target saw, held against each other. Both count on their own; neither knows of the other.
/// </summary>
/// <remarks>
/// <para>Let S, K, E be the calls that the client sent, saw answered OK and saw refused, the warm-up's included, and T = S − K − E those
/// whose answer it did not get in time. Let R, k, e, d, c be the calls that the target received, answered OK, refused, and ended for
/// their deadline or their caller's leaving. Both books balance: S = K + E + T and R = k + e + d + c. Then</para>
/// <code>
/// T = (S − R) + (k − K) + (e − E) + d + c
///     never     OK, but   refused,   ended at
///     arrived   too late  too late   the target
/// </code>
/// <para>with no term below zero. Which of them a late call falls under cannot agree by construction: a deadline is a race, and an answer
/// on its way when the caller gives up is OK at one end and a time-out at the other. So with T = 0 every count is equal, and otherwise
/// each differs by at most T and all differences together make exactly T.</para>
/// </remarks>
public abstract class TruthAgainstReport : IDisposable
{
    private const long MsNs = 1_000_000;

    // The load starts at the lowest rate of a warm-up, so that 40 calls of it do not shift the percentiles of thousands.
    private const string Overload = """
        name: overload
        reference: {rate: 800/s, window: 1s, what: "1.4 times what 8 slots of 12 ms hold of this mix"}
        arrivals: even
        load:
          - hold: {rate: 0.025x, for: 1s, phase: before}
          - hold: {rate: 1x, for: 8s, phase: spike}
        operations:
          - {name: send, weight: 95, call: spikebench.messenger.v1.Messenger/Send, payload: {sender: "a", room: "${zipf 100 1.1}", text: "${greeting}"}}
          - {name: login, weight: 5, call: spikebench.messenger.v1.Messenger/Login, payload: {user: "a"}}
        client: {deadline: DEADLINE}
        slo:
          - {phase: spike, operation: send, p99: "<= 50ms"}
        claim: {text: "holds", scale: 1x}
        """;

    private static readonly string[] Methods = ["Send", "Login"];

    private readonly string _folder = Directory.CreateTempSubdirectory("spikebench-test-").FullName;

    public void Dispose()
    {
        Directory.Delete(_folder, recursive: true);
        GC.SuppressFinalize(this);
    }

    private protected async Task<(RunRecord Run, JsonElement Truth)> RunAsync(string deadline, params string[] flags)
    {
        string profile = Path.Combine(_folder, "overload.yaml");
        await File.WriteAllTextAsync(profile, Overload.Replace("DEADLINE", deadline, StringComparison.Ordinal));
        await using TargetRun target = await TargetRun.StartAsync(["--slots", "8", "--service", "12ms", .. flags]);
        (int code, string output, string error) = await SpikeBenchProcess.RunAsync(
            "run", profile, "--target", target.Address.ToString(), "--no-calibrate", "--out", _folder, "--quiet");
        code.ShouldBeOneOf([ExitCodes.Fail, ExitCodes.Inconclusive, ExitCodes.Invalid], output + error);
        RunRecord run = RunFolder.Read(Directory.GetDirectories(_folder).Single());
        (int exit, JsonElement truth) = await target.StopAsync();
        exit.ShouldBe(0);
        return (run, truth);
    }

    /// <summary>Checks the identities for each operation and gives back T of all.</summary>
    private protected static long ShouldAgree(RunRecord run, JsonElement truth)
    {
        long late = 0;
        long admitted = 0;
        long endedThere = 0;
        for (int operation = 0; operation < Methods.Length; operation++)
        {
            string name = run.Summary.Plan.Operations[operation];
            JsonElement target = truth.GetProperty("methods").GetProperty("spikebench.messenger.v1.Messenger/" + Methods[operation]);
            WarmUpSummary warmUp = run.Summary.WarmUp.ShouldNotBeNull();
            long sent = Client(run, CellField.Sent, operation) + warmUp.Sent[operation];
            long ok = Client(run, CellField.Ok, operation) + warmUp.Ok[operation];
            long refused = run.Summary.Errors.Where(e => e.Operation == name).Sum(e => e.Count);
            long tooLate = sent - ok - refused;
            tooLate.ShouldBe(
                Client(run, CellField.TimedOut, operation) + Client(run, CellField.Outstanding, operation) + warmUp.Sent[operation] - warmUp.Ok[operation],
                $"{name}: the client's books");
            run.Summary.Errors.ShouldAllBe(e => e.Status == "RESOURCE_EXHAUSTED");

            long received = target.GetProperty("received").GetInt64();
            long okThere = target.GetProperty("ok").GetInt64();
            long refusedThere = Rejected(target, "RESOURCE_EXHAUSTED");
            long ended = Rejected(target, "DEADLINE_EXCEEDED") + Rejected(target, "CANCELLED");
            (okThere + refusedThere + ended).ShouldBe(received, $"{name}: the target's books, and no other status: {target}");
            foreach ((string what, long difference) in (ReadOnlySpan<(string, long)>)
                [("never arrived", sent - received), ("OK too late", okThere - ok), ("refused too late", refusedThere - refused)])
            {
                difference.ShouldBeInRange(0, tooLate, $"{name}: {what}; {target}");
            }

            (sent - received + okThere - ok + refusedThere - refused + ended).ShouldBe(tooLate, $"{name}: {target}");
            late += tooLate;
            admitted += received - refusedThere;
            endedThere += ended;
        }

        // What the books of the calls say, the store and the model say too. Work goes on for callers who have left; only a call that
        // was ended while its request was still being read has never asked for a slot.
        truth.GetProperty("stored").GetInt64()
            .ShouldBe(truth.GetProperty("methods").GetProperty("spikebench.messenger.v1.Messenger/Send").GetProperty("ok").GetInt64());
        JsonElement pool = truth.GetProperty("pools").GetProperty("shared");
        pool.GetProperty("refused").GetInt64().ShouldBe(Rejected(truth, "RESOURCE_EXHAUSTED"));
        (pool.GetProperty("served").GetInt64() + pool.GetProperty("busy").GetInt64() + pool.GetProperty("queued").GetInt64())
            .ShouldBeInRange(admitted - endedThere, admitted);
        return late;
    }

    /// <summary>
    /// By the end of each of the target's 100 ms, it had received no more calls than had been sent, and no fewer than had been answered.
    /// </summary>
    /// <remarks>
    /// The two grids are each 100 ms wide but not in step, and each process tied its steady clock to the wall clock once, in two reads
    /// that a busy machine can pull apart. One cell of play on either side covers both.
    /// </remarks>
    private protected static void ShouldArriveBetweenSendingAndAnswering(RunRecord run, JsonElement truth)
    {
        CellTable cells = run.Cells;
        JsonElement arrivals = truth.GetProperty("arrivals_100ms");
        long t0Ms = run.Summary.T0Utc.ToUnixTimeMilliseconds();
        long endMs = arrivals.GetProperty("first_unix_ms").GetInt64();
        long received = 0;
        foreach (JsonElement count in arrivals.GetProperty("counts").EnumerateArray())
        {
            received += count.GetInt64();
            endMs += 100;
            long endNs = (endMs - t0Ms) * MsNs;
            if (endNs > 0)
            {
                long sent = run.Summary.WarmUp!.Sent.Sum() + Until(CellField.SentHere, endNs + CellGrid.CellNs, begun: true);
                long answered = run.Summary.WarmUp.Ok.Sum() + Until(CellField.OkHere, endNs - CellGrid.CellNs, begun: false);
                received.ShouldBeInRange(answered, sent, string.Create(CultureInfo.InvariantCulture, $"{endMs - t0Ms} ms after T0"));
            }
        }

        received.ShouldBe(truth.GetProperty("received").GetInt64(), "every arrival is in a cell");

        long Until(CellField field, long untilNs, bool begun)
        {
            int end = 0;
            while (end < cells.Grid.Count && (begun ? cells.Grid.Span(end).StartNs < untilNs : cells.Grid.Span(end).EndNs <= untilNs))
            {
                end++;
            }

            return cells.Sum(0, end, -1, field);
        }
    }

    /// <summary>
    /// The k-th shortest stay in the target is no longer than the k-th shortest service time of the client, for every percentile.
    /// </summary>
    /// <remarks>
    /// Why it holds whatever the machine does: the client's time runs from before the request is handed to the kernel until after the
    /// reply was read, so each OK call stays no longer inside than outside, and sorting keeps that. The target also served calls that
    /// the client has no OK of (warm-up, too late); more values can only lower its k-th. A histogram says the highest value of a
    /// slot, never less than what was recorded. The other way round there is no such bound: what the wire and the machine add is theirs.
    /// </remarks>
    private protected static void ShouldTakeNoLongerInsideThanOutside(RunRecord run, JsonElement truth)
    {
        Histogram client = RecordingPlan.NewHistogram();
        for (int index = (int)TimeKind.Service; index < run.Totals.Count; index += RecordingPlan.Kinds)
        {
            client.Add(run.Totals[index]);
        }

        client.TotalCount.ShouldBe(Client(run, CellField.Ok));
        run.Summary.Driver.KnowsOnWire.ShouldBeTrue();
        JsonElement pool = truth.GetProperty("pools").GetProperty("shared");
        long served = pool.GetProperty("served").GetInt64();
        var compared = new List<string>();
        foreach ((string name, long perMille) in (ReadOnlySpan<(string, long)>)[("p50", 500), ("p90", 900), ("p99", 990), ("p99.9", 999)])
        {
            long rank = ((perMille * served) + 999) / 1000;
            if (rank <= client.TotalCount)
            {
                // Half a rank below the wanted one: its ceiling is the rank itself, whatever the division rounds.
                long outside = client.ValueAtPercentile(100 * (rank - 0.5) / client.TotalCount);
                long inside = pool.GetProperty("sojourn_ns").GetProperty(name).GetInt64();
                inside.ShouldBeLessThanOrEqualTo(outside, name);
                pool.GetProperty("wait_ns").GetProperty(name).GetInt64().ShouldBeLessThanOrEqualTo(inside, name);
                pool.GetProperty("service_ns").GetProperty(name).GetInt64().ShouldBeLessThanOrEqualTo(inside, name);
                compared.Add(name);
            }
        }

        compared.ShouldContain("p50");
        compared.ShouldContain("p90");
    }

    private protected static long Client(RunRecord run, CellField field, int operation = -1) =>
        run.Cells.Sum(0, run.Cells.Grid.Count, operation, field);

    private static long Rejected(JsonElement outcomes, string status) =>
        outcomes.GetProperty("rejected").TryGetProperty(status, out JsonElement count) ? count.GetInt64() : 0;
}
