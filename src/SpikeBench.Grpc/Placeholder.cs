namespace SpikeBench.Grpc; internal static class Placeholder { }
