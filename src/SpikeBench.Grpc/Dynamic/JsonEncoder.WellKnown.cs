using System.Text.Json;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace SpikeBench.Grpc.Dynamic;

/// <summary>The messages with a JSON of their own. Field numbers are those of google/protobuf/*.proto.</summary>
internal sealed partial class JsonEncoder
{
    private const int TypeUrlField = 1;
    private const int AnyValueField = 2;
    private const int SecondsField = 1;
    private const int NanosField = 2;
    private const int PathsField = 1;
    private const int StructFieldsField = 1;
    private const int ListValuesField = 1;

    private void Any(JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.Object)
        {
            throw Expected("an object with \"@type\" (Any)", json);
        }

        if (!json.EnumerateObject().Any())
        {
            return;
        }

        if (!json.TryGetProperty(TypeKey, out JsonElement url) || url.ValueKind != JsonValueKind.String)
        {
            throw Wrong("lacks \"@type\"; write it like {\"@type\": \"type.googleapis.com/package.Message\", …}");
        }

        string typeUrl = url.GetString()!;
        int slash = typeUrl.LastIndexOf('/');
        if (slash < 0)
        {
            throw Wrong($"\"@type\": \"{typeUrl}\" has no slash; write it like type.googleapis.com/{typeUrl}");
        }

        MessageDescriptor inner = types.Find(typeUrl[(slash + 1)..]) ?? throw Wrong($"\"@type\": there is no message {typeUrl[(slash + 1)..]} in the contract");
        _wire.Tag(TypeUrlField, WireFormat.WireType.LengthDelimited);
        _wire.Text(typeUrl);
        int before = _wire.Length;
        _wire.Tag(AnyValueField, WireFormat.WireType.LengthDelimited);
        int start = _wire.BeginNested();
        // Implementations do not agree on whether Empty is special; both forms are read.
        bool isSpecial = SpecialJsons.Of(inner) != SpecialJson.None || (inner.FullName == "google.protobuf.Empty" && json.TryGetProperty("value", out _));
        if (!isSpecial)
        {
            Fields(inner, json, typeIsGiven: true);
        }
        else
        {
            string? other = json.EnumerateObject().Select(p => p.Name).FirstOrDefault(n => n is not TypeKey and not "value");
            if (other is not null || !json.TryGetProperty("value", out JsonElement value))
            {
                throw Wrong($"a {inner.Name} inside an Any is written {{\"@type\": \"{typeUrl}\", \"value\": …}}");
            }

            _path.Field("value");
            Message(inner, value);
            _path.Leave();
        }

        if (_wire.Length == start)
        {
            _wire.Rewind(before);
            return;
        }

        _wire.EndNested(start);
    }

    private void Timestamp(JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.String || !WellKnownText.TryTimestamp(json.GetString()!, out long seconds, out int nanos))
        {
            throw Expected("a time like \"2026-01-01T00:00:00Z\"", json);
        }

        SecondsAndNanos(seconds, nanos);
    }

    private void Duration(JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.String || !WellKnownText.TryDuration(json.GetString()!, out long seconds, out int nanos))
        {
            throw Expected("seconds like \"1.5s\"", json);
        }

        SecondsAndNanos(seconds, nanos);
    }

    private void SecondsAndNanos(long seconds, int nanos)
    {
        foreach ((int field, long value) in new[] { (SecondsField, seconds), (NanosField, nanos) })
        {
            if (value != 0)
            {
                _wire.Tag(field, WireFormat.WireType.Varint);
                _wire.Varint((ulong)value);
            }
        }
    }

    private void FieldMask(JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.String || !WellKnownText.TryFieldMask(json.GetString()!, out IReadOnlyList<string> paths))
        {
            throw Expected("field paths like \"user.displayName,photo\"", json);
        }

        foreach (string path in paths)
        {
            _wire.Tag(PathsField, WireFormat.WireType.LengthDelimited);
            _wire.Text(path);
        }
    }

    private void Struct(JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.Object)
        {
            throw Expected("an object", json);
        }

        var seen = new HashSet<string>();
        foreach (JsonProperty property in json.EnumerateObject())
        {
            _path.Field(property.Name);
            if (!seen.Add(property.Name))
            {
                throw Wrong("is given twice");
            }

            _wire.Tag(StructFieldsField, WireFormat.WireType.LengthDelimited);
            int entry = _wire.BeginNested();
            _wire.Tag(1, WireFormat.WireType.LengthDelimited);
            _wire.Text(property.Name);
            _wire.Tag(2, WireFormat.WireType.LengthDelimited);
            int value = _wire.BeginNested();
            Value(property.Value);
            _wire.EndNested(value);
            _wire.EndNested(entry);
            _path.Leave();
        }
    }

    /// <summary>A oneof of six kinds: null 1, number 2, string 3, bool 4, struct 5, list 6.</summary>
    private void Value(JsonElement json)
    {
        switch (json.ValueKind)
        {
            case JsonValueKind.Null:
                _wire.Tag(1, WireFormat.WireType.Varint);
                _wire.Varint(0);
                break;
            case JsonValueKind.Number:
                double number = JsonNumber.TryDouble(json.GetRawText(), out double read) ? read : throw Expected("a number that a double holds", json);
                _wire.Tag(2, WireFormat.WireType.Fixed64);
                _wire.Fixed64(BitConverter.DoubleToUInt64Bits(number));
                break;
            case JsonValueKind.String:
                _wire.Tag(3, WireFormat.WireType.LengthDelimited);
                _wire.Text(json.GetString()!);
                break;
            case JsonValueKind.True or JsonValueKind.False:
                _wire.Tag(4, WireFormat.WireType.Varint);
                _wire.Varint(json.GetBoolean() ? 1UL : 0);
                break;
            default:
                bool isObject = json.ValueKind == JsonValueKind.Object;
                _wire.Tag(isObject ? 5 : 6, WireFormat.WireType.LengthDelimited);
                int start = _wire.BeginNested();
                if (isObject)
                {
                    Struct(json);
                }
                else
                {
                    ListValue(json);
                }

                _wire.EndNested(start);
                break;
        }
    }

    private void ListValue(JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.Array)
        {
            throw Expected("an array", json);
        }

        int index = 0;
        foreach (JsonElement item in json.EnumerateArray())
        {
            _path.Item(index++);
            _wire.Tag(ListValuesField, WireFormat.WireType.LengthDelimited);
            int start = _wire.BeginNested();
            Value(item);
            _wire.EndNested(start);
            _path.Leave();
        }
    }
}
