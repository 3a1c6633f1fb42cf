using SpikeBench.Core.Recording;

namespace SpikeBench.Core.Verdict;

/// <summary>A run and the verdict on it.</summary>
public sealed record JudgedRun(RunRecord Record, RunVerdict Verdict);
