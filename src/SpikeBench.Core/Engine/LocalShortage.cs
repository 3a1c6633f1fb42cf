namespace SpikeBench.Core.Engine;

/// <summary>What this machine refused a driver: no descriptor, no port, no memory for a socket. Never the target's doing.</summary>
/// <param name="Connections">Attempts to connect that it refused.</param>
/// <param name="Calls">Calls that failed because no connection stood while it did.</param>
public sealed record LocalShortage(long Connections, long Calls);
