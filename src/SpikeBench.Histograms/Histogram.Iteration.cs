namespace SpikeBench.Histograms;

/// <content>The ways to walk over a histogram; none allocates.</content>
public sealed partial class Histogram
{
    /// <summary>The slots that counted something, ascending.</summary>
    public RecordedSlots RecordedSlots => new(this);

    /// <summary>Steps of equal width.</summary>
    /// <param name="width">1 or more, in the histogram's unit.</param>
    public LinearSteps LinearSteps(long width) => new(this, width);

    /// <summary>Steps that grow by a factor.</summary>
    /// <param name="first">Width of the first step, 1 or more, in the histogram's unit.</param>
    /// <param name="factor">Above 1.</param>
    public LogarithmicSteps LogarithmicSteps(long first, double factor) => new(this, first, factor);

    /// <summary>Percentile levels that grow denser towards 100.</summary>
    /// <param name="ticksPerHalfDistance">Levels per halving of the distance to 100 %, 1 or more; 5 is the family's custom.</param>
    public PercentileSteps PercentileSteps(int ticksPerHalfDistance = 5) => new(this, ticksPerHalfDistance);
}
