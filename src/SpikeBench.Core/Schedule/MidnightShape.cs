namespace SpikeBench.Core.Schedule;

/// <summary>
/// The New Year's midnight burst of a messenger as a multiple of the ordinary rate.
/// </summary>
/// <remarks>
/// <para>With t in seconds from local midnight,</para>
/// <code>
/// m(t) = 1 + P(t) + a·S(t) + b·H(t)
///
/// P(t) = p·e^(t/τp)              t &lt; 0     early senders: they thin out backwards from midnight
///        p·e^(−t/τd)             t ≥ 0
/// S(t) = 0                       t &lt; −r    the synchronised send
///        smoothstep((t+r)/(k+r)) −r ≤ t &lt; k    smoothstep(u) = 3u² − 2u³
///        e^(−(t−k)/τd)           t ≥ k
/// H(t) = (t/τh)·e^(1−t/τh)       t &gt; 0     the echo: replies, late composers; 1 at t = τh
///
/// a = A − 1 − p     so that the busiest second is about A times the ordinary rate
/// b = η·(A − 1)
/// </code>
/// <para>Measured: A (LINE 5x and 9x, KakaoTalk 3x and more, Twitter 6.3x and 25x of its mean), the rise to the peak within 4 s
/// (Twitter Japan 2011, LINE "00:00:0x"). Fitted by us to published figures: τd (68 s above the old record within 3 minutes, Twitter
/// 2011, gives 50 to 65 s), η and τh (a mobile carrier's 5-minute mean of 0.556 of its peak second). Assumed: p, τp. Retries are not in
/// the curve: they come from the client model and real responses.</para>
/// </remarks>
public sealed record MidnightShape
{
    /// <summary>A: the busiest second as a multiple of the ordinary rate. (default: 5)</summary>
    public double Amplitude { get; init; } = 5;

    /// <summary>p: early senders at midnight, as a multiple of the ordinary rate; assumed. (default: 0.5)</summary>
    public double Anticipation { get; init; } = 0.5;

    /// <summary>τp in seconds: how early they are; assumed. (default: 180 s)</summary>
    public double AnticipationTauSeconds { get; init; } = 180;

    /// <summary>r in seconds: the synchronised send starts this long before midnight. (default: 3 s)</summary>
    public double RiseSeconds { get; init; } = 3;

    /// <summary>k in seconds: the peak comes this long after midnight. (default: 4 s)</summary>
    public double PeakAfterSeconds { get; init; } = 4;

    /// <summary>τd in seconds: the decay after the peak. (default: 60 s)</summary>
    public double DecayTauSeconds { get; init; } = 60;

    /// <summary>η: the echo's height as a share of A − 1. (default: 0.15)</summary>
    public double Echo { get; init; } = 0.15;

    /// <summary>τh in seconds: when the echo is highest. (default: 300 s)</summary>
    public double EchoTauSeconds { get; init; } = 300;

    /// <summary>a set directly, where the peak is the echo's and not the send's; null derives it from A and p. (default: null)</summary>
    public double? Synchronised { get; init; }

    /// <summary>The named shapes: chat messages, stickers, a carrier's network, a cue on television, and a pure five-minute hump.</summary>
    public static IReadOnlyDictionary<string, MidnightShape> Presets { get; } = new Dictionary<string, MidnightShape>
    {
        ["chat"] = new(),
        ["sticker"] = new() { Amplitude = 9, Anticipation = 0.3, PeakAfterSeconds = 6 },
        ["carrier"] = new()
        {
            Amplitude = 11,
            Anticipation = 0.8,
            AnticipationTauSeconds = 300,
            RiseSeconds = 10,
            PeakAfterSeconds = 20,
            Echo = 0.45,
        },
        ["cue"] = new()
        {
            Amplitude = 25,
            Anticipation = 0.1,
            AnticipationTauSeconds = 10,
            RiseSeconds = 1,
            PeakAfterSeconds = 1,
            DecayTauSeconds = 15,
            Echo = 0.05,
        },
        ["hump"] = new() { Amplitude = 7, Synchronised = 1.5, Echo = 1, EchoTauSeconds = 330 },
    };

