using System.Globalization;
using Google.Protobuf.Reflection;
using SpikeBench.Core.Profiles;
using SpikeBench.Core.Profiles.Templates;
using SpikeBench.Grpc.Dynamic;

namespace SpikeBench.Grpc.Payloads;

/// <summary>
/// Turns a message as the profile gives it into code that writes it as JSON, any number of times: fields are found, templates bound, and
/// what differs from call to call gets a place in the bytes. What is wrong is reported with its own line and column.
/// </summary>
/// <param name="scope">What templates draw on.</param>
/// <param name="isJson">Strings, numbers and words are told apart already; else the field's type says what a text is.</param>
/// <param name="report">Takes a node, its path below the message, and what is wrong with it.</param>
internal sealed class MessageCompiler(TemplateScope scope, bool isJson, Action<ProfileNode, string, string> report)
{
    private const int KeyNumber = 1;
    private const int ValueNumber = 2;

    /// <summary>Some text may be another one in every message of the pool.</summary>
    public bool IsDrawn { get; private set; }

    /// <summary>A whole message.</summary>
    public WriteJson Message(MessageDescriptor type, ProfileNode node) => Object(type, node, "");

    private WriteJson Object(MessageDescriptor type, ProfileNode node, string path)
    {
        switch (SpecialJsons.Of(type))
        {
            case SpecialJson.None:
                break;
            case SpecialJson.Wrapper:
                return Single(type.FindFieldByNumber(SpecialJsons.WrappedField), node, path);
            case SpecialJson.Timestamp or SpecialJson.Duration or SpecialJson.FieldMask:
                return WellKnownText(type, node, path);
            default:
                return Free(node, path);
        }

        if (node is not MappingNode mapping)
        {
            return Wrong(node, path, $"is a {type.Name}: give its fields ({Fields(type)}), not {Describe(node)}");
        }

        var fields = new List<(string Name, ProfileNode Node, WriteJson Write)>();
        foreach (MappingEntry entry in mapping.Entries)
        {
            string at = path.Length == 0 ? entry.Key : $"{path}.{entry.Key}";
            if (type.Fields.InDeclarationOrder().FirstOrDefault(f => f.JsonName == entry.Key || f.Name == entry.Key) is { } field)
            {
                fields.Add((entry.Key, entry.Value, Field(field, entry.Value, at)));
            }
            else if (entry.Key.StartsWith('['))
            {
                fields.Add((entry.Key, entry.Value, Free(entry.Value, at)));
            }
            else
            {
                string hint = Suggestion.DidYouMean(entry.Key, type.Fields.InDeclarationOrder().Select(f => f.Name));
                Wrong(entry.Value, at, $"{type.FullName} has no such field; it has {Fields(type)}{hint}");
            }
        }

        return entry =>
        {
            entry.Json.WriteStartObject();
            foreach ((string name, ProfileNode value, WriteJson write) in fields)
            {
                if (!entry.IsLeftOut(value))
                {
                    entry.Json.WritePropertyName(name);
                    write(entry);
                }
            }

            entry.Json.WriteEndObject();
        };
    }

    private WriteJson Field(FieldDescriptor field, ProfileNode node, string path)
    {
        if (IsNull(node))
        {
            return entry => entry.Json.WriteNullValue();
        }

        if (field.IsMap)
        {
            return Map(field, node, path);
        }

        if (!field.IsRepeated)
        {
            return Single(field, node, path);
        }

        return node is SequenceNode list
            ? List(list, path, (item, at) => Single(field, item, at))
            : Wrong(node, path, $"is {FieldKinds.WithArticle(field)}: start each item with '- ' or write [a, b], not {Describe(node)}");
    }

    private WriteJson Map(FieldDescriptor field, ProfileNode node, string path)
    {
        if (node is not MappingNode mapping)
        {
            return Wrong(node, path, $"is a map: give keys and values, not {Describe(node)}");
        }

        FieldDescriptor key = field.MessageType.FindFieldByNumber(KeyNumber), value = field.MessageType.FindFieldByNumber(ValueNumber);
        return Entries(mapping, path, entry => KeyText(key, entry, path), (item, at) => Single(value, item, at));
    }

