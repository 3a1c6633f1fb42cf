using System.Text.Json.Serialization;
using SpikeBench.Core.Profiles.Feeds;
using SpikeBench.Core.Schedule;

namespace SpikeBench.Core.Profiles;

/// <summary>The requests of an operation as the profile gives them: a message's fields, a list of messages, or a file of them. Text may hold templates.</summary>
public sealed record Payload
{
    private static readonly MappingNode NoFields = new([], 0, 0);

    /// <summary>A message without fields.</summary>
    public static Payload Empty { get; } = new();

    /// <summary>A message's fields, or a list of messages; null for a message without fields, or where <see cref="Source"/> has them.</summary>
    [JsonConverter(typeof(ProfileNodeJson))]
    public ProfileNode? Message { get; init; }

    /// <summary>The file that has the messages; null where <see cref="Message"/> is all.</summary>
    public FeedFile? Source { get; init; }

    /// <summary>The CSV files that templates name.</summary>
    public IReadOnlyList<FeedFile> Files { get; init; } = [];

    /// <summary>How calls go through rows and lists. (default: in order)</summary>
    public RowOrder Order { get; init; }

    /// <summary>The message was given as JSON, whose strings, numbers and words are told apart; else as YAML, where a field's type says what its text is.</summary>
    public bool IsJson { get; init; }

    /// <summary>The key that it was given by, for errors. (default: payload)</summary>
    [JsonIgnore]
    public string Key { get; init; } = "payload";

    /// <summary>Where that key's value stands, from 1; 0 where it was not read from a text.</summary>
    [JsonIgnore]
    public int Line { get; init; }

    /// <summary>The same, in its line.</summary>
    [JsonIgnore]
    public int Column { get; init; }

    /// <summary>The messages that calls go through; one where there is no list.</summary>
    [JsonIgnore]
    public IReadOnlyList<ProfileNode> Messages => Source?.Messages ?? (Message is SequenceNode list ? list.Items : [Message ?? NoFields]);

    /// <summary>How many messages are made before the run, and how calls take them.</summary>
    [JsonIgnore]
    public PoolChoice Choice
    {
        get
        {
            // Whole rounds of the longest list, so that each row is as likely as the others, and follows the one before.
            int messages = Source?.Rows ?? (Message is SequenceNode list ? list.Items.Count : 1);
            int rows = Math.Max(messages, Files.Select(f => f.Rows).DefaultIfEmpty(1).Max());
            int rounds = (LoadPlan.PoolSize + rows - 1) / rows;
            return new PoolChoice(rows * rounds, rows > 1 && Order == RowOrder.InOrder);
        }
    }

    /// <summary>A message of single fields.</summary>
    public static Payload Of(params (string Field, string Template)[] fields) =>
        new() { Message = new MappingNode([.. fields.Select(f => new MappingEntry(f.Field, new ScalarNode(f.Template, 0, 0), 0, 0))], 0, 0) };
}
