using SpikeBench.Core.Profiles.Feeds;
using SpikeBench.Core.Schedule;

namespace SpikeBench.Core.Profiles.Templates;

/// <summary>What templates draw on: a seed, the files of the profile, the environment. Each place that is bound gets draws of its own.</summary>
/// <param name="seed">Fixes what is drawn; places bound in the same order draw the same.</param>
public sealed class TemplateScope(ulong seed)
{
    private ulong _places;

    /// <summary>The tables that <c>${csv …}</c> names, as the profile read them. (default: none)</summary>
    public IReadOnlyList<FeedFile> Files { get; init; } = [];

    /// <summary>Looks a variable of the environment up. (default: the process's own)</summary>
    public Func<string, string?> Environment { get; init; } = System.Environment.GetEnvironmentVariable;

    /// <summary>Tells the run's name, for <c>${run}</c>; not asked where no template names it. (default: run)</summary>
    public Func<string> Run { get; init; } = static () => "run";

    internal CsvTable? TableOf(string file) => Files.FirstOrDefault(f => f.File == file)?.Table;

    /// <summary>The draws of one place.</summary>
    public CounterRandom NextDraws() => new(CounterRandom.Mix(seed + ++_places * 0x9E3779B97F4A7C15), CounterRandom.Stream.Templates);
}

/// <summary>A template cannot be filled: the message says what is missing and how to mend it.</summary>
public sealed class TemplateException(string message) : UsageException(message);
