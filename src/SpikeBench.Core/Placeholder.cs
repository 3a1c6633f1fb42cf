namespace SpikeBench.Core; internal static class Placeholder { }
