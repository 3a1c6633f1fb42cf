using BenchmarkDotNet.Attributes;
using SpikeBench.Histograms;

namespace SpikeBench.Benchmarks.Histograms;

/// <summary>One record by one thread, in each of the ways there are.</summary>
public class RecordBenchmarks
{
    private readonly Fixture _data = new();
    private readonly Histogram _histogram = new(1, Fixture.Hour, Fixture.Digits);
    private readonly TextbookHistogram _textbook = Fixture.NewTextbook();
    private readonly TextbookHistogram _textbookConcurrent = Fixture.NewTextbookConcurrent();
    private readonly TextbookRecorder _textbookRecorder = new(Fixture.NewTextbookConcurrent);
    private readonly Recorder _recorder = new(1, Fixture.Hour, Fixture.Digits);
    private readonly RecorderHandle _handle;

    public RecordBenchmarks() => _handle = _recorder.CreateHandle();

    [Benchmark(OperationsPerInvoke = Fixture.Batch)]
    public void Unshared() => Loops.Record(_histogram, _data.Values);

    [Benchmark(OperationsPerInvoke = Fixture.Batch)]
    public void UnsharedTextbook() => Loops.Record(_textbook, _data.Values);

    [Benchmark(OperationsPerInvoke = Fixture.Batch)]
    public void SharedArrayTextbook() => Loops.Record(_textbookConcurrent, _data.Values);

    [Benchmark(OperationsPerInvoke = Fixture.Batch)]
    public void RecorderByHandle() => Loops.Record(_handle, _data.Values);

    [Benchmark(OperationsPerInvoke = Fixture.Batch)]
    public void RecorderAnyThread() => Loops.Record(_recorder, _data.Values);

    [Benchmark(OperationsPerInvoke = Fixture.Batch, Baseline = true)]
    public void RecorderTextbook() => Loops.Record(_textbookRecorder, _data.Values);

    [Benchmark]
    public void CorrectedStall() => _histogram.RecordCorrected(10_000_000_000, 10_000);

    [Benchmark]
    public void CorrectedStallTextbook() => _textbook.RecordCorrected(10_000_000_000, 10_000);
}

/// <summary>Two threads record at once.</summary>
public class ContendedRecordBenchmarks
{
    private readonly Fixture _data = new();
    private readonly TwoThreads _threads = new();
    private readonly TextbookRecorder _textbook = new(Fixture.NewTextbookConcurrent);
    private readonly Recorder _recorder = new(1, Fixture.Hour, Fixture.Digits);
    private readonly RecorderHandle[] _handles;

    public ContendedRecordBenchmarks() => _handles = [_recorder.CreateHandle(), _recorder.CreateHandle()];

    [GlobalCleanup]
    public void Cleanup() => _threads.Stop();

    [Benchmark(OperationsPerInvoke = Fixture.Batch)]
    public void ByHandle() => _threads.Run(t => Loops.Record(_handles[t], _data.Values));

    [Benchmark(OperationsPerInvoke = Fixture.Batch)]
    public void AnyThread() => _threads.Run(_ => Loops.Record(_recorder, _data.Values));

    [Benchmark(OperationsPerInvoke = Fixture.Batch, Baseline = true)]
    public void Textbook() => _threads.Run(_ => Loops.Record(_textbook, _data.Values));
}
