namespace SpikeBench.Histograms;

/// <content>The ways to walk over a histogram; none allocates.</content>
public sealed partial class Histogram
{
    /// <summary>The slots that counted something, ascending.</summary>
    public RecordedSlots RecordedSlots => new(this);
}
