using SpikeBench.Core;

namespace SpikeBench.Grpc.Dynamic;

/// <summary>JSON that is not the JSON of a message: where, what was expected, what was given.</summary>
/// <param name="path">The place, from the message's own name on: <c>Order.lines[0].qty</c>.</param>
/// <param name="problem">Such as <c>expected uint32, got -1</c>.</param>
public sealed class MessageJsonException(string path, string problem) : UsageException($"{path}: {problem}")
{
    /// <summary>The place, from the message's own name on.</summary>
    public string Path { get; } = path;

    /// <summary>What is wrong there.</summary>
    public string Problem { get; } = problem;
}
