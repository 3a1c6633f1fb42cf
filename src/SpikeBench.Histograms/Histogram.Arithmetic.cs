namespace SpikeBench.Histograms;

/// <content>Adding and subtracting whole histograms, and the correction for coordinated omission.</content>
public sealed partial class Histogram
{
    /// <summary>Adds the counts of another histogram, of any range and precision, its refused counts included.</summary>
    /// <param name="other">Unchanged. Where its slots are cut differently, each counts as its lowest value, as in Java.</param>
    /// <exception cref="ArgumentOutOfRangeException">The other's largest value has no slot here and <see cref="AutoResize"/> is
    /// off.</exception>
    /// <exception cref="OverflowException">The total would pass 2^63 - 1. In both cases this histogram is unchanged.</exception>
    public void Add(Histogram other)
    {
        ArgumentNullException.ThrowIfNull(other);
        ReadOnlySpan<long> slots = other.UsedSlots;
        EnsureCanHold(slots.IsEmpty ? 0 : other._layout.HighestAt(slots.Length - 1), other._total);
        Refuse(other.OutOfRangeCount);
        if (_layout.CutsLike(other._layout))
        {
            SlotMath.Add(_counts.AsSpan(0, slots.Length), slots);
            SetTotal(_total + other._total);
            return;
        }

        for (int i = 0; i < slots.Length; i++)
        {
            if (slots[i] != 0)
            {
                CountAt(_layout.IndexOf(other._layout.LowestAt(i)), slots[i]);
            }
        }
    }

    /// <summary>Takes away the counts of another histogram, for instance an earlier state of this one.</summary>
    /// <param name="other">Unchanged. Its refused counts are taken away too, down to none.</param>
    /// <exception cref="ArgumentException">The other counts something more often than this does; this histogram is unchanged.</exception>
    public void Subtract(Histogram other)
    {
        ArgumentNullException.ThrowIfNull(other);
        Histogram cut = other;
        if (!_layout.CutsLike(other._layout))
        {
            cut = new Histogram(LowestDiscernibleValue, Math.Max(HighestTrackableValue, other.Max), SignificantDigits);
            cut.Add(other);
        }

        ReadOnlySpan<long> less = cut.UsedSlots;
        bool covered = less.Length <= _counts.Length;
        for (int i = 0; covered && i < less.Length; i++)
        {
            covered = less[i] <= _counts[i];
        }

        if (!covered)
        {
            throw new ArgumentException("The other histogram counts a value more often than this one does: it is no part of it.", nameof(other));
        }

        for (int i = 0; i < less.Length; i++)
        {
            _counts[i] -= less[i];
        }

        OutOfRangeCount = Math.Max(0, OutOfRangeCount - other.OutOfRangeCount);
        SetTotal(_total - cut._total);
    }

    /// <summary>
    /// Adds what a closed loop did not send while it was stalled: records the value, then value − interval,
    /// value − 2·interval and so on down to the interval.
    /// </summary>
    /// <remarks>
    /// Only for a closed loop whose samples wait for each other. Response times measured from a schedule's intended start are
    /// already right, and correcting them counts the same stall twice. Never apply it together with <see cref="CopyCorrected"/>.
    /// </remarks>
    /// <param name="value">The measured value, 0 or more.</param>
    /// <param name="expectedInterval">Expected time between samples, in the value's unit; 0 or less corrects nothing.</param>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range, or the total would pass 2^63 - 1.</exception>
    public void RecordCorrected(long value, long expectedInterval)
    {
        Record(value);
        FillBelow(value, 1, expectedInterval);
    }

    /// <summary>A copy in which every slot is corrected as by <see cref="RecordCorrected"/>, starting at the slot's highest
    /// value.</summary>
    /// <remarks>
    /// For data recorded without correction by a closed loop, never for schedule-driven times. Because the exact values are
    /// gone, the result differs slightly from correcting while recording; it equals Java's <c>copyCorrectedForCoordinatedOmission</c>.
    /// </remarks>
    /// <param name="expectedInterval">Expected time between samples, in the values' unit; 0 or less corrects nothing.</param>
    /// <exception cref="ArgumentOutOfRangeException">The total would pass 2^63 - 1.</exception>
    public Histogram CopyCorrected(long expectedInterval)
    {
        var corrected = new Histogram(LowestDiscernibleValue, HighestTrackableValue, SignificantDigits) { AutoResize = AutoResize };
        corrected.Refuse(OutOfRangeCount);
        ReadOnlySpan<long> slots = UsedSlots;
        for (int i = 0; i < slots.Length; i++)
        {
            if (slots[i] != 0)
            {
                long value = _layout.HighestAt(i);
                corrected.Record(value, slots[i]);
                corrected.FillBelow(value, slots[i], expectedInterval);
            }
        }

        return corrected;
    }

    /// <summary>Accounts for what a decoder wrote to the slots of an empty histogram.</summary>
    internal void Filled(long total) => SetTotal(total);

    private void EnsureSlots(scoped in SlotLayout layout, int slots)
    {
        if (!_layout.CutsLike(layout) || (slots > _counts.Length && !AutoResize))
        {
            throw new ArgumentException("The histogram must have the source's lowest value and digits, and at least its range.", nameof(layout));
        }

        if (slots > _counts.Length)
        {
            GrowToHold(layout.HighestAt(slots - 1));
        }
    }

    private void EnsureCanHold(long max, long count)
    {
        if (count > long.MaxValue - _total)
        {
            Throw.TotalTooLarge(count, _total);
        }

        if (_layout.IndexOf(max) >= _counts.Length)
        {
            if (!AutoResize)
            {
                Throw.CannotHold(max, this);
            }

            GrowToHold(max);
        }
    }

    /// <summary>The slots for a recorder to add to, as many as it has.</summary>
    internal Span<long> SlotsToTakeInto(scoped in SlotLayout layout, int slots)
    {
        // No interval holds 2^62 values: below this line the total cannot overflow.
        if (_total > long.MaxValue / 2)
        {
            throw new ArgumentException("The histogram already counts more than 2^62 values: reset it.", nameof(layout));
        }

        EnsureSlots(layout, slots);
        return _counts.AsSpan(0, slots);
    }

    /// <summary>The slots for a decoder to fill, all empty.</summary>
    internal Span<long> SlotsToFill(scoped in SlotLayout layout, int slots)
    {
        EnsureSlots(layout, slots);
        Reset();
        return _counts.AsSpan(0, slots);
    }

    /// <summary>Accounts for what a recorder added to the slots.</summary>
    internal void Took(long added, long refused)
    {
        SetTotal(_total + added);
        Refuse(refused);
    }

    /// <summary>
    /// One step per slot instead of one per missing sample. Of x, x − iv, x − 2iv, … ≥ iv the samples that land in the slot of x are
    /// those at or above lo = max(lowest of the slot, iv): n = (x − lo) / iv + 1 of them, and the next x is n·iv lower.
    /// </summary>
    private void FillBelow(long value, long count, long interval)
    {
        if (interval <= 0)
        {
            return;
        }

        long x = value - interval;
        while (x >= interval)
        {
            int index = _layout.IndexOf(x);
            long lo = Math.Max(_layout.LowestAt(index), interval);
            long samples = ((x - lo) / interval) + 1;
            Int128 added = (Int128)samples * count;
            if (added > long.MaxValue - _total)
            {
                Throw.TotalTooLarge(count, _total);
            }

            CountAt(index, (long)added);
            x -= samples * interval;
        }
    }
}
