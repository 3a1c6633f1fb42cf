namespace SpikeBench.Histograms;

/// <summary>An encoded histogram or an interval log that is not what its format says. The one error that reading ends in.</summary>
/// <param name="message">What is wrong, and where.</param>
/// <param name="innerException">The failure underneath, where there is one.</param>
public sealed class HistogramFormatException(string message, Exception? innerException = null)
    : FormatException(message, innerException);
