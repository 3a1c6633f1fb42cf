using System.Buffers;
using System.IO.Compression;
using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using SpikeBench.Histograms;

namespace SpikeBench.Benchmarks.Histograms;

/// <summary>Encoding and decoding a histogram of 100,000 values, and taking an interval of 1,000.</summary>
[GroupBenchmarksBy(BenchmarkLogicalGroupRule.ByCategory)]
[CategoriesColumn]
public class CodecBenchmarks
{
    private readonly Fixture _data = new();
    private readonly ArrayBufferWriter<byte> _writer = new(64 * 1024);
    private readonly byte[] _buffer = new byte[64 * 1024 * 9];
    private readonly Recorder _recorder = new(1, Fixture.Hour, Fixture.Digits);
    private readonly RecorderHandle _handle;
    private readonly Histogram _total = new(1, Fixture.Hour, Fixture.Digits);
    private readonly TextbookRecorder _textbookRecorder = new(Fixture.NewTextbook);
    private readonly TextbookHistogram _textbookTotal = Fixture.NewTextbook();
    private readonly long[] _few;

    public CodecBenchmarks()
    {
        _handle = _recorder.CreateHandle();
        _few = _data.Values[..1000];
    }

    [Benchmark, BenchmarkCategory("encode plain")]
    public int Encode() => HistogramEncoder.Encode(_data.Ours, _buffer);

    [Benchmark(Baseline = true), BenchmarkCategory("encode plain")]
    public byte[] EncodeTextbook() => TextbookCodec.Encode(_data.Textbook, Fixture.Hour);

    [Benchmark, BenchmarkCategory("encode compressed")]
    public void EncodeCompressed()
    {
        _writer.ResetWrittenCount();
        HistogramEncoder.EncodeCompressed(_data.Ours, _writer);
    }

    [Benchmark, BenchmarkCategory("encode compressed")]
    public void EncodeCompressedFastest()
    {
        _writer.ResetWrittenCount();
        HistogramEncoder.EncodeCompressed(_data.Ours, _writer, CompressionLevel.Fastest);
    }

    [Benchmark(Baseline = true), BenchmarkCategory("encode compressed")]
    public byte[] EncodeCompressedTextbook() => TextbookCodec.EncodeCompressed(_data.Textbook, Fixture.Hour);

    [Benchmark, BenchmarkCategory("decode compressed")]
    public Histogram Decode() => HistogramDecoder.Decode(_data.Encoded);

    [Benchmark(Baseline = true), BenchmarkCategory("decode compressed")]
    public long DecodeTextbook() => TextbookCodec.DecodeCompressed(_data.Encoded).TotalCount;

    [Benchmark, BenchmarkCategory("interval")]
    public void Interval()
    {
        Loops.Record(_handle, _few);
        _recorder.TakeInterval(_total);
    }

    [Benchmark(Baseline = true), BenchmarkCategory("interval")]
    public void IntervalTextbook()
    {
        Loops.Record(_textbookRecorder, _few);
        _textbookTotal.Add(_textbookRecorder.TakeInterval());
    }
}
