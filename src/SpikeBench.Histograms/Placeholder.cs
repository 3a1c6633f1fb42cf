namespace SpikeBench.Histograms; internal static class Placeholder { }
