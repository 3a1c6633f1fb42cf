using SpikeBench.Cli.Metrics;
using SpikeBench.Core;
using SpikeBench.Core.Engine;
using SpikeBench.Core.Recording;
using SpikeBench.Core.Schedule;
using SpikeBench.Histograms;

namespace SpikeBench.Tests.Cli;

public sealed class OtlpTests
{
    private const long MsNs = 1_000_000;
    private const long SecondNs = 1_000_000_000;

    [Theory]
    [InlineData(1.0, -1)] // (b^-1, 1]
    [InlineData(1.0000001, 0)]
    [InlineData(2.0, 15)]
    [InlineData(0.5, -17)]
    [InlineData(0.001, -160)]
    public void Buckets_are_open_below_and_closed_above(double seconds, int index) => ExponentialBuckets.IndexOf(seconds).ShouldBe(index);

    [Fact]
    public void Buckets_hold_every_count_near_where_it_was()
    {
        Histogram histogram = RecordingPlan.NewHistogram();
        for (int i = 1; i <= 1_000; i++)
        {
            histogram.Record(i * MsNs);
        }

        histogram.Record(0);
        var buckets = new ExponentialBuckets();
        buckets.Add(histogram);
        buckets.Add(histogram);
        buckets.Count.ShouldBe(2_002);
        buckets.Counts.Sum().ShouldBe(2_002 - buckets.Zeros);
        buckets.SumSeconds.ShouldBe(2 * 500.5, 2);
        long upToHalf = buckets.Counts.Take(ExponentialBuckets.IndexOf(0.5) - buckets.Offset + 1).Sum();
        (upToHalf + buckets.Zeros).ShouldBeInRange(1_000, 1_008);
    }

    [Fact]
    public void Protocol_buffers_are_written_as_the_specification_shows()
    {
        // protobuf.dev, encoding: field 1 varint 150, field 2 "testing", and a message of the first as field 3.
        new ProtoWriter().Varint(1, 150).ToArray().ShouldBe([0x08, 0x96, 0x01]);
        new ProtoWriter().Text(2, "testing").ToArray().ShouldBe([0x12, 0x07, 0x74, 0x65, 0x73, 0x74, 0x69, 0x6e, 0x67]);
        new ProtoWriter().Message(3, new ProtoWriter().Varint(1, 150)).ToArray().ShouldBe([0x1a, 0x03, 0x08, 0x96, 0x01]);
        new ProtoWriter().Packed(6, [3, 270, 86942]).ToArray().ShouldBe([0x32, 0x06, 0x03, 0x8E, 0x02, 0x9E, 0xA7, 0x05]);
        new ProtoWriter().ZigZag(1, -1).ZigZag(1, 1).ZigZag(1, -64).ToArray().ShouldBe([0x08, 1, 0x08, 2, 0x08, 127]);
    }

    [Fact]
    public void Counts_grow_to_the_books_whichever_cells_were_settled_before()
    {
        var plan = new RecordingPlan([new Phase("all", 0, 60 * SecondNs)], 1, [], 2 * SecondNs, SecondNs);
        var recorder = new RunRecorder(plan, 1);
        var counts = new CallCounts(recorder, plan);
        for (int second = 0; second < 60; second++)
        {
            var arrival = new Arrival(second, second * SecondNs, 0, 0, 0);
            recorder.ForWorker(0).Took(arrival);
            recorder.ForWorker(0).Dispatched(arrival, arrival.IntendedNs);
            if (second > 0)
            {
                var before = new Arrival(second - 1, (second - 1) * SecondNs, 0, 0, 0);
                recorder.ForWorker(0).Ended(new UserOp { Arrival = before }, new CallEvent(0, EventKind.Ended, 0, Failure.None, second * SecondNs, -1, 0));
            }

            counts.Read(second * SecondNs + 1);
            counts[0, 0, CellField.Sent].ShouldBe(second + 1);
            counts[0, 0, CellField.Ok].ShouldBe(second);
        }

        recorder.ForWorker(0).Outstanding(new UserOp { Arrival = new Arrival(59, 59 * SecondNs, 0, 0, 0) });
        counts.ReadAll();
        counts[0, 0, CellField.Outstanding].ShouldBe(1);
        counts[0, 0, CellField.Ok].ShouldBe(59);
    }

    [Theory]
    [InlineData("http://127.0.0.1:4318", "http://127.0.0.1:4318/v1/metrics")]
    [InlineData("https://collector.example/otlp/v1/metrics", "https://collector.example/otlp/v1/metrics")]
    public void An_address_without_a_path_gets_the_usual_one(string text, string address) => OtlpAddress.Parse(text).ToString().ShouldBe(address);

    [Theory]
    [InlineData("127.0.0.1:4318")]
    [InlineData("grpc://127.0.0.1:4317")]
    [InlineData("http://me:secret@127.0.0.1:4318")]
    public void Another_address_is_refused_and_its_secrets_kept(string text) =>
        Should.Throw<UsageException>(() => OtlpAddress.Parse(text)).Message.ShouldNotContain("secret");
}
