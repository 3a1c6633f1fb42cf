namespace SpikeBench.Core;

/// <summary>The user's mistake: a profile or a flag. The message says what, where and how to fix it.</summary>
public class UsageException(string message) : Exception(message);

/// <summary>The system under test cannot be reached or does not speak what was asked. Only before T0: afterwards it is an outcome.</summary>
public sealed class TargetException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>The generator's machine cannot do what was asked. Only before T0: afterwards it is for the checks to find.</summary>
public sealed class GeneratorException(string message) : Exception(message);

/// <summary>Our own mistake: something that cannot happen did.</summary>
public sealed class InvariantException(string message) : Exception(message);
