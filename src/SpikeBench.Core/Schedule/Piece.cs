using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace SpikeBench.Core.Schedule;

/// <summary>
/// One polynomial of a compiled integral: calls = Before + x·(C1 + x·(C2 + … C5)) with x the share of the width that has passed; and one
/// of its inverse, x ≈ y·(D1 + … D5) with y the share of its calls.
/// </summary>
internal struct Piece
{
    public long StartNs;
    public long WidthNs;

    /// <summary>The segment's calls before the piece.</summary>
    public double Before;

    public double C1, C2, C3, C4, C5;
    public double D1, D2, D3, D4, D5;

    private double _perWidth;
    private double _perCalls;

    /// <summary>The calls of the piece alone.</summary>
    public readonly double Calls => C1 + (C2 + (C3 + (C4 + C5)));

    /// <summary>A piece too narrow for more than a straight line.</summary>
    public static Piece Line(long startNs, long widthNs, double calls) =>
        new Piece { StartNs = startNs, WidthNs = widthNs, C1 = calls, D1 = 1 }.Sealed();

    /// <summary>The piece with its reciprocals.</summary>
    public readonly Piece Sealed() => this with { _perWidth = 1.0 / WidthNs, _perCalls = Calls > 0 ? 1 / Calls : 0 };

    /// <summary>The segment's integral at a time inside the piece, in nanoseconds from the segment's start.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly double Value(long dtNs)
    {
        double x = (dtNs - StartNs) * _perWidth;
        double x2 = x * x;
        return Before + x * ((C1 + x * C2) + x2 * ((C3 + x * C4) + x2 * C5));
    }

    /// <summary><see cref="Value(long)"/> at four times, whole nanoseconds from the piece's start: the same operations, so the same digits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly Vector256<double> Value(Vector256<double> sinceStartNs)
    {
        Vector256<double> x = sinceStartNs * _perWidth;
        Vector256<double> x2 = x * x;
        return Vector256.Create(Before) + x * ((Vector256.Create(C1) + x * C2) + x2 * ((Vector256.Create(C3) + x * C4) + x2 * C5));
    }

    /// <summary><see cref="Invert(double)"/> of four numbers of calls, in whole nanoseconds from the piece's start, kept inside it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly Vector256<double> Invert(Vector256<double> calls)
    {
        Vector256<double> inside = calls - Vector256.Create(Before);
        Vector256<double> y = inside * _perCalls;
        Vector256<double> y2 = y * y;
        Vector256<double> x = y * ((Vector256.Create(D1) + y * D2) + y2 * ((Vector256.Create(D3) + y * D4) + y2 * D5));
        Vector256<double> x2 = x * x;
        Vector256<double> value = x * ((Vector256.Create(C1) + x * C2) + x2 * ((Vector256.Create(C3) + x * C4) + x2 * C5));
        Vector256<double> slope = (Vector256.Create(C1) + x * (2 * C2)) + x2 * ((Vector256.Create(3 * C3) + x * (4 * C4)) + x2 * (5 * C5));
        x += (inside - value) / slope;
        Vector256<double> dt = Vector256.Floor(x * WidthNs - Vector256.Create(1e-3));
        return Vector256.Min(Vector256.Max(dt, Vector256<double>.Zero), Vector256.Create((double)(WidthNs - 1)));
    }

    /// <summary>About the last nanosecond at which the segment's integral is below a number of calls.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly long Invert(double calls)
    {
        double inside = calls - Before;
        double y = inside * _perCalls;
        double y2 = y * y;
        double x = y * ((D1 + y * D2) + y2 * ((D3 + y * D4) + y2 * D5));
        double x2 = x * x;
        double value = x * ((C1 + x * C2) + x2 * ((C3 + x * C4) + x2 * C5));
        double slope = (C1 + 2 * x * C2) + x2 * ((3 * C3 + 4 * x * C4) + 5 * x2 * C5);
        x += (inside - value) / slope;

        // A shade early: a level at a whole nanosecond must come to the one before it. NaN becomes 0 and is searched from there.
        return StartNs + (long)(x * WidthNs - 1e-3);
    }
}

/// <summary>Fits pieces by interpolation.</summary>
internal static class PieceFit
{
    private const int Degree = 5;

    // (1 − cos(kπ/5))/2: the ends and the extremes between, where interpolation errs least.
    private static readonly double[] Nodes = [0.095491502812526288, 0.345491502812526288, 0.654508497187473712, 0.904508497187473712, 1];
    private static readonly double[] Between = [0.03, 0.2, 0.5, 0.8, 0.97];

    public static Piece Fit(Func<long, double> integral, long startNs, long widthNs, double start)
    {
        Span<double> x = stackalloc double[Degree];
        Span<double> calls = stackalloc double[Degree];
        for (int i = 0; i < Degree; i++)
        {
            long dt = i == Degree - 1 ? widthNs : (long)(Nodes[i] * widthNs);
            x[i] = dt / (double)widthNs;
            calls[i] = integral(startNs + dt) - start;
        }

        Span<double> c = stackalloc double[Degree];
        Interpolate(x, calls, c);
        Span<double> d = stackalloc double[Degree];
        double total = calls[Degree - 1];
        d.Clear();
        d[0] = 1;
        if (total > 0 && calls[0] > 0)
        {
            Span<double> y = stackalloc double[Degree];
            for (int i = 0; i < Degree; i++)
            {
                y[i] = calls[i] / total;
            }

            // A rate of 0 for a while gives equal shares, which have no inverse: the line serves, and the search settles.
            if (y[1] > y[0] && y[2] > y[1] && y[3] > y[2] && y[4] > y[3])
            {
                Interpolate(y, x, d);
            }
        }

        return new Piece
        {
            StartNs = startNs, WidthNs = widthNs,
            C1 = c[0], C2 = c[1], C3 = c[2], C4 = c[3], C5 = c[4],
            D1 = d[0], D2 = d[1], D3 = d[2], D4 = d[3], D5 = d[4],
        }.Sealed();
    }

    /// <summary>The largest distance from the formula at points between those that were fitted, in calls.</summary>
    public static double Error(Func<long, double> integral, in Piece piece, double start)
    {
        double worst = 0;
        foreach (double share in Between)
        {
            long at = piece.StartNs + (long)(share * piece.WidthNs);
            worst = Math.Max(worst, Math.Abs(piece.Value(at) - piece.Before - (integral(at) - start)));
        }

        return worst;
    }

    /// <summary>
    /// The polynomial x·(c₀ + c₁x + … c₄x⁴) through five points and 0: Newton's divided differences of f(x)/x, then expanded. The straight
    /// part is taken out first, so that what rounding there is touches only what bends.
    /// </summary>
    private static void Interpolate(ReadOnlySpan<double> x, ReadOnlySpan<double> f, Span<double> c)
    {
        double line = f[Degree - 1] / x[Degree - 1];
        Span<double> differences = stackalloc double[Degree];
        for (int i = 0; i < Degree; i++)
        {
            differences[i] = (f[i] - line * x[i]) / x[i];
        }

        for (int order = 1; order < Degree; order++)
        {
            for (int i = Degree - 1; i >= order; i--)
            {
                differences[i] = (differences[i] - differences[i - 1]) / (x[i] - x[i - order]);
            }
        }

        c.Clear();
        for (int i = Degree - 1; i >= 0; i--)
        {
            // c ← c·(x − xᵢ) + dᵢ
            for (int k = Degree - 1; k >= 1; k--)
            {
                c[k] = c[k - 1] - x[i] * c[k];
            }

            c[0] = differences[i] - x[i] * c[0];
        }

        c[0] += line;
    }
}
