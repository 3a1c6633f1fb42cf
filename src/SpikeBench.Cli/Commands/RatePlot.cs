using System.Text;
using SpikeBench.Core.Profiles;
using SpikeBench.Core.Schedule;

namespace SpikeBench.Cli.Commands;

/// <summary>The planned rate over time, drawn with block characters, with the phases under it.</summary>
internal static class RatePlot
{
    private static readonly string[] Blocks = [" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];

    public static string Render(LoadPlan plan, int width, int height)
    {
        RateCurve curve = plan.Schedule.Curve;
        double top = curve.PeakRate;
        const int labelWidth = 10;
        int columns = width - labelWidth;
        long Start(int column) => curve.DurationNs * column / columns;

        // The peak of each column, not its mean: a spike narrower than a column must not vanish.
        double[] peaks = [.. Enumerable.Range(0, columns).Select(c => curve.PeakRateIn(Start(c), Math.Max(Start(c) + 1, Start(c + 1))))];
        var text = new StringBuilder();
        for (int row = height - 1; row >= 0; row--)
        {
            string label = row == height - 1 ? Units.Rate(top) : row == 0 ? "0/s" : "";
            text.Append(label.PadLeft(labelWidth - 1)).Append(' ');
            foreach (double peak in peaks)
            {
                double eighths = top <= 0 ? 0 : peak / top * height * 8 - row * 8;
                text.Append(Blocks[(int)Math.Clamp(Math.Ceiling(eighths), 0, 8)]);
            }

            text.Append('\n');
        }

        // A bar where each phase starts, its name behind it where there is room.
        var bars = new StringBuilder(new string(' ', columns));
        foreach (Phase phase in plan.Phases)
        {
            int from = (int)(phase.StartNs * columns / curve.DurationNs);
            int room = (int)(phase.EndNs * columns / curve.DurationNs) - from;
            string name = "|" + (phase.Name.Length + 1 <= room ? phase.Name : phase.Name[..Math.Max(0, Math.Min(phase.Name.Length, room - 1))]);
            for (int i = 0; i < name.Length && from + i < columns; i++)
            {
                bars[from + i] = name[i];
            }
        }

        return text.Append(' ', labelWidth).Append(bars.ToString().TrimEnd()).Append('\n').ToString();
    }
}
