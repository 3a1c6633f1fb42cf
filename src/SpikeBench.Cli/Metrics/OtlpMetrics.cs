using SpikeBench.Core.Recording;
using SpikeBench.Core.Schedule;
using SpikeBench.Histograms;

namespace SpikeBench.Cli.Metrics;

/// <summary>Whose metrics they are.</summary>
internal sealed record OtlpRun(string RunId, string Profile, string Tool, DateTimeOffset T0Utc, IReadOnlyList<Phase> Phases, IReadOnlyList<string> Operations);

/// <summary>
/// Turns merged intervals and exact counters into OTLP export requests (opentelemetry-proto, collector/metrics/v1), all cumulative from
/// T0: a request that is lost costs resolution, never counts. Names are a contract; they stand in docs/metrics.md.
/// </summary>
internal sealed class OtlpMetrics(OtlpRun run, RunRecorder recorder, RecordingPlan plan, Func<HostSecond?> host, Action<byte[]> post) : IIntervalObserver
{
    private const int Cumulative = 2; // AGGREGATION_TEMPORALITY_CUMULATIVE

    private static readonly (string Outcome, CellField[] Fields)[] Outcomes =
    [
        ("ok", [CellField.Ok]),
        ("error", [CellField.Error]),
        ("timed_out", [CellField.TimedOut]),
        ("outstanding", [CellField.Outstanding]),
        ("not_sent", [CellField.NotSentGuard, CellField.NotSentStopped]),
    ];

