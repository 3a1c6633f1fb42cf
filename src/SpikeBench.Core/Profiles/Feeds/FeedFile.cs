using System.Text.Json.Serialization;

namespace SpikeBench.Core.Profiles.Feeds;

/// <summary>A file that requests are made from. Its name and hash are part of the profile, and so of the profile's hash; its rows are not.</summary>
/// <param name="File">As the profile names it.</param>
/// <param name="Sha256">Of its text in UTF-8, without a byte order mark.</param>
/// <param name="Rows">How many rows, or messages, it has.</param>
public sealed record FeedFile(string File, string Sha256, int Rows)
{
    /// <summary>Its rows, where it is a CSV; null in a stored profile.</summary>
    [JsonIgnore]
    public CsvTable? Table { get; init; }

    /// <summary>Its messages, where it is the source of an operation's; null in a stored profile, and where it is not.</summary>
    [JsonIgnore]
    public IReadOnlyList<ProfileNode>? Messages { get; init; }
}

/// <summary>How calls go through the rows of files and through lists of messages.</summary>
public enum RowOrder
{
    /// <summary>The call at place i takes row i, from the first again after the last; with several operations each takes the rows of its own calls' places.</summary>
    InOrder,

    /// <summary>Each call draws its row, all as likely, from the seed and its place.</summary>
    Seeded,
}
