namespace SpikeBench.Core.Engine;

/// <summary>
/// Turns calls into bytes and bytes into outcomes. One driver serves a run; each worker gets a lane of its own.
/// </summary>
/// <remarks>
/// Three kinds of lane fit the same worker loop: one that polls sockets itself, one whose calls complete on other threads,
/// and one in virtual time for tests.
/// </remarks>
public interface IDriver : IAsyncDisposable
{
    /// <summary>The driver's name as <c>--driver</c> takes it and results show it.</summary>
    string Name { get; }

    /// <summary>
    /// Resolves, connects, encodes and warms up: all that must not happen after T0.
    /// </summary>
    /// <exception cref="TargetException">The target cannot be reached, or does not speak what the plan needs.</exception>
    ValueTask PrepareAsync(CallPlan plan, CancellationToken cancel);

    /// <summary>What happened on the connections so far; null where the driver cannot know.</summary>
    DriverCounters? Counters => null;

    /// <summary>What this machine, rather than the target, kept the driver from since <see cref="PrepareAsync"/>; null where it cannot know.</summary>
    LocalShortage? Shortage => null;

    /// <summary>The fewest calls at once that a connection was allowed so far; null where nobody set a limit, or the driver cannot know.</summary>
    int? StreamsPerConnection => null;

    /// <summary>Whether the driver knows when a request's last byte left: service time then counts from the wire, else from dispatch.</summary>
    bool KnowsOnWire => false;

    /// <summary>Opens the lane of one worker. Called on the worker's thread, once per worker, after <see cref="PrepareAsync"/>.</summary>
    ILane OpenLane(int worker, IClock clock);
}

/// <summary>
/// One worker's way to the target.
/// </summary>
/// <remarks>
/// <para>Assumptions:</para>
/// <list type="number">
/// <item>All members are called by the worker's thread only.</item>
/// <item>A slot is not started again before its end was reported.</item>
/// </list>
/// <para>Guarantees:</para>
/// <list type="number">
/// <item>Each <see cref="StartResult.Started"/> call gets exactly one <see cref="EventKind.Ended"/> event, its own deadline at the latest
/// (as soon as <see cref="Poll"/> is called after it).</item>
/// <item>The target's faults are events, never exceptions.</item>
/// <item><see cref="Poll"/> returns at <c>untilNs</c> as precisely as the machine can, or earlier with at least one event, or earlier
/// with none when a waiting <see cref="StartResult.NoStream"/> call could be started now.</item>
/// </list>
/// </remarks>
public interface ILane : IDisposable
{
    /// <summary>Starts a call; never blocks. Bytes may leave only in the next <see cref="Poll"/>.</summary>
    StartResult TryStart(in CallStart call);

    /// <summary>Gives a started call up: its <see cref="EventKind.Ended"/> follows with <see cref="Failure.Cancelled"/> unless it had ended already.</summary>
    void Cancel(int slot);

    /// <summary>Flushes what was started, waits until an event or the time, and fills <paramref name="events"/>.</summary>
    /// <param name="untilNs">When to come back at the latest, on the run's clock; in the past: do not wait.</param>
    /// <param name="events">Where to put events; the rest stays for the next call.</param>
    /// <returns>How many events were put.</returns>
    int Poll(long untilNs, Span<CallEvent> events);

    /// <summary>The reply message of an ended call; valid until the next <see cref="Poll"/>. Empty where there is none.</summary>
    ReadOnlySpan<byte> Reply(in CallEvent e);

    /// <summary>The decoded <c>grpc-message</c> of a failed call, in UTF-8 and cut to 256 bytes; valid until the next <see cref="Poll"/>. Empty where it is unknown.</summary>
    ReadOnlySpan<byte> StatusMessage(in CallEvent e) => default;
}
