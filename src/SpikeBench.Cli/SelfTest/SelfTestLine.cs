namespace SpikeBench.Cli.SelfTest;

/// <summary>One row of the selftest's table.</summary>
/// <param name="Part">What is tested.</param>
/// <param name="What">The question.</param>
/// <param name="Expected">The known answer; for what is only shown, what it means.</param>
/// <param name="Got">The instrument's answer.</param>
/// <param name="Holds">Whether it is right; null where the figure is the machine's and is shown, not judged.</param>
internal sealed record SelfTestLine(string Part, string What, string Expected, string Got, bool? Holds);
