namespace SpikeBench.Core.Profiles;

/// <summary>
/// When a run is to end early: too many bad calls in a sliding window. Such a run is never a PASS.
/// </summary>
/// <param name="Phase">A phase's name, or <c>*</c> for the whole run.</param>
/// <param name="Operation">An operation's name, or <c>*</c> for all together.</param>
/// <param name="Share">The load ends when more than this share of the window's calls is bad, in (0, 1).</param>
/// <param name="ThresholdNs">A call is bad when it is not OK or its response time is above this; null: when it is not OK.</param>
/// <param name="WindowNs">How far the window reaches back, by intended time.</param>
/// <param name="DelayNs">How long after the phase's start (after T0 for <c>*</c>) the rule sleeps.</param>
/// <param name="MinCalls">Fewer calls in the window decide nothing.</param>
/// <param name="Text">As the user wrote it, e.g. <c>errors &gt; 50%</c>.</param>
public sealed record StopRule(string Phase, string Operation, double Share, long? ThresholdNs, long WindowNs, long DelayNs, long MinCalls, string Text);
