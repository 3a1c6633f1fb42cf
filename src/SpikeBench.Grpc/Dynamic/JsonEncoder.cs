using System.Text.Json;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using SpikeBench.Core.Profiles;

namespace SpikeBench.Grpc.Dynamic;

/// <summary>One message on its way from JSON to the wire.</summary>
internal sealed partial class JsonEncoder(MessageDescriptor type, MessageTypes types)
{
    private const string TypeKey = "@type";

    private readonly JsonPath _path = new(type.Name);
    private readonly WireBuffer _wire = new();

    public byte[] Encode(JsonElement json)
    {
        try
        {
            Message(type, json);
        }
        catch (InvalidOperationException)
        {
            // How the reader says that an escape such as \ud83d lacks its other half.
            throw Wrong("holds half a surrogate pair, which is no text");
        }

        return _wire.ToArray();
    }

    /// <summary>The fields of a message, without tag and length.</summary>
    private void Message(MessageDescriptor message, JsonElement json)
    {
        switch (SpecialJsons.Of(message))
        {
            case SpecialJson.None:
                Fields(message, json, typeIsGiven: false);
                break;
            case SpecialJson.Wrapper:
                Scalar(message.FindFieldByNumber(SpecialJsons.WrappedField), json, keepDefault: false);
                break;
            case SpecialJson.Any:
                Any(json);
                break;
            case SpecialJson.Timestamp:
                Timestamp(json);
                break;
            case SpecialJson.Duration:
                Duration(json);
                break;
            case SpecialJson.FieldMask:
                FieldMask(json);
                break;
            case SpecialJson.Struct:
                Struct(json);
                break;
            case SpecialJson.Value:
                Value(json);
                break;
            case SpecialJson.ListValue:
                ListValue(json);
                break;
        }
    }

    private void Fields(MessageDescriptor message, JsonElement json, bool typeIsGiven)
    {
        if (json.ValueKind != JsonValueKind.Object)
        {
            throw Expected($"an object ({message.Name})", json);
        }

        foreach ((string name, FieldDescriptor field, JsonElement value) in InNumberOrder(message, json, typeIsGiven))
        {
            _path.Field(name);
            Field(field, value);
            _path.Leave();
        }
    }

    /// <summary>The fields that are given, each once, and no two of one oneof.</summary>
    private List<(string Name, FieldDescriptor Field, JsonElement Value)> InNumberOrder(MessageDescriptor message, JsonElement json, bool typeIsGiven)
    {
        var given = new List<(string Name, FieldDescriptor Field, JsonElement Value)>();
        foreach (JsonProperty property in json.EnumerateObject())
        {
            string name = property.Name;
            if (typeIsGiven && name == TypeKey)
            {
                continue;
            }

            FieldDescriptor field = Find(message, name);
            foreach ((string other, FieldDescriptor before, _) in given)
            {
                if (before.FieldNumber == field.FieldNumber)
                {
                    throw Wrong(other == name ? $"'{name}' is given twice" : $"'{other}' and '{name}' are one field, given twice");
                }

                if (before.RealContainingOneof is { } oneof && oneof == field.RealContainingOneof && !IsAbsent(field, property.Value))
                {
                    throw Wrong($"'{other}' and '{name}' are both of '{oneof.Name}', which takes only one");
                }
            }

            if (!IsAbsent(field, property.Value))
            {
                given.Add((name, field, property.Value));
            }
        }

        FieldDescriptor? missing = message.Fields.InDeclarationOrder().FirstOrDefault(f => f.IsRequired && !given.Any(g => g.Field.FieldNumber == f.FieldNumber));
        if (missing is not null)
        {
            throw Wrong($"'{missing.JsonName}' is required");
        }

        given.Sort((a, b) => a.Field.FieldNumber.CompareTo(b.Field.FieldNumber));
        return given;
    }

    /// <summary>A field by its JSON name or the name in the .proto file; an extension by its full name in brackets.</summary>
    private FieldDescriptor Find(MessageDescriptor message, string name)
    {
        if (FieldNames.Find(message, name) is { } field)
        {
            return field;
        }

        if (name.StartsWith('[') && name.EndsWith(']') && types.FindExtension(message, name[1..^1]) is { } extension)
        {
            return extension;
        }

        string[] known = [.. message.Fields.InDeclarationOrder().Select(f => f.JsonName)];
        string there = known.Length == 0 ? "it has none" : $"it has {string.Join(", ", known)}";
        _path.Field(name);
        throw Wrong($"{message.Name} has no such field; {there}{Suggestion.DidYouMean(name, known)}");
    }

