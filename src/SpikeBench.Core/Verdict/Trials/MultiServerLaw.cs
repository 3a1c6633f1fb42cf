namespace SpikeBench.Core.Verdict.Trials;

/// <summary>
/// The closed forms of M/M/k: Poisson arrivals, k servers with exponential service times, one line, first come first served.
/// </summary>
/// <remarks>
/// <code>
/// B(0) = 1,  B(i) = a·B(i−1) / (i + a·B(i−1))          Erlang B, a = λ/μ
/// C    = B / (1 − ρ(1 − B))                            Erlang C: the chance to wait, ρ = a/k
/// P(T > t) = (1 − C)·e^(−μt) + C·(θ·e^(−μt) − μ·e^(−θt)) / (θ − μ),   θ = kμ − λ
/// </code>
/// Known values: M/M/8 at ρ = 0.9 has C = 0.7015329901 and a response p99 of 7.0873474 mean service times.
/// </remarks>
/// <param name="Servers">k.</param>
/// <param name="ArrivalsPerSecond">λ, below kμ.</param>
/// <param name="MeanServiceSeconds">1/μ.</param>
public sealed record MultiServerLaw(int Servers, double ArrivalsPerSecond, double MeanServiceSeconds)
{
    /// <summary>ρ: the share of time that a server is busy.</summary>
    public double Utilisation => ArrivalsPerSecond * MeanServiceSeconds / Servers;

    /// <summary>C: the chance that a call waits.</summary>
    public double WaitChance
    {
        get
        {
            double load = ArrivalsPerSecond * MeanServiceSeconds;
            double blocked = 1;
            for (int i = 1; i <= Servers; i++)
            {
                blocked = load * blocked / (i + load * blocked);
            }

            return blocked / (1 - Utilisation * (1 - blocked));
        }
    }

    /// <summary>P(T > t): the share of calls whose response time is above <paramref name="seconds"/>.</summary>
    public double ShareAbove(double seconds)
    {
        double mu = 1 / MeanServiceSeconds;
        double theta = Servers * mu - ArrivalsPerSecond;
        double wait = WaitChance;
        return (1 - wait) * Math.Exp(-mu * seconds)
            + wait * (theta * Math.Exp(-mu * seconds) - mu * Math.Exp(-theta * seconds)) / (theta - mu);
    }

    /// <summary>The response time that a share of exactly <paramref name="share"/> of the calls exceeds, in seconds.</summary>
    public double TimeExceededBy(double share)
    {
        double low = 0, high = MeanServiceSeconds;
        while (ShareAbove(high) > share)
        {
            high *= 2;
        }

        for (int i = 0; i < 100; i++)
        {
            double middle = (low + high) / 2;
            (low, high) = ShareAbove(middle) > share ? (middle, high) : (low, middle);
        }

        return high;
    }
}
