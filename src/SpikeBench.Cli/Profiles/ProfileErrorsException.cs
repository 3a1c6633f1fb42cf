using SpikeBench.Core;

namespace SpikeBench.Cli;

/// <summary>A profile with mistakes: all of them, one line each.</summary>
internal sealed class ProfileErrorsException(IReadOnlyList<string> lines) : UsageException(string.Join('\n', lines));
