namespace SpikeBench.Reporting; internal static class Placeholder { }
