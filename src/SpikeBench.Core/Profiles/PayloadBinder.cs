using SpikeBench.Core.Profiles.Feeds;
using SpikeBench.Core.Profiles.Templates;

namespace SpikeBench.Core.Profiles;

/// <summary>Binds the keys that say what is sent: <c>payload</c>, <c>data</c>, <c>data_file</c> and <c>rows</c>. Every template is read, every file too.</summary>
/// <param name="files">Reads the files.</param>
/// <param name="errors">Where mistakes are reported.</param>
internal sealed class PayloadBinder(FeedReader files, List<ProfileError> errors)
{
    private const string PayloadKey = "payload";
    private const string DataKey = "data";
    private const string DataFileKey = "data_file";

    /// <summary>The requests of a call.</summary>
    /// <param name="call">The mapping that has the keys.</param>
    public Payload Bind(MappingReader call)
    {
        string[] given = [.. new[] { PayloadKey, DataKey, DataFileKey }.Where(call.Has)];
        if (given.Length > 1)
        {
            call.Report(given[1], $"and {given[0]}: give one of the two");
        }

        Payload payload = given.FirstOrDefault() switch
        {
            PayloadKey => new Payload { Message = BindFields(call) },
            DataKey => new Payload { Message = BindData(call), IsJson = true },
            DataFileKey => BindFile(call),
            _ => Payload.Empty,
        };
        RowOrder order = call.Choice("rows", "in_order", ["in_order", "seeded"]) == "seeded" ? RowOrder.Seeded : RowOrder.InOrder;
        string key = given.FirstOrDefault() ?? PayloadKey;
        ProfileNode at = call.Entries.FirstOrDefault(e => e.Key == key)?.Value ?? new ScalarNode("", 0, 0);
        payload = payload with { Key = key, Line = at.Line, Column = at.Column, Order = order };
        payload = payload with { Files = CheckTemplates(call, payload) };
        if (call.Has("rows") && payload.Source is null && payload.Files.Count == 0 && payload.Message is not SequenceNode)
        {
            call.Report("rows", "is about lists of messages and files; there are none here: remove it");
        }

        return payload;
    }

    private static ProfileNode? BindFields(MappingReader call)
    {
        ProfileNode node = call.Entries.First(e => e.Key == PayloadKey).Value;
        switch (node)
        {
            case MappingNode:
            case SequenceNode { Items.Count: > 0 } list when list.Items.All(i => i is MappingNode):
                return node;
            default:
                call.Report(PayloadKey, $"expected the request's fields, or a list of requests, got {MappingReader.Describe(node)}");
                return null;
        }
    }

    private static ProfileNode? BindData(MappingReader call)
    {
        if (call.Text(DataKey) is not { Length: > 0 } text)
        {
            return null;
        }

        (ProfileNode? node, string? error) = JsonNodes.Read(text);
        if (node is MappingNode or SequenceNode { Items.Count: > 0 } && (node is not SequenceNode list || list.Items.All(i => i is MappingNode)))
        {
            return node;
        }

        call.Report(DataKey, error ?? "must be a JSON object, or an array of them with one at least");
        return null;
    }

    private Payload BindFile(MappingReader call)
    {
        if (call.Text(DataFileKey) is not { Length: > 0 } file)
        {
            return Payload.Empty;
        }

        (FeedFile? source, string? error) = files.Messages(file);
        if (error is not null)
        {
            call.Report(DataFileKey, error);
        }

        bool isCsv = Path.GetExtension(file).Equals(".csv", StringComparison.OrdinalIgnoreCase);
        return new Payload { Source = source, IsJson = !isCsv };
    }

    /// <summary>Reads every template, and the files that they name.</summary>
    private List<FeedFile> CheckTemplates(MappingReader call, Payload payload)
    {
        var named = new List<FeedFile>();
        var refused = new HashSet<string>();
        bool isList = payload.Messages.Count > 1 || payload.Message is SequenceNode;
        for (int i = 0; i < payload.Messages.Count; i++)
        {
            Check(payload.Messages[i], call.PathOf(payload.Key) + (isList ? $"[{i}]" : ""));
        }

        return named;

        void Check(ProfileNode node, string path)
        {
            switch (node)
            {
                case MappingNode mapping:
                    var seen = new HashSet<string>();
                    foreach (MappingEntry entry in mapping.Entries)
                    {
                        if (!seen.Add(entry.Key))
                        {
                            Report(entry.Line, entry.Column, $"{path}.{entry.Key}", "is given twice");
                        }

                        CheckText(entry.Key, entry.Line, entry.Column, $"{path}.{entry.Key}");
                        Check(entry.Value, $"{path}.{entry.Key}");
                    }

                    break;
                case SequenceNode list:
                    for (int i = 0; i < list.Items.Count; i++)
                    {
                        Check(list.Items[i], $"{path}[{i}]");
                    }

                    break;
                case ScalarNode scalar:
                    CheckText(scalar.Value, scalar.Line, scalar.Column, path);
                    break;
            }
        }

        void CheckText(string text, int line, int column, string path)
        {
            if (!Template.TryParse(text, out Template? template, out string? error))
            {
                Report(line, column, path, error);
                return;
            }

            foreach (CsvPart part in template.Parts.OfType<CsvPart>())
            {
                (FeedFile? file, error) = files.Table(part.File);
                if (file is null)
                {
                    if (refused.Add(part.File))
                    {
                        Report(line, column, path, error!);
                    }

                    continue;
                }

                if (file.Table!.IndexOf(part.Column) < 0)
                {
                    Report(line, column, path, part.Missing(file.Table));
                }
                else if (!named.Contains(file))
                {
                    named.Add(file);
                }
            }
        }

        // What came from JSON has no place of its own: the key's stands for it.
        void Report(int line, int column, string path, string message) =>
            errors.Add(new ProfileError(line == 0 ? payload.Line : line, line == 0 ? payload.Column : column, path, message));
    }
}
