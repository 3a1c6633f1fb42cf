using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Google.Protobuf.Reflection;
using SpikeBench.Core;
using SpikeBench.Core.Engine;
using SpikeBench.Core.Profiles;
using SpikeBench.Core.Schedule;
using SpikeBench.Grpc.Dynamic;

namespace SpikeBench.Grpc.Payloads;

/// <summary>Writes one piece of a message as JSON.</summary>
internal delegate void WriteJson(PoolEntry entry);

/// <summary>An encoded message and what calls write over their copies of it.</summary>
internal sealed record PooledMessage(byte[] Bytes, IReadOnlyList<MessagePatch> Patches);

/// <summary>One message of a pool in the making: its JSON, then its bytes, then the places in them.</summary>
/// <param name="type">The message's type.</param>
/// <param name="types">What <c>Any</c> is looked up in.</param>
/// <param name="draws">Where imagined calls are drawn from.</param>
internal sealed class PoolEntry(MessageDescriptor type, MessageTypes? types, CounterRandom draws)
{
    // A wrong place takes that another part of the message has the imagined value's bytes by chance: with four digits once in some hundred tries.
    private const int MostAttempts = 32;

    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly ArrayBufferWriter<byte> _text = new();
    private readonly List<Mark> _marks = [];
    private readonly HashSet<ProfileNode> _left = new(ReferenceEqualityComparer.Instance);
    private long _imagined;

    public Utf8JsonWriter Json { get; } = new(new ArrayBufferWriter<byte>(), Options);

    /// <summary>The message's number in its pool.</summary>
    public long Number { get; private set; }

    /// <summary>Leaves a value out from now on: what is wrong with it has been said.</summary>
    public bool LeaveOut(ProfileNode node) => _left.Add(node);

    public bool IsLeftOut(ProfileNode node) => _left.Count > 0 && _left.Contains(node);

    /// <summary>What JSON says in a place that each call writes over.</summary>
    public string Imagine(PatchSlot slot)
    {
        Mark mark = slot.Imagine(draws, _imagined++);
        _marks.Add(mark);
        return mark.Text;
    }

    /// <summary>Encodes a message.</summary>
    /// <param name="write">Writes it as JSON.</param>
    /// <param name="number">Its number in the pool.</param>
    /// <exception cref="MessageJsonException">A value does not fit its field.</exception>
    public PooledMessage Encode(WriteJson write, long number)
    {
        Number = number;
        for (int attempt = 0; attempt < MostAttempts; attempt++)
        {
            _text.ResetWrittenCount();
            _marks.Clear();
            Json.Reset(_text);
            write(this);
            Json.Flush();
            using JsonDocument document = JsonDocument.Parse(_text.WrittenMemory, new JsonDocumentOptions { MaxDepth = 128 });
            byte[] bytes = JsonToWire.Encode(type, document.RootElement, types);
            if (_marks.Count == 0)
            {
                return new PooledMessage(bytes, []);
            }

            if (TryPlace(bytes, out MessagePatch[] patches))
            {
                return new PooledMessage(bytes, patches);
            }
        }

        throw new InvariantException($"{type.FullName}: what differs from call to call was not found in the encoded message.");
    }

    private bool TryPlace(byte[] bytes, out MessagePatch[] patches)
    {
        patches = new MessagePatch[_marks.Count];
        for (int i = 0; i < patches.Length; i++)
        {
            int at = bytes.AsSpan().IndexOf(_marks[i].Pattern);
            if (at < 0 || bytes.AsSpan(at + 1).IndexOf(_marks[i].Pattern) >= 0)
            {
                return false;
            }

            patches[i] = _marks[i].Patch with { Offset = at };
        }

        // No imagined call's values stay behind: as it is, the message is that of call 0 at the beginning of 1970.
        foreach (MessagePatch patch in patches)
        {
            patch.Write(bytes, 0, 0);
        }

        return true;
    }
}
