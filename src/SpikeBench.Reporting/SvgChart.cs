using System.Globalization;
using System.Text;
using SpikeBench.Core.Schedule;

namespace SpikeBench.Reporting;

/// <summary>
/// A chart as an SVG figure. Its height is fixed and its width is the page's: lines stretch, text does not, so that the same markup is
/// readable on a phone, on a wide screen and on paper.
/// </summary>
/// <remarks>
/// <code>
/// figure  h3 + sentence           what to see
///   ul.legend
///   svg   100 % wide: grid, bands and labels placed in per cent
///     svg viewBox 0 0 1000 1000, stretched: the lines, whose strokes do not scale
/// </code>
/// </remarks>
internal sealed class SvgChart
{
    private const int Units = 1000;

    // Mean width of a letter at the label's size, and the plot widths of a phone, a printed page and a wide screen: a label that would not
    // fit its band there is not shown there.
    private const double LetterPx = 6.6;
    private const double PhonePx = 290;
    private const double PaperPx = 600;
    private const double WidePx = 900;

    private readonly string _id;
    private readonly string _title;
    private readonly string _says;
    private readonly IAxis _x;
    private readonly IAxis _y;
    private readonly StringBuilder _under = new();
    private readonly StringBuilder _lines = new();
    private readonly StringBuilder _over = new();
    private readonly List<(string Name, string Class)> _legend = [];
    private string _readout = "";

    /// <param name="id">Unique in the page; letters.</param>
    /// <param name="title">The chart's subject and unit.</param>
    /// <param name="says">What to see in it, with numbers.</param>
    /// <param name="x">The horizontal axis.</param>
    /// <param name="y">The vertical axis.</param>
    public SvgChart(string id, string title, string says, IAxis x, IAxis y)
    {
        _id = id;
        _title = title;
        _says = says;
        _x = x;
        _y = y;
    }

    /// <summary>Shades every second phase and names them all.</summary>
    public SvgChart Bands(IReadOnlyList<Phase> phases)
    {
        for (int i = 0; i < phases.Count; i++)
        {
            double from = _x.At(phases[i].StartNs), width = _x.At(phases[i].EndNs) - from;
            string shade = i % 2 == 1 ? " class=\"band\"" : " class=\"bare\"";
            Under($"<rect{shade} x=\"{Markup.Percent(from)}\" width=\"{Markup.Percent(width)}\" height=\"100%\"/>");
            double needs = phases[i].Name.Length * LetterPx + 8;
            string fits = width * PhonePx >= needs ? "" : width * PaperPx >= needs ? " mid" : width * WidePx >= needs ? " wide" : " never";
            Over($"<text class=\"phase{fits}\" x=\"{Markup.Percent(from)}\" dx=\"2\" y=\"-5\">{Markup.Escape(phases[i].Name)}</text>");
        }

        return this;
    }

    /// <summary>A moment worth a line from top to bottom.</summary>
    public SvgChart Event(double x, string label)
    {
        double at = _x.At(x);
        string place = Markup.Percent(at);
        string side = at > 0.8 ? " dx=\"-4\" text-anchor=\"end\"" : " dx=\"4\"";
        Over($"<line class=\"event\" x1=\"{place}\" x2=\"{place}\" y1=\"0\" y2=\"100%\"/><text class=\"event\" x=\"{place}\" y=\"100%\" dy=\"-6\"{side}>{Markup.Escape(label)}</text>");
        return this;
    }

    /// <summary>A bound, from side to side.</summary>
    public SvgChart Bound(double y, string label)
    {
        double at = 1 - _y.At(y);
        string place = Markup.Percent(at);

        // Below the line where there is no room above it.
        string dy = at < 0.15 ? "13" : "-4";
        Over($"<line class=\"bound\" x1=\"0\" x2=\"100%\" y1=\"{place}\" y2=\"{place}\"/><text class=\"bound\" x=\"100%\" y=\"{place}\" dx=\"-4\" dy=\"{dy}\" text-anchor=\"end\">{Markup.Escape(label)}</text>");
        return this;
    }

    /// <summary>A point that a line is to stay below.</summary>
    public SvgChart Point(double x, double y, string label)
    {
        string px = Markup.Percent(_x.At(x)), py = Markup.Percent(1 - _y.At(y));
        Over($"<circle class=\"bound\" cx=\"{px}\" cy=\"{py}\" r=\"4\"/><text class=\"bound\" x=\"{px}\" y=\"{py}\" dx=\"-8\" dy=\"-6\" text-anchor=\"end\">{Markup.Escape(label)}</text>");
        return this;
    }

    /// <summary>The stretch at the top edge for calls that never got a good answer.</summary>
    public SvgChart FailedBand(double from, string label)
    {
        Under($"<rect class=\"failed\" width=\"100%\" height=\"{Markup.Percent(1 - from)}\"/>");
        Under($"<text class=\"tick\" x=\"0\" y=\"{Markup.Percent((1 - from) / 2)}\" dx=\"-6\" dy=\"4\" text-anchor=\"end\">{Markup.Escape(label)}</text>");
        return this;
    }

    /// <summary>A picture over the full width, its pixels sharp, between two places of the y axis.</summary>
    public SvgChart Picture(string dataUri, double from, double to)
    {
        Under($"<image class=\"pixels\" y=\"{Markup.Percent(1 - to)}\" width=\"100%\" height=\"{Markup.Percent(to - from)}\" preserveAspectRatio=\"none\" href=\"{dataUri}\"/>");
        return this;
    }

