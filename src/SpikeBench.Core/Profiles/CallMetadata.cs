using System.Text.Json.Serialization;

namespace SpikeBench.Core.Profiles;

/// <summary>One field of custom metadata that calls carry.</summary>
/// <param name="Name">In lower case; ends in <c>-bin</c> where the value is base64 of any bytes.</param>
/// <param name="Template">Its value, which may hold templates; never shown, stored or hashed.</param>
public sealed record MetadataField(string Name, [property: JsonConverter(typeof(RedactedConverter))] string Template)
{
    /// <summary>Its place in the profile's text; 0 for one of the command line.</summary>
    [JsonIgnore]
    public int Line { get; init; }

    /// <summary>Its place in the line.</summary>
    [JsonIgnore]
    public int Column { get; init; }

    /// <summary>Names that calls carry anyway, or that HTTP/2 and gRPC keep to themselves.</summary>
    private static readonly string[] Reserved =
        ["te", "content-type", "content-length", "host", "connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade", "user-agent", "x-spikebench-run"];

    /// <summary>What is wrong with a name; null when nothing is.</summary>
    public static string? Objection(string name)
    {
        if (name.Length == 0 || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.'))
        {
            return $"'{name}' is not a metadata name: letters, digits, '-', '_' and '.'";
        }

        if (name.Any(char.IsAsciiLetterUpper))
        {
            return $"'{name}': metadata names are lower case on the wire: write {name.ToLowerInvariant()}";
        }

        return name.StartsWith("grpc-", StringComparison.Ordinal) || Reserved.Contains(name)
            ? $"'{name}' is gRPC's own and cannot be given"
            : null;
    }

    public override string ToString() => $"{Name}: ***";
}

/// <summary>One field of a reply and what it must be.</summary>
/// <param name="Path">The field's name, or names with dots between: <c>user.name</c>.</param>
/// <param name="Value">As in JSON: a number, true, an enumeration's name, text; bytes in base64.</param>
public sealed record ReplyField(string Path, string Value)
{
    /// <summary>Its place in the profile's text, from 1.</summary>
    [JsonIgnore]
    public int Line { get; init; }

    /// <summary>Its place in the line, from 1.</summary>
    [JsonIgnore]
    public int Column { get; init; }
}

/// <summary>Where an access token comes from. Exactly one of <see cref="File"/> and <see cref="Command"/> is given.</summary>
public sealed record TokenSource
{
    /// <summary>A file whose text is the token.</summary>
    public string? File { get; init; }

    /// <summary>A shell command that prints the token; never shown, for it may hold credentials.</summary>
    [JsonConverter(typeof(RedactedConverter))]
    public string? Command { get; init; }

    /// <summary>The metadata's name. (default: authorization)</summary>
    public string Header { get; init; } = "authorization";

    /// <summary>What stands before the token, with a space between; empty for nothing. (default: Bearer)</summary>
    public string Scheme { get; init; } = "Bearer";

    /// <summary>How often it is fetched again, in nanoseconds; null: before it expires, if it says when (a JWT's exp), and a file each minute. (default: null)</summary>
    public long? RefreshNs { get; init; }

    public override string ToString() => File is null ? "a command" : $"file {File}";
}

/// <summary>Calls outside the load and its books: what a target needs before, or shall not keep afterwards.</summary>
/// <param name="Call">The operation: method, payload, metadata and reply check; its name says where it stands.</param>
/// <param name="Times">How many calls, each with the next message of the pool.</param>
/// <param name="DeadlineNs">Per call, in nanoseconds; compression does not shrink it.</param>
public sealed record SideCall(Operation Call, int Times, long DeadlineNs);
