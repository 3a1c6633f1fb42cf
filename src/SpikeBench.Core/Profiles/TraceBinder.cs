using System.Security.Cryptography;
using System.Text;
using SpikeBench.Core.Profiles.Traces;
using SpikeBench.Core.Schedule;

namespace SpikeBench.Core.Profiles;

/// <summary>Binds a trace step and reads its file.</summary>
/// <param name="oneX">The reference rate.</param>
/// <param name="readFile">Reads a file's text; null where a profile has no folder.</param>
internal sealed class TraceBinder(double oneX, Func<string, string>? readFile)
{
    public TraceStep Bind(MappingReader reader, IReadOnlyList<NamedStretch> phases)
    {
        string file = reader.Text("file") ?? "";
        TraceShape between = reader.Choice("between", "smooth", ["smooth", "hold"]) == "hold" ? TraceShape.Hold : TraceShape.Smooth;
        (Trace? trace, string sha256) = file.Length == 0 ? (null, "") : Read(reader, file);
        return new TraceStep(file, sha256, ScaleOf(reader, trace), between, phases) { Data = trace };
    }

    private (Trace? Trace, string Sha256) Read(MappingReader reader, string file)
    {
        if (readFile is null)
        {
            reader.Report("file", "a ready-made profile has no folder to read from; copy it to a file of yours first");
            return (null, "");
        }

        string text;
        try
        {
            text = readFile(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            reader.Report("file", $"'{file}' cannot be read: {e.Message}");
            return (null, "");
        }

        (Trace? trace, string? error) = TraceReader.Read(text);
        if (error is not null)
        {
            reader.Report("file", $"{file}: {error}");
        }

        return (trace, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text))));
    }

    private double ScaleOf(MappingReader reader, Trace? trace)
    {
        double scale = reader.Multiple("scale", 1);
        if (scale <= 0)
        {
            reader.Report("scale", "must be above 0x");
        }

        if (reader.Rate("peak", oneX) is not { } peak)
        {
            return scale;
        }

        if (reader.Has("scale"))
        {
            reader.Report("peak", "and scale: give one of the two");
        }

        if (trace is { PeakRate: 0 } || peak <= 0)
        {
            reader.Report("peak", peak <= 0 ? "must be above 0/s" : "cannot be reached: every sample of the trace is 0");
            return scale;
        }

        return trace is null ? scale : peak / trace.PeakRate;
    }
}
