using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Text;
using SpikeBench.Core;
using SpikeBench.Core.Engine;
using SpikeBench.Grpc.Http;

namespace SpikeBench.Grpc.Calls;

/// <summary>
/// Every request of a plan, encoded once: messages with gRPC's prefix in one block of memory, what calls write over their copies of
/// them, and the header fields of each operation. Shared by all lanes and never changed.
/// </summary>
/// <remarks>
/// gRPC's Length-Prefixed-Message (grpc/grpc, doc/PROTOCOL-HTTP2.md):
/// <code>
/// +-----------------+-----------------------+-------------
/// | Compressed (8)  | Message-Length (32)   | Message ...
/// +-----------------+-----------------------+-------------
/// </code>
/// </remarks>
internal sealed class RequestTemplates
{
    public const int PrefixLength = 5;
    public const int PrefixLengthOffset = 1;

    /// <summary>A path, authority or run id beyond this could make a header block that no longer fits one frame.</summary>
    private const int MaxFieldLength = 2048;

    /// <summary>The longest access token, with what stands before it. Room for it is reserved on every connection.</summary>
    public const int MaxTokenLength = 4096;

    /// <summary>All custom metadata of a call: servers take 8 KiB of headers as a rule, and a block must fit one frame.</summary>
    private const int MaxMetadataLength = 6144;

    private readonly byte[] _messages;
    private readonly MessagePatch[] _patches;
    private readonly Template[] _templates;
    private readonly int[] _firstOfOperation;
    private readonly Tail[] _tails;

    public RequestTemplates(CallPlan plan)
    {
        bool pack = plan.Compression == MessageCompression.Gzip;
        if (pack && plan.Operations.Any(o => o.Patches is not null))
        {
            throw new UsageException("Messages that differ from call to call cannot be packed before the run: use --driver http, or no compression of requests.");
        }

        // A message that stands in a pool many times over is kept once: what is small stays in the processor's cache.
        IReadOnlyList<byte[]> messages = [.. plan.Operations.SelectMany(o => o.Payloads).Distinct<byte[]>(ReferenceEqualityComparer.Instance)];
        IReadOnlyList<IReadOnlyList<MessagePatch>> patches =
        [
            .. plan.Operations.SelectMany(o => o.Patches ?? []).Distinct<IReadOnlyList<MessagePatch>>(ReferenceEqualityComparer.Instance),
        ];
        _templates = new Template[plan.Operations.Sum(o => o.Payloads.Count)];
        _tails = new Tail[_templates.Length];
        Dictionary<object, byte[]> sent = new(messages.Select(m => KeyValuePair.Create((object)m, pack ? GzipMessages.Pack(m) : m)), ReferenceEqualityComparer.Instance);
        _messages = new byte[checked(sent.Values.Sum(m => m.Length + PrefixLength))];
        _patches = [.. patches.SelectMany(p => p).Select(p => p with { Offset = p.Offset + PrefixLength })];
        Dictionary<object, int> starts = StartsOf(messages, m => sent[m].Length + PrefixLength);
        Dictionary<object, int> firstPatches = StartsOf(patches, p => p.Count);
        foreach (byte[] message in messages)
        {
            int at = starts[message];
            byte[] bytes = sent[message];
            _messages[at] = pack ? (byte)1 : (byte)0;
            BinaryPrimitives.WriteInt32BigEndian(_messages.AsSpan(at + PrefixLengthOffset), bytes.Length);
            bytes.CopyTo(_messages, at + PrefixLength);
        }

        _firstOfOperation = new int[plan.Operations.Count];
        Paths = new byte[plan.Operations.Count][];
        Authority = Field("authority", TargetLocation.Of(plan.Target, plan.Transport).Authority);
        RunId = Field("run id", plan.RunId);
        Compression = plan.Compression;
        Token = plan.Token;
        Metadata = [.. plan.Operations.Select(FixedMetadata)];

        int template = 0;
        for (int operation = 0; operation < plan.Operations.Count; operation++)
        {
            PlannedOperation planned = plan.Operations[operation];
            Paths[operation] = Field("path", planned.Path);
            _firstOfOperation[operation] = template;
            Tail[] tails = TailsOf(planned);
            for (int i = 0; i < planned.Payloads.Count; i++)
            {
                byte[] payload = planned.Payloads[i];
                IReadOnlyList<MessagePatch> own = planned.PatchesOf(i);
                _tails[template] = tails[i % tails.Length];
                _templates[template++] = new Template(starts[payload], sent[payload].Length + PrefixLength, operation, own.Count == 0 ? 0 : firstPatches[own], own.Count);
            }
        }
    }

