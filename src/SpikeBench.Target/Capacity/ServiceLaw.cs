using System.Globalization;

namespace SpikeBench.Target.Capacity;

/// <summary>How service times scatter around their mean.</summary>
public abstract record ServiceLaw
{
    /// <summary>Draws one service time in nanoseconds, never negative, of the given mean.</summary>
    public abstract long Draw(double meanNs, SeededRandom random);

    /// <summary>The mean that the law brings along, or null when it has a shape only.</summary>
    public virtual double? OwnMeanNs => null;

    /// <summary>Reads <c>fixed</c>, <c>exponential</c>, <c>lognormal:SIGMA</c> or <c>file:PATH</c>.</summary>
    public static ServiceLaw Parse(string text)
    {
        const string Lognormal = "lognormal:";
        const string File = "file:";
        if (text.StartsWith(File, StringComparison.Ordinal) && text.Length > File.Length)
        {
            return HistogramLaw.Parse(System.IO.File.ReadLines(text[File.Length..]));
        }

        if (text.StartsWith(Lognormal, StringComparison.Ordinal)
            && double.TryParse(text.AsSpan(Lognormal.Length), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double sigma)
            && sigma is > 0 and <= 4)
        {
            return new LognormalLaw(sigma);
        }

        return text switch
        {
            "fixed" => FixedLaw.Instance,
            "exponential" => ExponentialLaw.Instance,
            _ => throw new FormatException("not fixed, exponential, lognormal:SIGMA (0 < SIGMA <= 4) or file:PATH"),
        };
    }
}

/// <summary>Every call takes the mean exactly.</summary>
public sealed record FixedLaw : ServiceLaw
{
    public static FixedLaw Instance { get; } = new();

    public override long Draw(double meanNs, SeededRandom random) => (long)Math.Round(meanNs);

    public override string ToString() => "fixed";
}

/// <summary>Exponential: with Poisson arrivals the target is an M/M/k queue, whose answers are known in closed form.</summary>
public sealed record ExponentialLaw : ServiceLaw
{
    public static ExponentialLaw Instance { get; } = new();

    public override long Draw(double meanNs, SeededRandom random) => (long)Math.Round(-meanNs * Math.Log(random.NextOpenUnit()));

    public override string ToString() => "exponential";
}

/// <summary>Lognormal with shape σ; μ = ln(mean) − σ²/2 keeps the mean what was asked for.</summary>
public sealed record LognormalLaw(double Sigma) : ServiceLaw
{
    public override long Draw(double meanNs, SeededRandom random)
    {
        // Box–Muller; the second variate is dropped so that every call takes exactly two draws.
        double radius = Math.Sqrt(-2 * Math.Log(random.NextOpenUnit()));
        double normal = radius * Math.Cos(2 * Math.PI * random.NextOpenUnit());
        return (long)Math.Round(meanNs * Math.Exp((Sigma * normal) - (Sigma * Sigma / 2)));
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"lognormal:{Sigma}");
}