    /// <summary>a: the height of the synchronised send over the ordinary rate.</summary>
    public double SynchronisedHeight => Synchronised ?? Amplitude - 1 - Anticipation;

    private double EchoHeight => Echo * (Amplitude - 1);

    /// <summary>The same burst played <paramref name="factor"/> times faster.</summary>
    public MidnightShape Compressed(double factor) => this with
    {
        AnticipationTauSeconds = AnticipationTauSeconds / factor,
        RiseSeconds = RiseSeconds / factor,
        PeakAfterSeconds = PeakAfterSeconds / factor,
        DecayTauSeconds = DecayTauSeconds / factor,
        EchoTauSeconds = EchoTauSeconds / factor,
    };

    /// <summary>m(t): the multiple of the ordinary rate at <paramref name="t"/> seconds from midnight.</summary>
    public double ValueAt(double t)
    {
        double value = 1 + (t < 0
            ? Anticipation * PortableMath.Exp(t / AnticipationTauSeconds)
            : Anticipation * PortableMath.Exp(-t / DecayTauSeconds));
        if (t >= PeakAfterSeconds)
        {
            value += SynchronisedHeight * PortableMath.Exp(-(t - PeakAfterSeconds) / DecayTauSeconds);
        }
        else if (t > -RiseSeconds)
        {
            double u = (t + RiseSeconds) / (PeakAfterSeconds + RiseSeconds);
            value += SynchronisedHeight * u * u * (3 - 2 * u);
        }

        if (t > 0)
        {
            double x = t / EchoTauSeconds;
            value += EchoHeight * x * PortableMath.Exp(1 - x);
        }

        return value;
    }

    /// <summary>∫ m from midnight to <paramref name="t"/>, in seconds at the ordinary rate; negative before midnight.</summary>
    public double Integral(double t) => Antiderivative(t) - Antiderivative(0);

    /// <summary>The largest m over [from, to] seconds, to within a step of a thousandth of the stretch.</summary>
    public double PeakOver(double from, double to)
    {
        const int steps = 1000;
        double peak = Math.Max(ValueAt(from), ValueAt(to));
        for (int i = 1; i < steps; i++)
        {
            peak = Math.Max(peak, ValueAt(from + (to - from) * i / steps));
        }

        // The send's own summit is a kink that a grid can step over.
        return from <= PeakAfterSeconds && PeakAfterSeconds <= to ? Math.Max(peak, ValueAt(PeakAfterSeconds)) : peak;
    }

    private double Antiderivative(double t)
    {
        // Each part is 0 at t = −∞ or at its own start, and continuous where its pieces meet.
        double sum = t + (t < 0
            ? Anticipation * AnticipationTauSeconds * PortableMath.Exp(t / AnticipationTauSeconds)
            : Anticipation * (AnticipationTauSeconds + DecayTauSeconds * (1 - PortableMath.Exp(-t / DecayTauSeconds))));
        double risingSeconds = PeakAfterSeconds + RiseSeconds;
        if (t >= PeakAfterSeconds)
        {
            sum += SynchronisedHeight * (risingSeconds / 2 + DecayTauSeconds * (1 - PortableMath.Exp(-(t - PeakAfterSeconds) / DecayTauSeconds)));
        }
        else if (t > -RiseSeconds)
        {
            double u = (t + RiseSeconds) / risingSeconds;
            sum += SynchronisedHeight * risingSeconds * u * u * u * (1 - u / 2);
        }

        if (t > 0)
        {
            double x = t / EchoTauSeconds;
            sum += EchoHeight * EchoTauSeconds * Math.E * (1 - (1 + x) * PortableMath.Exp(-x));
        }

        return sum;
    }
}
