namespace SpikeBench.Target.Services;

/// <summary>What operations cost at the turnstile, in sends.</summary>
internal sealed record ServiceCosts
{
    /// <summary>A login (default: 5).</summary>
    public double Login { get; init; } = 5;

    /// <summary>Each member that a group message is delivered to, on top of the send itself (default: 0.1).</summary>
    public double PerMember { get; init; } = 0.1;
}