    private readonly ExponentialBuckets[] _times = [.. Enumerable.Range(0, plan.HistogramCount).Select(_ => new ExponentialBuckets())];
    private readonly CallCounts _calls = new(recorder, plan);
    private readonly ulong _startUnixNs = (ulong)(run.T0Utc - DateTimeOffset.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick;
    private ulong _nowUnixNs;
    private long _lastNs;

    public void Saw(int phase, int operation, TimeKind kind, Histogram histogram) => _times[plan.HistogramIndex(phase, operation, kind)].Add(histogram);

    public void Ended(long startNs, long endNs)
    {
        _calls.Read(endNs);
        Export(endNs);
    }

    /// <summary>The run is over: its books, to the last call.</summary>
    public void Close()
    {
        _calls.ReadAll();
        Export(_lastNs);
    }

    private void Export(long atNs)
    {
        _lastNs = atNs;
        _nowUnixNs = _startUnixNs + (ulong)atNs;
        var scope = new ProtoWriter().Message(1, new ProtoWriter().Text(1, "spikebench"));
        scope.Message(2, Sum("spikebench.calls.planned", "Calls of the plan that the generator came to.", Points(CellField.Planned)));
        scope.Message(2, Sum("spikebench.calls.sent", "Calls handed to the driver.", Points(CellField.Sent)));
        scope.Message(2, Sum("spikebench.calls.ended", "Calls by how they ended.", EndedPoints()));
        scope.Message(2, Times("spikebench.response.duration", "Ended minus intended, of OK calls.", TimeKind.Response));
        scope.Message(2, Times("spikebench.service.duration", "Ended minus on wire, of OK calls.", TimeKind.Service));
        scope.Message(2, Times("spikebench.lateness.duration", "Dispatched minus intended, of every call sent.", TimeKind.Lateness));
        if (host() is { } second)
        {
            scope.Message(2, Gauge("spikebench.generator.cpu.utilization", "The generator's share of the cores that it may use.", second.ProcessCpuShare));
            if (second.StealShare is { } steal)
            {
                scope.Message(2, Gauge("spikebench.generator.steal", "The share of those cores' time that the hypervisor gave to others.", steal));
            }
        }

        var resource = new ProtoWriter()
            .Message(1, Attribute("service.name", "spikebench"))
            .Message(1, Attribute("service.version", run.Tool))
            .Message(1, Attribute("spikebench.run.id", run.RunId))
            .Message(1, Attribute("spikebench.profile", run.Profile));
        post(new ProtoWriter().Message(1, new ProtoWriter().Message(1, resource).Message(2, scope)).ToArray());
    }

    private IEnumerable<ProtoWriter> Points(CellField field) =>
        Places().Select(p => Number(_calls[p.Phase, p.Operation, field], Place(p.Phase, p.Operation)));

    private IEnumerable<ProtoWriter> EndedPoints() =>
        from p in Places()
        from o in Outcomes
        select Number(o.Fields.Sum(f => _calls[p.Phase, p.Operation, f]), [.. Place(p.Phase, p.Operation), Attribute("spikebench.outcome", o.Outcome)]);

    private IEnumerable<(int Phase, int Operation)> Places() =>
        from p in Enumerable.Range(0, plan.Phases.Count) from o in Enumerable.Range(0, plan.Operations) select (p, o);

    // Metric: name = 1, description = 2, unit = 3, gauge = 5, sum = 7, exponential_histogram = 10.
    private static ProtoWriter Sum(string name, string about, IEnumerable<ProtoWriter> points)
    {
        var sum = new ProtoWriter();
        foreach (ProtoWriter point in points)
        {
            sum.Message(1, point);
        }

        return new ProtoWriter().Text(1, name).Text(2, about).Text(3, "{call}").Message(7, sum.Varint(2, Cumulative).Varint(3, 1));
    }

    private ProtoWriter Gauge(string name, string about, double value) => new ProtoWriter().Text(1, name).Text(2, about).Text(3, "1")
        .Message(5, new ProtoWriter().Message(1, new ProtoWriter().Fixed64(3, _nowUnixNs).Double(4, value)));

    private ProtoWriter Times(string name, string about, TimeKind kind)
    {
        var histogram = new ProtoWriter();
        foreach ((int phase, int operation) in Places())
        {
            ExponentialBuckets times = _times[plan.HistogramIndex(phase, operation, kind)];
            if (times.Count > 0)
            {
                histogram.Message(1, Distribution(times, Place(phase, operation)));
            }
        }

        return new ProtoWriter().Text(1, name).Text(2, about).Text(3, "s").Message(10, histogram.Varint(2, Cumulative));
    }

    // ExponentialHistogramDataPoint: attributes = 1, start = 2, time = 3, count = 4, sum = 5, scale = 6, zero_count = 7, positive = 8.
    private ProtoWriter Distribution(ExponentialBuckets times, IEnumerable<ProtoWriter> place)
    {
        var point = new ProtoWriter();
        foreach (ProtoWriter attribute in place)
        {
            point.Message(1, attribute);
        }

        return point
            .Fixed64(2, _startUnixNs)
            .Fixed64(3, _nowUnixNs)
            .Fixed64(4, (ulong)times.Count)
            .Double(5, times.SumSeconds)
            .ZigZag(6, ExponentialBuckets.Scale)
            .Fixed64(7, (ulong)times.Zeros)
            .Message(8, new ProtoWriter().ZigZag(1, times.Offset).Packed(2, times.Counts));
    }

    // NumberDataPoint: start = 2, time = 3, as_int = 6, attributes = 7.
    private ProtoWriter Number(long value, IEnumerable<ProtoWriter> attributes)
    {
        var point = new ProtoWriter().Fixed64(2, _startUnixNs).Fixed64(3, _nowUnixNs).Fixed64(6, (ulong)value);
        foreach (ProtoWriter attribute in attributes)
        {
            point.Message(7, attribute);
        }

        return point;
    }

    private ProtoWriter[] Place(int phase, int operation) =>
        [Attribute("spikebench.phase", run.Phases[phase].Name), Attribute("spikebench.operation", run.Operations[operation])];

    private static ProtoWriter Attribute(string key, string value) => new ProtoWriter().Text(1, key).Message(2, new ProtoWriter().Text(1, value));
}