    /// <summary>A series over equal bins of the x axis, thinned with its peaks kept.</summary>
    /// <param name="name">For the legend.</param>
    /// <param name="style">Its CSS class.</param>
    /// <param name="values">One per bin; NaN is a gap.</param>
    /// <param name="middle">A bin's place in the x axis' unit.</param>
    /// <param name="area">Whether what is below the line is filled.</param>
    public SvgChart Series(string name, string style, IReadOnlyList<double> values, Func<int, double> middle, bool area = false)
    {
        IEnumerable<(double X, double Y)> points = Downsample.Peaks(values)
            .Select(p => (_x.At(middle(p.Index)), double.IsNaN(p.Value) ? double.NaN : _y.At(p.Value)));
        return Line(name, style, points, area);
    }

    /// <summary>A line through points that are already places between 0 and 1.</summary>
    public SvgChart Line(string name, string style, IEnumerable<(double X, double Y)> points, bool area = false)
    {
        List<(double X, double Y)> all = [.. points];
        List<(double X, double Y)> known = [.. all.Where(p => !double.IsNaN(p.Y))];
        if (area && known.Count > 0)
        {
            string fill = $"{Path(known)}L{At(known[^1].X)} {Units}L{At(known[0].X)} {Units}Z";
            _lines.Append(CultureInfo.InvariantCulture, $"<path class=\"fill {style}\" d=\"{fill}\"/>");
        }

        _lines.Append(CultureInfo.InvariantCulture, $"<path class=\"{style}\" d=\"{Path(all)}\"/>");
        _legend.Add((name, style));
        return this;
    }

    /// <summary>What the script shows under the pointer: equal stretches of the x axis, each with a text per name.</summary>
    public SvgChart Readout(IEnumerable<string> names, IEnumerable<IEnumerable<string>> rows)
    {
        string text = string.Join('|', rows.Select(row => string.Join(';', row.Select(Field))));
        _readout = $" data-n=\"{string.Join(';', names.Select(Field))}\" data-r=\"{text}\"";
        return this;

        static string Field(string value) => Markup.Escape(value.Replace(';', ',').Replace('|', '/'));
    }

    public string Render()
    {
        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $"<figure id=\"{_id}\"><figcaption><h3>{Markup.Escape(_title)}</h3><p>{Markup.Prose(_says)}</p>");
        if (_legend.Count > 0)
        {
            svg.Append("<ul class=\"legend\">");
            foreach ((string name, string style) in _legend)
            {
                svg.Append(CultureInfo.InvariantCulture, $"<li class=\"{style}\">{Markup.Escape(name)}</li>");
            }

            svg.Append("</ul>");
        }

        svg.Append(CultureInfo.InvariantCulture, $"</figcaption>\n<div class=\"plot\"><svg class=\"chart\" role=\"img\"{_readout}><title>{Markup.Escape($"{_title}: {_says}")}</title>");
        svg.Append(_under);
        foreach (Tick tick in _y.Ticks)
        {
            string y = Markup.Percent(1 - tick.At);
            svg.Append(CultureInfo.InvariantCulture, $"<line class=\"grid\" x1=\"0\" x2=\"100%\" y1=\"{y}\" y2=\"{y}\"/><text class=\"tick\" x=\"0\" y=\"{y}\" dx=\"-6\" dy=\"4\" text-anchor=\"end\">{Markup.Escape(tick.Label)}</text>");
        }

        foreach (Tick tick in _x.Ticks)
        {
            string x = Markup.Percent(tick.At);

            // A label at the very end would stand half outside the page.
            string anchor = tick.At > 0.97 ? "end" : tick.At < 0.01 ? "start" : "middle";
            svg.Append(CultureInfo.InvariantCulture, $"<line class=\"grid\" x1=\"{x}\" x2=\"{x}\" y1=\"0\" y2=\"100%\"/><text class=\"tick\" x=\"{x}\" y=\"100%\" dy=\"17\" text-anchor=\"{anchor}\">{Markup.Escape(tick.Label)}</text>");
        }

        svg.Append(CultureInfo.InvariantCulture, $"<svg viewBox=\"0 0 {Units} {Units}\" preserveAspectRatio=\"none\" width=\"100%\" height=\"100%\">{_lines}</svg>");
        svg.Append(_over);
        return svg.Append("<line class=\"cursor\" y1=\"0\" y2=\"100%\"/></svg></div></figure>\n").ToString();
    }

    /// <summary>The path through places between 0 and 1, y upwards; NaN lifts the pen.</summary>
    internal static string Path(IEnumerable<(double X, double Y)> points)
    {
        var path = new StringBuilder();
        char pen = 'M';
        foreach ((double x, double y) in points)
        {
            if (double.IsNaN(y))
            {
                pen = 'M';
                continue;
            }

            path.Append(CultureInfo.InvariantCulture, $"{pen}{At(x)} {At(1 - y)}");
            pen = 'L';
        }

        return path.ToString();
    }

    private static string At(double place) => Math.Round(place * Units).ToString(CultureInfo.InvariantCulture);

    private void Under(string markup) => _under.Append(markup);

    private void Over(string markup) => _over.Append(markup);
}
