using System.Globalization;
using SpikeBench.Core.Profiles;

namespace SpikeBench.Cli.Running;

/// <summary>
/// The capacity that the reference messenger is given when a run starts it: 1.5 times the claim's peak, so that the claim can hold and
/// twice the claim cannot.
/// </summary>
/// <remarks>
/// capacity = slots / (service · c), where c is the mix's mean cost in sends (a login costs five). The service time is near 8 ms whatever
/// the rate, so that response times look alike at every scale; it absorbs what whole slots cannot.
/// </remarks>
internal sealed record MessengerModel(int Slots, long ServiceNs, double CallsPerSecond)
{
    private const double Headroom = 1.5;
    private const double NearServiceSeconds = 0.008;
    private const double LoginCost = 5;
    private const string LoginCall = "spikebench.messenger.v1.Messenger/Login";

    /// <summary>The model for a claim's peak.</summary>
    public static MessengerModel For(double claimPeakPerSecond, IReadOnlyList<Operation> operations)
    {
        double capacity = Headroom * claimPeakPerSecond;
        double cost = operations.Sum(o => o.Weight * (o.Call == LoginCall ? LoginCost : 1)) / operations.Sum(o => o.Weight);
        int slots = Math.Max(1, (int)Math.Round(capacity * cost * NearServiceSeconds));
        long serviceNs = (long)(slots / (capacity * cost) * 1e9);
        return new MessengerModel(slots, serviceNs, capacity);
    }

    /// <summary>The flags of the messenger's process.</summary>
    public IReadOnlyList<string> Flags(ulong seed) =>
    [
        "--store", "memory",
        "--slots", Slots.ToString(CultureInfo.InvariantCulture),
        "--service", string.Create(CultureInfo.InvariantCulture, $"{ServiceNs / 1000.0:0.###}us"),
        "--login-cost", LoginCost.ToString(CultureInfo.InvariantCulture),
        "--seed", (seed & int.MaxValue).ToString(CultureInfo.InvariantCulture),
    ];

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Slots} slots, sends hold one for {Units.Duration(ServiceNs)} on average: {Units.Rate(CallsPerSecond)} of this mix");
}
