namespace SpikeBench.Core.Profiles;

/// <summary>A profile's text as a tree, each node with its place. The reader of the text format makes it; the binder reads only this.</summary>
/// <param name="Line">From 1.</param>
/// <param name="Column">From 1.</param>
public abstract record ProfileNode(int Line, int Column);

/// <summary>A single value as it was written.</summary>
public sealed record ScalarNode(string Value, int Line, int Column) : ProfileNode(Line, Column)
{
    /// <summary>It stands without quotes: <c>5</c>, <c>true</c> and <c>null</c> may then be more than text. (default: false)</summary>
    public bool IsPlain { get; init; }
}

/// <summary>A list.</summary>
public sealed record SequenceNode(IReadOnlyList<ProfileNode> Items, int Line, int Column) : ProfileNode(Line, Column);

/// <summary>Keys and values in the order they were written.</summary>
public sealed record MappingNode(IReadOnlyList<MappingEntry> Entries, int Line, int Column) : ProfileNode(Line, Column)
{
    /// <summary>The value of a key, or null.</summary>
    public ProfileNode? Find(string key) => Entries.FirstOrDefault(e => e.Key == key)?.Value;
}

/// <summary>One key of a mapping, with the key's own place.</summary>
public sealed record MappingEntry(string Key, ProfileNode Value, int Line, int Column);

/// <summary>One thing wrong with a profile: where, what, and how to mend it.</summary>
/// <param name="Line">From 1; 0 when the whole file is meant.</param>
/// <param name="Column">From 1; 0 when the whole file is meant.</param>
/// <param name="Path">Such as <c>load[1].midnight.rise</c>.</param>
/// <param name="Message">What is wrong and how to mend it.</param>
public sealed record ProfileError(int Line, int Column, string Path, string Message)
{
    /// <summary>In the form that editors and CI systems make clickable: <c>file(line,column): path: message</c>.</summary>
    public string Format(string file) => Line == 0 ? $"{file}: {Message}" : $"{file}({Line},{Column}): {(Path.Length == 0 ? "" : Path + ": ")}{Message}";
}
