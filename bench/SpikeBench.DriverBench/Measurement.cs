using System.Globalization;

namespace SpikeBench.DriverBench;

/// <summary>What one run of one client measured, as one line between processes: <c>RESULT name=value …</c>.</summary>
internal sealed class Measurement
{
    private const string Mark = "RESULT";

    public SortedDictionary<string, double> Values { get; } = new(StringComparer.Ordinal);

    public double this[string name]
    {
        get => Values.TryGetValue(name, out double value) ? value : double.NaN;
        init => Values[name] = value;
    }

    public static Measurement Parse(string output)
    {
        string line = output.Split('\n').LastOrDefault(l => l.StartsWith(Mark, StringComparison.Ordinal))
            ?? throw new InvalidOperationException($"The client printed no result:\n{output}");
        var measurement = new Measurement();
        foreach (string pair in line.Split(' ', StringSplitOptions.RemoveEmptyEntries).Skip(1))
        {
            string[] parts = pair.Split('=');
            measurement.Values[parts[0]] = double.Parse(parts[1], CultureInfo.InvariantCulture);
        }

        return measurement;
    }

    public override string ToString()
        => Mark + string.Concat(Values.Select(v => string.Create(CultureInfo.InvariantCulture, $" {v.Key}={v.Value:R}")));
}