    private WriteJson Single(FieldDescriptor field, ProfileNode node, string path)
    {
        if (field.FieldType is FieldType.Message or FieldType.Group)
        {
            return Object(field.MessageType, node, path);
        }

        if (node is not ScalarNode scalar)
        {
            return Wrong(node, path, $"is {FieldKinds.WithArticle(field)}: give one value, not {Describe(node)}");
        }

        BoundTemplate? text = Bind(scalar.Value, node, path);
        if (text is null)
        {
            return _ => { };
        }

        if (text.Template.IsPerCall)
        {
            Func<PoolEntry, string>? perCall = PerCall(field, text, node, path);
            return perCall is null ? _ => { } : entry => entry.Json.WriteStringValue(perCall(entry));
        }

        if (field.FieldType == FieldType.Bytes && text.Template.Parts is [BytesPart bytes])
        {
            Core.Schedule.CounterRandom draws = scope.NextDraws();
            return entry => entry.Json.WriteBase64StringValue(bytes.Draw(draws, entry.Number));
        }

        bool isGiven = isJson && text.Template.IsLiteral;
        return isGiven && JsonNodes.IsWord(scalar)
            ? entry => entry.Json.WriteRawValue(scalar.Value)
            : entry => WriteText(entry, field, Plain(text, entry), isGiven);
    }

