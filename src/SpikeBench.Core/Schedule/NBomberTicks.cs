namespace SpikeBench.Core.Schedule;

/// <summary>One NBomber simulation of the open model.</summary>
/// <param name="Kind">Which.</param>
/// <param name="Rate">Calls per interval; the smallest for <see cref="InjectionKind.Random"/>.</param>
/// <param name="MaxRate">For <see cref="InjectionKind.Random"/> the most calls per interval, excluded as NBomber does.</param>
/// <param name="IntervalNs">The tick.</param>
/// <param name="DuringNs">The simulation's length.</param>
public readonly record struct Injection(InjectionKind Kind, int Rate, int MaxRate, long IntervalNs, long DuringNs);

/// <summary>The kinds of <see cref="Injection"/>.</summary>
public enum InjectionKind
{
    Inject,
    Ramping,
    Random,
    Pause,
}

/// <summary>What NBomber does at one tick: so many one-shot copies, each inside the interval that follows.</summary>
public readonly record struct InjectionTick(long StartNs, long IntervalNs, int Calls);

/// <summary>
/// NBomber 4's scheduler as a pure function, in the nominal time that it counts in.
/// </summary>
/// <remarks>
/// <para>Read in its Apache-licensed source (4.2): simulations in sequence; the first tick at 0, none at the end, so ⌈during / tick⌉ ticks;</para>
/// <code>
/// inject           n = rate
/// ramping_inject   p = round(100·elapsed/during), a whole percent;  n = |round(prev + (rate − prev)·p/100)|; both away from zero at halves
/// inject_random    n = Random.Next(min, max): max is excluded (here drawn from the profile's seed)
/// pause            n = 0, one tick a second
/// prev             the number of the simulation before, whatever its interval; 0 at first and after a pause, max after a random one
/// </code>
/// <para>So RampingInject(1000, 1 s, 10 s) sends 0 + 100 + … + 900 = 4500 calls where the trapezoid has 5000. What its own timers add to that,
/// late ticks that shift the rest of the run, is not part of a plan.</para>
/// </remarks>
public static class NBomberTicks
{
    private const long SecondNs = 1_000_000_000;

    /// <summary>The ticks of simulations one after another.</summary>
    public static IReadOnlyList<InjectionTick> Of(IEnumerable<Injection> injections, ulong seed)
    {
        var random = new CounterRandom(seed, CounterRandom.Stream.Rates);
        var ticks = new List<InjectionTick>();
        long startNs = 0;
        int previous = 0;
        foreach (Injection injection in injections)
        {
            long tickNs = injection.Kind == InjectionKind.Pause ? SecondNs : injection.IntervalNs;
            for (long elapsedNs = 0; elapsedNs < injection.DuringNs; elapsedNs += tickNs)
            {
                int calls = injection.Kind switch
                {
                    InjectionKind.Inject => injection.Rate,
                    InjectionKind.Ramping => Ramped(previous, injection.Rate, elapsedNs, injection.DuringNs),
                    InjectionKind.Random => injection.Rate + random.Below(ticks.Count, Math.Max(1, injection.MaxRate - injection.Rate)),
                    _ => 0,
                };
                ticks.Add(new InjectionTick(startNs, tickNs, calls));
                startNs += tickNs;
            }

            previous = injection.Kind switch { InjectionKind.Pause => 0, InjectionKind.Random => injection.MaxRate, _ => injection.Rate };
        }

        return ticks;
    }

    private static int Ramped(int from, int to, long elapsedNs, long duringNs)
    {
        double percent = Math.Round(elapsedNs / (double)duringNs * 100.0, MidpointRounding.AwayFromZero);
        return (int)Math.Abs(Math.Round(from + (to - from) * percent / 100, MidpointRounding.AwayFromZero));
    }
}

/// <summary>Times by ticks: all at a tick's start, or each at a random whole millisecond of its interval.</summary>
internal sealed class TickSeries(IReadOnlyList<InjectionTick> ticks, bool spread, ulong seed, int worker, int workers) : IArrivalSeries
{
    private const long MillisecondNs = 1_000_000;

    private readonly CounterRandom _random = new(seed, CounterRandom.Stream.Gaps);
    private int _tick = -1;
    private long _left;
    private long _startNs;
    private double _milliseconds;
    private double _logRest;
    private long _index;
    private int _untilOwn = worker;

    public int Fill(Span<long> timesNs)
    {
        int count = 0;
        while (count < timesNs.Length)
        {
            if (_left == 0)
            {
                if (++_tick >= ticks.Count)
                {
                    _tick = ticks.Count;
                    break;
                }

                InjectionTick tick = ticks[_tick];
                (_left, _startNs, _logRest) = (tick.Calls, tick.StartNs, 0);
                _milliseconds = spread ? Math.Max(1, tick.IntervalNs / MillisecondNs) : 1;
                continue;
            }

            // The same order statistics as of uniform arrivals; whole milliseconds of them are those of NBomber's whole draws, sorted.
            _logRest += PortableMath.Log(_random.OpenUnit(_index++)) / _left--;
            if (_untilOwn-- == 0)
            {
                double delay = spread ? Math.Floor((1 - PortableMath.Exp(_logRest)) * _milliseconds) : 0;
                timesNs[count++] = _startNs + (long)Math.Min(delay, _milliseconds - 1) * MillisecondNs;
                _untilOwn = workers - 1;
            }
        }

        return count;
    }
}
