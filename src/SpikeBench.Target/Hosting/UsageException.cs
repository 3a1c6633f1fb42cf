namespace SpikeBench.Target.Hosting;

/// <summary>A flag that cannot be obeyed. The message is one line for the person who typed it.</summary>
public sealed class UsageException(string message) : Exception(message);