    private static bool IsAbsent(FieldDescriptor field, JsonElement value) =>
        value.ValueKind == JsonValueKind.Null && (field.IsRepeated || !SpecialJsons.TakesNull(field));

    private void Field(FieldDescriptor field, JsonElement value)
    {
        if (field.IsMap)
        {
            Map(field, value);
        }
        else if (field.IsRepeated)
        {
            List(field, value);
        }
        else
        {
            Single(field, value, keepDefault: field.HasPresence);
        }
    }

    /// <summary>Tag and value.</summary>
    private void Single(FieldDescriptor field, JsonElement value, bool keepDefault)
    {
        if (field.FieldType is not (FieldType.Message or FieldType.Group))
        {
            Scalar(field, value, keepDefault);
        }
        else if (Groups.Is(field))
        {
            _wire.Tag(field.FieldNumber, WireFormat.WireType.StartGroup);
            Message(field.MessageType, value);
            _wire.Tag(field.FieldNumber, WireFormat.WireType.EndGroup);
        }
        else
        {
            _wire.Tag(field.FieldNumber, WireFormat.WireType.LengthDelimited);
            int start = _wire.BeginNested();
            Message(field.MessageType, value);
            _wire.EndNested(start);
        }
    }

    private void Map(FieldDescriptor field, JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.Object)
        {
            throw Expected("an object (a map)", json);
        }

        FieldDescriptor key = field.MessageType.FindFieldByNumber(1), value = field.MessageType.FindFieldByNumber(2);
        var seen = new HashSet<string>();
        foreach (JsonProperty property in json.EnumerateObject())
        {
            _path.Entry(property.Name);
            if (!seen.Add(property.Name))
            {
                throw Wrong("is given twice");
            }

            _wire.Tag(field.FieldNumber, WireFormat.WireType.LengthDelimited);
            int start = _wire.BeginNested();
            MapKey(key, property.Name);
            Element(value, property.Value);
            _wire.EndNested(start);
            _path.Leave();
        }
    }

    private void List(FieldDescriptor field, JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.Array)
        {
            throw Expected($"an array of {Kind(field)}", json);
        }

        // Strings and messages cannot be packed, whatever the descriptor says.
        bool packed = field.IsPacked && field.FieldType is not (FieldType.String or FieldType.Bytes or FieldType.Message or FieldType.Group);
        if (packed && json.GetArrayLength() == 0)
        {
            return;
        }

        int start = 0;
        if (packed)
        {
            _wire.Tag(field.FieldNumber, WireFormat.WireType.LengthDelimited);
            start = _wire.BeginNested();
        }

        int index = 0;
        foreach (JsonElement item in json.EnumerateArray())
        {
            _path.Item(index++);
            if (packed)
            {
                ScalarValue(field, item);
            }
            else
            {
                Element(field, item);
            }

            _path.Leave();
        }

        if (packed)
        {
            _wire.EndNested(start);
        }
    }

    /// <summary>An item of a list or the value of a map's entry: it is there, so null is no word for it.</summary>
    private void Element(FieldDescriptor field, JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Null && !SpecialJsons.TakesNull(field))
        {
            throw Expected(Kind(field), value);
        }

        Single(field, value, keepDefault: true);
    }

    private MessageJsonException Expected(string what, JsonElement got) => Wrong($"expected {what}, got {Shown(got)}");

    private MessageJsonException Wrong(string problem) => new(_path.ToString(), problem);

    /// <summary>A value as the user wrote it, cut where it is long.</summary>
    private static string Shown(JsonElement json)
    {
        const int most = 60;
        string text = json.ValueKind switch
        {
            JsonValueKind.Object => "an object",
            JsonValueKind.Array => "an array",
            _ => json.GetRawText(),
        };
        return text.Length <= most ? text : text[..most] + "…";
    }

    /// <summary>What a field holds, for people: <c>uint32</c>, <c>Color</c>, <c>Order</c>.</summary>
    private static string Kind(FieldDescriptor field) => field.FieldType switch
    {
        FieldType.Enum => field.EnumType.Name,
        FieldType.Message or FieldType.Group => field.MessageType.Name,
        _ => field.FieldType.ToString().ToLowerInvariant(),
    };
}
