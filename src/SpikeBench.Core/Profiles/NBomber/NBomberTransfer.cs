namespace SpikeBench.Core.Profiles.NBomber;

/// <summary>A profile as NBomber's <c>LoadConfig</c> reads it, and what was lost on the way.</summary>
/// <param name="Json">The strict form: exact case, whole durations, no comments.</param>
/// <param name="Notes">What NBomber cannot say as the profile does.</param>
public sealed record NBomberExport(string Json, IReadOnlyList<string> Notes);

/// <summary>An NBomber config as a profile's text, and what to look at.</summary>
/// <param name="Yaml">The profile.</param>
/// <param name="Warnings">Where the config may not mean what its author thought, and what a profile does not carry.</param>
public sealed record NBomberImport(string Yaml, IReadOnlyList<string> Warnings);
