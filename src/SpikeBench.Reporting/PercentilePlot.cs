using System.Globalization;
using System.Text;
using SpikeBench.Histograms;

namespace SpikeBench.Reporting;

/// <summary>Histograms by percentile as an SVG file that stands alone: a fixed size, and no style that only browsers know.</summary>
/// <param name="unit">What values are divided by.</param>
/// <param name="ticksPerHalfDistance">Points per halving of the distance to 100 %.</param>
public sealed class PercentilePlot(double unit, int ticksPerHalfDistance)
{
    private const double Width = 960;
    private const double PlotHeight = 400;
    private const double Left = 84;
    private const double Right = 24;
    private const double Top = 64;
    private const double LegendRow = 20;
    private const double PlotWidth = Width - Left - Right;

    // The report's colours on white; a line beyond the last begins anew, dashed.
    private static readonly string[] Colours = ["#0a58ca", "#b4560a", "#0b7285", "#7a3cc2", "#c4161f", "#116329", "#57606a"];

    private readonly List<(string Name, Histogram Values)> _lines = [];

    public void Add(string name, Histogram values) => _lines.Add((name, values));

    public string Render(string title)
    {
        var x = new NinesAxis(_lines.Max(line => line.Values.TotalCount));
        var y = new LinearAxis(_lines.Max(line => (double)line.Values.Max), Label);
        double height = Top + PlotHeight + 56 + (_lines.Count * LegendRow);
        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{Width}\" height=\"{height}\" viewBox=\"0 0 {Width} {height}\" font-family=\"sans-serif\" font-size=\"12\" fill=\"#57606a\">\n");
        svg.Append(CultureInfo.InvariantCulture, $"<title>{Markup.Escape(title)}</title>\n<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n");
        svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{Left}\" y=\"26\" font-size=\"16\" font-weight=\"bold\" fill=\"#1b1f24\">{Markup.Escape(title)}</text>\n");
        svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{Left}\" y=\"46\">values divided by {unit}, by percentile: each nine has the same width</text>\n");
        foreach (Tick tick in y.Ticks)
        {
            string at = Place(Top + ((1 - tick.At) * PlotHeight));
            svg.Append(CultureInfo.InvariantCulture, $"<line x1=\"{Left}\" x2=\"{Width - Right}\" y1=\"{at}\" y2=\"{at}\" stroke=\"#d5dae0\"/><text x=\"{Left - 8}\" y=\"{at}\" dy=\"4\" text-anchor=\"end\">{Markup.Escape(tick.Label)}</text>\n");
        }

        foreach (Tick tick in x.Ticks)
        {
            string at = Place(Left + (tick.At * PlotWidth));
            svg.Append(CultureInfo.InvariantCulture, $"<line x1=\"{at}\" x2=\"{at}\" y1=\"{Top}\" y2=\"{Top + PlotHeight}\" stroke=\"#d5dae0\"/><text x=\"{at}\" y=\"{Top + PlotHeight}\" dy=\"18\" text-anchor=\"middle\">{Markup.Escape(tick.Label)}</text>\n");
        }

        for (int i = 0; i < _lines.Count; i++)
        {
            AppendLine(svg, i, x, y);
        }

        return svg.Append("</svg>\n").ToString();
    }

    private void AppendLine(StringBuilder svg, int index, NinesAxis x, LinearAxis y)
    {
        (string name, Histogram values) = _lines[index];
        string dash = index < Colours.Length ? "" : " stroke-dasharray=\"6 4\"";
        string stroke = $"stroke=\"{Colours[index % Colours.Length]}\" stroke-width=\"2\"{dash}";
        string points = Points(values, x, y);
        if (points.Length > 0)
        {
            svg.Append(CultureInfo.InvariantCulture, $"<polyline fill=\"none\" stroke-linejoin=\"round\" {stroke} points=\"{points}\"/>\n");
        }

        double row = Top + PlotHeight + 48 + (index * LegendRow);
        string says = string.Create(
            CultureInfo.InvariantCulture,
            $"{name}: {values.TotalCount:#,0} values, p50 {Label(values.ValueAtPercentile(50))}, p99 {Label(values.ValueAtPercentile(99))}, p99.9 {Label(values.ValueAtPercentile(99.9))}, max {Label(values.Max)}");
        svg.Append(CultureInfo.InvariantCulture, $"<line x1=\"{Left}\" x2=\"{Left + 24}\" y1=\"{row - 4}\" y2=\"{row - 4}\" {stroke}/><text x=\"{Left + 32}\" y=\"{row}\" fill=\"#1b1f24\">{Markup.Escape(says)}</text>\n");
    }

    private string Points(Histogram values, NinesAxis x, LinearAxis y)
    {
        // Beyond one in as many as there are, there is no value left to show.
        double end = x.At(100 * (1 - (1.0 / Math.Max(2, values.TotalCount))));
        var points = new StringBuilder();
        foreach (HistogramStep step in values.PercentileSteps(ticksPerHalfDistance))
        {
            double across = Left + (Math.Min(end, x.At(step.PercentileLevel)) * PlotWidth);
            double up = Top + ((1 - y.At(step.To)) * PlotHeight);
            points.Append(points.Length > 0 ? " " : "").Append(Place(across)).Append(',').Append(Place(up));
        }

        return points.ToString();
    }

    private string Label(double value) => (value / unit).ToString("#,0.###", CultureInfo.InvariantCulture);

    private static string Place(double place) => place.ToString("0.#", CultureInfo.InvariantCulture);
}
