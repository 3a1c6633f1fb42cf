using System.Globalization;
using Google.Protobuf.Reflection;

namespace SpikeBench.Grpc.Dynamic;

/// <summary>One message on its way from its fields to JSON.</summary>
internal sealed class JsonPrinter(MessageTypes types, JsonStyle style)
{
    private readonly JsonText _json = new(style.Indented);

    public override string ToString() => _json.ToString();

    public void Message(WireMessage message)
    {
        switch (SpecialJsons.Of(message.Type))
        {
            case SpecialJson.Wrapper:
                FieldDescriptor wrapped = message.Type.FindFieldByNumber(SpecialJsons.WrappedField);
                Value(wrapped, message.Find(SpecialJsons.WrappedField) ?? WireMessage.DefaultOf(wrapped));
                break;
            case SpecialJson.Timestamp when WellKnownText.Timestamp(message.Whole(1), (int)message.Whole(2)) is { } time:
                _json.String(time);
                break;
            case SpecialJson.Duration when WellKnownText.Duration(message.Whole(1), (int)message.Whole(2)) is { } length:
                _json.String(length);
                break;
            case SpecialJson.FieldMask when WellKnownText.FieldMask([.. Items(message.Find(1)).Cast<string>()]) is { } mask:
                _json.String(mask);
                break;
            case SpecialJson.Struct:
                Struct(message);
                break;
            case SpecialJson.ListValue:
                _json.Begin('[');
                foreach (object item in Items(message.Find(1)))
                {
                    Message((WireMessage)item);
                }

                _json.End(']');
                break;
            case SpecialJson.Value:
                DynamicValue(message);
                break;
            case SpecialJson.Any:
                Any(message);
                break;
            default:
                _json.Begin('{');
                Fields(message);
                _json.End('}');
                break;
        }
    }

    private void Fields(WireMessage message)
    {
        foreach ((FieldDescriptor field, object value) in style.WithDefaults ? WithDefaults(message) : message.Values)
        {
            if (!style.WithDefaults && !field.HasPresence && IsDefault(value))
            {
                continue;
            }

            _json.Name(field.IsExtension ? $"[{field.FullName}]" : field.JsonName);
            Field(field, value);
        }
    }

    /// <summary>What is there, and of the rest what has no way to be absent.</summary>
    private static IEnumerable<(FieldDescriptor Field, object Value)> WithDefaults(WireMessage message) =>
        message.Values
            .Concat(message.Type.Fields.InFieldNumberOrder().Where(f => !f.HasPresence && message.Find(f.FieldNumber) is null).Select(f => (Field: f, Value: NoneOf(f))))
            .OrderBy(f => f.Field.FieldNumber);

    private static object NoneOf(FieldDescriptor field) =>
        field.IsMap ? new OrderedDictionary<object, object>() : field.IsRepeated ? new List<object>() : WireMessage.DefaultOf(field);

    private void Field(FieldDescriptor field, object value)
    {
        switch (value)
        {
            case List<object> list:
                _json.Begin('[');
                list.ForEach(item => Value(field, item));
                _json.End(']');
                break;
            case OrderedDictionary<object, object> map:
                FieldDescriptor valueField = field.MessageType.FindFieldByNumber(2);
                _json.Begin('{');
                foreach ((object key, object item) in map)
                {
                    _json.Name(key switch { bool truth => truth ? "true" : "false", _ => Convert.ToString(key, CultureInfo.InvariantCulture)! });
                    Value(valueField, item);
                }

                _json.End('}');
                break;
            default:
                Value(field, value);
                break;
        }
    }

    private void Value(FieldDescriptor field, object value)
    {
        CultureInfo invariant = CultureInfo.InvariantCulture;
        switch (value)
        {
            case WireMessage message:
                Message(message);
                break;
            case string text:
                _json.String(text);
                break;
            case byte[] bytes:
                _json.String(Convert.ToBase64String(bytes));
                break;
            case bool truth:
                _json.Bare(truth ? "true" : "false");
                break;
            case double number when double.IsFinite(number):
                _json.Bare(number.ToString("R", invariant));
                break;
            case double number:
                _json.String(NotFinite(number));
                break;
            case float number when float.IsFinite(number):
                _json.Bare(number.ToString("R", invariant));
                break;
            case float number:
                _json.String(NotFinite(number));
                break;
            case int _ when SpecialJsons.IsNullValue(field):
                _json.Bare("null");
                break;
            case int number when field.EnumType.FindValueByNumber(number) is { } named:
                _json.String(named.Name);
                break;
            default:
                // A reader in JavaScript has no 64-bit numbers, so these stand in quotes.
                string digits = Convert.ToString(value, invariant)!;
                if (field.FieldType is FieldType.Int64 or FieldType.UInt64 or FieldType.SInt64 or FieldType.Fixed64 or FieldType.SFixed64)
                {
                    _json.String(digits);
                }
                else
                {
                    _json.Bare(digits);
                }

                break;
        }
    }

    private void Struct(WireMessage message)
    {
        _json.Begin('{');
        if (message.Find(1) is OrderedDictionary<object, object> map)
        {
            foreach ((object key, object value) in map)
            {
                _json.Name((string)key);
                Message((WireMessage)value);
            }
        }

        _json.End('}');
    }

    /// <summary>A oneof of six kinds; with none of them it is no JSON at all, and shown as null.</summary>
    private void DynamicValue(WireMessage message)
    {
        (FieldDescriptor Field, object Value)? kind = message.Values.Select(v => ((FieldDescriptor, object)?)v).FirstOrDefault();
        if (kind is null)
        {
            _json.Bare("null");
        }
        else
        {
            Value(kind.Value.Field, kind.Value.Value);
        }
    }

    private void Any(WireMessage message)
    {
        string url = message.Text(1);
        byte[] bytes = message.Find(2) as byte[] ?? [];
        _json.Begin('{');
        if (url.Length > 0)
        {
            _json.Name("@type");
            _json.String(url);
            MessageDescriptor? type = types.Find(url[(url.LastIndexOf('/') + 1)..]);
            if (type is null)
            {
                _json.Name("@value");
                _json.String(Convert.ToBase64String(bytes));
            }
            else
            {
                WireMessage inner = WireMessage.Read(type, bytes, types);
                if (SpecialJsons.Of(type) == SpecialJson.None)
                {
                    Fields(inner);
                }
                else
                {
                    _json.Name("value");
                    Message(inner);
                }
            }
        }

        _json.End('}');
    }

    private static List<object> Items(object? list) => list as List<object> ?? [];

    private static string NotFinite(double number) => double.IsNaN(number) ? "NaN" : number > 0 ? "Infinity" : "-Infinity";

    /// <summary>Zero bits; −0 is none.</summary>
    private static bool IsDefault(object value) => value switch
    {
        string text => text.Length == 0,
        byte[] bytes => bytes.Length == 0,
        bool truth => !truth,
        double number => BitConverter.DoubleToUInt64Bits(number) == 0,
        float number => BitConverter.SingleToUInt32Bits(number) == 0,
        int number => number == 0,
        long number => number == 0,
        ulong number => number == 0,
        _ => false,
    };
}