    /// <summary>The HTTP/2 path of each operation.</summary>
    public byte[][] Paths { get; }

    public byte[] Authority { get; }

    public byte[] RunId { get; }

    public MessageCompression Compression { get; }

    /// <summary>The access token that all calls carry; null without one.</summary>
    public CallToken? Token { get; }

    /// <summary>Each operation's custom metadata that is the same in all its calls.</summary>
    public IReadOnlyList<(byte[] Name, byte[] Value)>[] Metadata { get; }

    /// <summary>The longest of all <see cref="TailOf"/>.</summary>
    public int MaxTailLength => _tails.Max(t => t.Bytes.Length);

    /// <summary>Some call writes over its copy of a message.</summary>
    public bool HavePatches => _patches.Length > 0;

    /// <summary>The template of an operation's payload.</summary>
    public int IndexOf(int operation, int payload) => _firstOfOperation[operation] + payload;

    public int OperationOf(int template) => _templates[template].Operation;

    /// <summary>The message with its prefix: all that the request's DATA carries.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ReadOnlySpan<byte> MessageOf(int template)
    {
        ref readonly Template t = ref _templates[template];
        return _messages.AsSpan(t.Start, t.Length);
    }

    /// <summary>Header fields that go with this message alone, as literals ready to copy; mostly none.</summary>
    public ReadOnlySpan<byte> TailOf(int template) => _tails[template].Bytes;

    /// <summary>What the call writes over its copy of <see cref="TailOf"/>.</summary>
    public ReadOnlySpan<MessagePatch> TailPatchesOf(int template) => _tails[template].Patches;

    private static (byte[] Name, byte[] Value)[] FixedMetadata(PlannedOperation operation)
    {
        int longest = operation.Metadata.Sum(m => m.Name.Length + m.Values.Max(v => v.Length));
        return longest > MaxMetadataLength
            ? throw new UsageException($"The metadata of {operation.Name} has {longest} characters; at most {MaxMetadataLength} are sent, as servers take no more.")
            : [.. operation.Metadata.Where(m => m.IsFixed).Select(m => (Encoding.ASCII.GetBytes(m.Name), Encoding.ASCII.GetBytes(m.Values[0])))];
    }

    private static Tail[] TailsOf(PlannedOperation operation)
    {
        PlannedMetadata[] varying = [.. operation.Metadata.Where(m => !m.IsFixed)];
        if (varying.Length == 0)
        {
            return [new Tail([], [])];
        }

        var tails = new Tail[operation.Payloads.Count];
        for (int i = 0; i < tails.Length; i++)
        {
            byte[] bytes = LiteralFields.Encode(varying.Select(m => (m.Name, m.Values[i % m.Values.Count])), out int[] valueAt);
            tails[i] = new Tail(bytes, [.. varying.SelectMany((m, f) => m.PatchesOf(i).Select(p => p with { Offset = p.Offset + valueAt[f] }))]);
        }

        return tails;
    }

    /// <summary>What the call writes over its copy of the message; places count from the prefix.</summary>
    public ReadOnlySpan<MessagePatch> PatchesOf(int template)
    {
        ref readonly Template t = ref _templates[template];
        return _patches.AsSpan(t.FirstPatch, t.PatchCount);
    }

    private static Dictionary<object, int> StartsOf<T>(IReadOnlyList<T> items, Func<T, int> length)
        where T : class
    {
        var starts = new Dictionary<object, int>(ReferenceEqualityComparer.Instance);
        int at = 0;
        foreach (T item in items)
        {
            starts[item] = at;
            at += length(item);
        }

        return starts;
    }

    private static byte[] Field(string what, string value)
    {
        // RFC 9113, 8.2.1 forbids control characters; gRPC wants ASCII. Anything else would break the calls at the target only.
        if (value.Length > MaxFieldLength || value.Any(c => c is < ' ' or > '~'))
        {
            throw new UsageException($"The {what} '{value}' must be printable ASCII of at most {MaxFieldLength} characters.");
        }

        return Encoding.ASCII.GetBytes(value);
    }

    private readonly record struct Template(int Start, int Length, int Operation, int FirstPatch, int PatchCount);

    private sealed record Tail(byte[] Bytes, MessagePatch[] Patches);
}
