namespace SpikeBench.Core.Engine;

/// <summary>Something that happened to a started call.</summary>
/// <param name="Slot">The slot of its <see cref="CallStart"/>.</param>
/// <param name="Kind">What happened.</param>
/// <param name="Status">The gRPC status code, 0 (OK) to 16; for a failure without a status the code that gRPC maps it to.</param>
/// <param name="Failure">Why the call did not succeed; <see cref="Failure.None"/> when <paramref name="Status"/> is 0.</param>
/// <param name="AtNs">When it happened, on the run's clock.</param>
/// <param name="OnWireNs">When the request's last byte was handed to the kernel, or −1 where the driver cannot know.</param>
/// <param name="Bytes">Bytes of the reply message, without framing.</param>
public readonly record struct CallEvent(int Slot, EventKind Kind, byte Status, Failure Failure, long AtNs, long OnWireNs, int Bytes);

/// <summary>The kinds of <see cref="CallEvent"/>.</summary>
public enum EventKind : byte
{
    /// <summary>The call is over; its slot is free again.</summary>
    Ended,
}

/// <summary>Who or what made a call fail.</summary>
public enum Failure : byte
{
    /// <summary>Nobody: the status is OK.</summary>
    None,

    /// <summary>The target answered with a status other than OK.</summary>
    Status,

    /// <summary>The deadline passed, here or at the target.</summary>
    Timeout,

    /// <summary>The connection was refused, reset or lost.</summary>
    Connection,

    /// <summary>The target answered something that is not gRPC.</summary>
    Protocol,

    /// <summary>The worker cancelled the call.</summary>
    Cancelled,

    /// <summary>The target answered OK, and its reply did not say what the profile asks of it.</summary>
    Check,
}