    /// <summary>JSON's mapping reads numbers from strings as well; only enums by number and bools are words of their own.</summary>
    private static void WriteText(PoolEntry entry, FieldDescriptor field, string text, bool isGiven)
    {
        if (!isGiven && field.FieldType == FieldType.Bool && text is "true" or "false")
        {
            entry.Json.WriteBooleanValue(text == "true");
        }
        else if (!isGiven && field.FieldType == FieldType.Enum && int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number))
        {
            entry.Json.WriteNumberValue(number);
        }
        else
        {
            entry.Json.WriteStringValue(text);
        }
    }

    /// <summary>Text with places that each call writes over; null after reporting that it cannot stand in the field.</summary>
    private Func<PoolEntry, string>? PerCall(FieldDescriptor field, BoundTemplate text, ProfileNode node, string path)
    {
        TemplatePart? only = text.Template.Parts is [{ } single] ? single : null;
        switch (field.FieldType)
        {
            case FieldType.String:
                return AsText(text);
            case FieldType.Bytes when only is UuidPart:
                PatchSlot uuid = PatchSlot.OfUuidBytes(text.DrawsOf(0));
                return entry => entry.Imagine(uuid);
            case FieldType.Bool or FieldType.Enum or FieldType.Bytes:
                Wrong(node, path, $"is {FieldKinds.WithArticle(field)}, which '{text.Template.Text}' cannot fill{(field.FieldType == FieldType.Bytes ? "; ${uuid} alone gives its 16 bytes" : "")}");
                return null;
            default:
                string? error = null;
                PatchSlot? slot = null;
                if (only is null or UuidPart)
                {
                    error = only is null
                        ? $"is {FieldKinds.WithArticle(field)}: ${{seq}} or ${{now}} must stand alone in a number"
                        : $"is {FieldKinds.WithArticle(field)}, which ${{uuid}} cannot fill; write ${{seq}}";
                }
                else
                {
                    (slot, error) = PatchSlot.OfNumber(only, field);
                }

                if (slot is null)
                {
                    Wrong(node, path, error!);
                    return null;
                }

                return entry => entry.Imagine(slot);
        }
    }

    private WriteJson WellKnownText(MessageDescriptor type, ProfileNode node, string path)
    {
        if (node is not ScalarNode scalar)
        {
            return Wrong(node, path, $"is a {type.Name}, which JSON writes as text{Example(type)}, not {Describe(node)}");
        }

        BoundTemplate? text = Bind(scalar.Value, node, path);
        if (text is null)
        {
            return _ => { };
        }

        if (!text.Template.IsPerCall)
        {
            return entry => entry.Json.WriteStringValue(Plain(text, entry));
        }

        if (SpecialJsons.Of(type) != SpecialJson.Timestamp || text.Template.Parts is not [NowPart { Unit: null }])
        {
            return Wrong(node, path, $"is a {type.Name}, which '{text.Template.Text}' cannot fill{(SpecialJsons.Of(type) == SpecialJson.Timestamp ? "; write ${now} alone" : "")}");
        }

        PatchSlot slot = PatchSlot.OfTimestamp();
        return entry => entry.Json.WriteStringValue(entry.Imagine(slot));
    }

    /// <summary>What has no fixed type: google.protobuf.Value, Struct, ListValue, Any and extensions.</summary>
    private WriteJson Free(ProfileNode node, string path)
    {
        switch (node)
        {
            case MappingNode mapping:
                return Entries(mapping, path, entry => KeyText(null, entry, path), Free);
            case SequenceNode list:
                return List(list, path, Free);
            case ScalarNode scalar when JsonNodes.IsWord(scalar):
                return entry => entry.Json.WriteRawValue(scalar.Value);
            case ScalarNode scalar when Bind(scalar.Value, node, path) is { } text:
                Func<PoolEntry, string> write = AsText(text);
                return entry => entry.Json.WriteStringValue(write(entry));
            default:
                return _ => { };
        }
    }

    private Func<PoolEntry, string>? KeyText(FieldDescriptor? key, MappingEntry entry, string path)
    {
        if (Bind(entry.Key, entry.Value, path) is not { } text)
        {
            return null;
        }

        return text.Template.IsPerCall && key is not null ? PerCall(key, text, entry.Value, path) : AsText(text);
    }

    private static WriteJson List(SequenceNode list, string path, Func<ProfileNode, string, WriteJson> write)
    {
        (ProfileNode Node, WriteJson Write)[] items = [.. list.Items.Select((item, i) => (item, write(item, $"{path}[{i}]")))];
        return entry =>
        {
            entry.Json.WriteStartArray();
            foreach ((ProfileNode node, WriteJson item) in items)
            {
                if (!entry.IsLeftOut(node))
                {
                    item(entry);
                }
            }

            entry.Json.WriteEndArray();
        };
    }

    private static WriteJson Entries(MappingNode mapping, string path, Func<MappingEntry, Func<PoolEntry, string>?> key, Func<ProfileNode, string, WriteJson> write)
    {
        (ProfileNode Node, Func<PoolEntry, string>? Key, WriteJson Write)[] entries =
            [.. mapping.Entries.Select(e => (e.Value, key(e), write(e.Value, $"{path}.{e.Key}")))];
        return entry =>
        {
            entry.Json.WriteStartObject();
            foreach ((ProfileNode node, Func<PoolEntry, string>? name, WriteJson value) in entries)
            {
                if (name is not null && !entry.IsLeftOut(node))
                {
                    entry.Json.WritePropertyName(name(entry));
                    value(entry);
                }
            }

            entry.Json.WriteEndObject();
        };
    }

    /// <summary>Text as it is rendered, with a place of its own for each part that differs from call to call.</summary>
    private static Func<PoolEntry, string> AsText(BoundTemplate text)
    {
        PatchSlot?[] slots = [.. text.Template.Parts.Select((part, i) => part.IsPerCall ? PatchSlot.OfText(part, text.DrawsOf(i)) : null)];
        return entry => text.Render(entry.Number, part => entry.Imagine(slots[part]!));
    }

    private static string Plain(BoundTemplate text, PoolEntry entry) => text.Render(entry.Number, _ => "");

    private BoundTemplate? Bind(string text, ProfileNode node, string path)
    {
        if (!Template.TryParse(text, out Template? template, out string? error))
        {
            Wrong(node, path, error);
            return null;
        }

        try
        {
            IsDrawn |= template.IsDrawn;
            return template.Bind(scope);
        }
        catch (TemplateException e)
        {
            Wrong(node, path, e.Message);
            return null;
        }
    }

    private bool IsNull(ProfileNode node) => node is ScalarNode { IsPlain: true } scalar && (scalar.Value == "null" || (!isJson && scalar.Value is "~" or ""));

    private WriteJson Wrong(ProfileNode node, string path, string message)
    {
        report(node, path, message);
        return _ => { };
    }

    private static string Fields(MessageDescriptor type) =>
        type.Fields.InDeclarationOrder().Count == 0 ? "it has none" : string.Join(", ", type.Fields.InDeclarationOrder().Select(f => f.Name));

    private static string Example(MessageDescriptor type) => SpecialJsons.Of(type) switch
    {
        SpecialJson.Timestamp => ", like 2026-01-01T00:00:00Z or ${now}",
        SpecialJson.Duration => ", like 1.5s",
        _ => "",
    };

    private static string Describe(ProfileNode node) => node switch
    {
        MappingNode => "fields",
        SequenceNode => "a list",
        ScalarNode { Value.Length: 0 } => "nothing",
        ScalarNode scalar => $"'{scalar.Value}'",
        _ => "that",
    };
}
