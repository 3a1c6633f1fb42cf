using System.Runtime.Intrinsics;

namespace SpikeBench.Core.Schedule;

/// <summary>
/// A curved rate, compiled: its integral is kept as polynomials of degree 5 on pieces, and those are the integral that is counted and
/// placed by.
/// </summary>
/// <remarks>
/// <para>A formula with exponentials costs some 100 ns per value and a search needs several. So the formula is asked once, when the plan
/// is made: each piece interpolates it at six Chebyshev-Lobatto points, the ends included, and is halved until it is within
/// <see cref="ToleranceCalls"/> of it between them. Everything afterwards asks the pieces, so counts and places agree to the last call,
/// and both agree with the formula to a ten-millionth of a call.</para>
/// <para>Placing inverts a piece in two moves: a polynomial fitted to the inverse, then one step of Newton's. The last nanosecond is settled
/// against the integral itself; where the fit is poor, as where a rate starts from 0, a search settles it.</para>
/// </remarks>
public abstract class SmoothRate : RateSegment
{
    /// <summary>How far the compiled integral may be from the formula's, in calls, besides the formula's own rounding.</summary>
    public const double ToleranceCalls = 1e-7;

    private const double FormulaRounding = 2e-14;
    private const long NarrowestNs = 1024;

    private readonly Piece[] _pieces;

    /// <param name="durationNs">The segment's length.</param>
    /// <param name="integral">∫ of the rate over [0, dt], in calls, by the formula.</param>
    /// <param name="breaks">Where the rate or its slope jumps, in nanoseconds from the start; the pieces begin there.</param>
    protected SmoothRate(long durationNs, Func<long, double> integral, IEnumerable<long> breaks)
        : base(durationNs)
    {
        double tolerance = ToleranceCalls + FormulaRounding * integral(durationNs);
        var pieces = new List<Piece>();
        long from = 0;
        foreach (long to in breaks.Where(b => b > 0 && b < durationNs).Append(durationNs).Distinct().Order())
        {
            Compile(integral, from, to, tolerance, pieces);
            from = to;
        }

        // The pieces are chained by their own ends, so the integral never steps back from one to the next.
        double before = 0;
        _pieces = [.. pieces];
        for (int i = 0; i < _pieces.Length; i++)
        {
            _pieces[i].Before = before;
            before = _pieces[i].Value(_pieces[i].StartNs + _pieces[i].WidthNs);
        }

        Total = before;
    }

    /// <summary>∫ of the rate over the whole segment.</summary>
    protected double Total { get; }

    /// <summary>How many polynomials the segment was compiled to.</summary>
    public int Pieces => _pieces.Length;

    public override IEnumerable<long> Breaks => _pieces.Skip(1).Select(p => p.StartNs);

    public override double Integral(long dtNs) => dtNs >= DurationNs ? Total : _pieces[PieceAt(dtNs)].Value(dtNs);

    public override void Place(ReadOnlySpan<double> levels, double before, long startNs, Span<long> timesNs)
    {
        int index = PieceBelow(levels[0], before);
        for (int i = 0; i < levels.Length;)
        {
            ref readonly Piece piece = ref _pieces[index];
            double endLevel = index == _pieces.Length - 1 ? double.PositiveInfinity : before + _pieces[index + 1].Before;
            i = PlaceFours(piece, levels, i, endLevel, before, startNs, timesNs);
            for (; i < levels.Length && levels[i] <= endLevel; i++)
            {
                double level = levels[i];
                long guess = Math.Clamp(piece.Invert(level - before), piece.StartNs, piece.StartNs + piece.WidthNs - 1);
                bool settled = before + piece.Value(guess) < level && before + piece.Value(guess + 1) >= level;
                timesNs[i] = startNs + (settled ? guess : Search(guess, level, before));
            }

            index = Math.Min(index + 1, _pieces.Length - 1);
        }
    }

    /// <summary>Places four levels at a time while they are the piece's and settle at once; returns how far it came.</summary>
    private static int PlaceFours(in Piece piece, ReadOnlySpan<double> levels, int from, double endLevel, double before, long startNs, Span<long> timesNs)
    {
        Vector256<double> offset = Vector256.Create(before);
        Vector256<double> one = Vector256<double>.One;
        Vector256<long> pieceStart = Vector256.Create(startNs + piece.StartNs);
        int i = from;
        for (; i + 4 <= levels.Length && levels[i + 3] <= endLevel; i += 4)
        {
            Vector256<double> level = Vector256.Create(levels.Slice(i, 4));
            Vector256<double> guess = piece.Invert(level - offset);
            Vector256<double> settled = Vector256.LessThan(offset + piece.Value(guess), level)
                & Vector256.GreaterThanOrEqual(offset + piece.Value(guess + one), level);
            if (settled.AsInt64() != Vector256<long>.AllBitsSet)
            {
                break;
            }

            (Vector256.ConvertToInt64(guess) + pieceStart).CopyTo(timesNs.Slice(i, 4));
        }

        return i;
    }

    private static void Compile(Func<long, double> integral, long fromNs, long toNs, double tolerance, List<Piece> pieces)
    {
        long widthNs = toNs - fromNs;
        double start = integral(fromNs);
        if (widthNs <= NarrowestNs)
        {
            pieces.Add(Piece.Line(fromNs, widthNs, integral(toNs) - start));
            return;
        }

        Piece piece = PieceFit.Fit(integral, fromNs, widthNs, start);
        if (PieceFit.Error(integral, piece, start) <= tolerance)
        {
            pieces.Add(piece);
            return;
        }

        long middle = fromNs + widthNs / 2;
        Compile(integral, fromNs, middle, tolerance, pieces);
        Compile(integral, middle, toNs, tolerance, pieces);
    }

    private int PieceAt(long dtNs)
    {
        int low = 0, high = _pieces.Length - 1;
        while (low < high)
        {
            int middle = (low + high + 1) / 2;
            (low, high) = _pieces[middle].StartNs <= dtNs ? (middle, high) : (low, middle - 1);
        }

        return low;
    }

    /// <summary>The last piece that begins below a level.</summary>
    private int PieceBelow(double level, double before)
    {
        int low = 0, high = _pieces.Length - 1;
        while (low < high)
        {
            int middle = (low + high + 1) / 2;
            (low, high) = before + _pieces[middle].Before < level ? (middle, high) : (low, middle - 1);
        }

        return low;
    }
}
