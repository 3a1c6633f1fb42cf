namespace SpikeBench.Core.Engine;

/// <summary>One attempt that a worker asks its lane to start.</summary>
/// <param name="Slot">The worker's own number for the attempt, 0 to <see cref="CallPlan.SlotsPerLane"/> − 1; unique until its end is reported.</param>
/// <param name="Operation">Index into <see cref="CallPlan.Operations"/>.</param>
/// <param name="ArrivalIndex">Which arrival of the plan this attempt serves.</param>
/// <param name="Payload">Index into the operation's payload pool.</param>
/// <param name="DeadlineNs">When the attempt must have ended, on the run's clock; the lane ends it then with <see cref="Failure.Timeout"/>.</param>
public readonly record struct CallStart(int Slot, int Operation, long ArrivalIndex, int Payload, long DeadlineNs);

/// <summary>What a lane says to an attempt to start a call.</summary>
public enum StartResult : byte
{
    /// <summary>The call is the lane's; exactly one <see cref="CallEvent"/> will report its end.</summary>
    Started,

    /// <summary>Every connection has as many open streams as its peer allows: the worker keeps the call and asks again after the next poll.</summary>
    NoStream,

    /// <summary>No connection stands: the call has failed and the lane keeps nothing of it.</summary>
    NoConnection,
}
