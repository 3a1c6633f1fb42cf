using SpikeBench.Core.Schedule;

namespace SpikeBench.Core.Engine;

/// <summary>
/// What a client does: makes attempts of an operation until it is over. Runs on the worker's thread between two polls, so it must not
/// block or allocate.
/// </summary>
public interface IClientBehaviour
{
    /// <summary>The operation is due: what to do first.</summary>
    Next Begin(ref UserOp op);

    /// <summary>An attempt has ended: what to do next.</summary>
    /// <param name="op">The operation.</param>
    /// <param name="e">How the attempt ended.</param>
    /// <param name="reply">The reply message; valid during the call only.</param>
    Next Ended(ref UserOp op, in CallEvent e, ReadOnlySpan<byte> reply);
}

/// <summary>A client's next step.</summary>
public enum Next : byte
{
    /// <summary>Start an attempt now.</summary>
    Attempt,

    /// <summary>The operation is over, with the last attempt's outcome.</summary>
    Done,
}

/// <summary>One operation of one user under way; a row of the worker's preallocated table.</summary>
public struct UserOp
{
    public Arrival Arrival { get; set; }

    /// <summary>When the worker first tried to start the current attempt, from T0.</summary>
    public long DispatchedNs { get; set; }

    /// <summary>Attempts started, the current one included.</summary>
    public int Attempts { get; set; }

    /// <summary>The attempt found no free stream at first.</summary>
    public bool WaitedForStream { get; set; }
}

/// <summary>One attempt and no more: the outcome of the attempt is the outcome of the operation.</summary>
public sealed class SingleAttempt : IClientBehaviour
{
    public Next Begin(ref UserOp op) => Next.Attempt;

    public Next Ended(ref UserOp op, in CallEvent e, ReadOnlySpan<byte> reply) => Next.Done;
}
