namespace SpikeBench.Histograms;

/// <summary>One step of an iteration over a histogram; a value, not a shared mutable object as elsewhere in the family.</summary>
/// <param name="From">The previous step's <see cref="To"/>, exclusive; 0 at the first step.</param>
/// <param name="To">Highest value of this step, inclusive, in the histogram's unit.</param>
/// <param name="CountAtSlot">Counts of the last slot of the step.</param>
/// <param name="CountInStep">Counts since the previous step.</param>
/// <param name="CountSoFar">Counts up to and including this step.</param>
/// <param name="Percentile">100 · <see cref="CountSoFar"/> / total.</param>
/// <param name="PercentileLevel">The level that a percentile iteration reports here; the percentile itself in the others.</param>
public readonly record struct HistogramStep(
    long From,
    long To,
    long CountAtSlot,
    long CountInStep,
    long CountSoFar,
    double Percentile,
    double PercentileLevel);
