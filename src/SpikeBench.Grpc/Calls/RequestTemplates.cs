using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Text;
using SpikeBench.Core;
using SpikeBench.Core.Engine;

namespace SpikeBench.Grpc.Calls;

/// <summary>
/// Every request of a plan, encoded once: messages with gRPC's prefix in one block of memory, and the header fields of each operation.
/// Shared by all lanes and never changed.
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

    private readonly byte[] _messages;
    private readonly Template[] _templates;
    private readonly int[] _firstOfOperation;

    public RequestTemplates(CallPlan plan)
    {
        int count = plan.Operations.Sum(o => o.Payloads.Count);
        _templates = new Template[count];
        _messages = new byte[checked(plan.Operations.Sum(o => o.Payloads.Sum(p => p.Length + PrefixLength)))];
        _firstOfOperation = new int[plan.Operations.Count];
        Paths = new byte[plan.Operations.Count][];
        Authority = Field("authority", plan.Target.Authority);
        RunId = Field("run id", plan.RunId);

        int template = 0;
        int at = 0;
        for (int operation = 0; operation < plan.Operations.Count; operation++)
        {
            PlannedOperation planned = plan.Operations[operation];
            Paths[operation] = Field("path", planned.Path);
            _firstOfOperation[operation] = template;
            foreach (byte[] payload in planned.Payloads)
            {
                _templates[template++] = new Template(at, payload.Length + PrefixLength, operation);
                BinaryPrimitives.WriteInt32BigEndian(_messages.AsSpan(at + PrefixLengthOffset), payload.Length);
                payload.CopyTo(_messages, at + PrefixLength);
                at += payload.Length + PrefixLength;
            }
        }
    }

    /// <summary>The HTTP/2 path of each operation.</summary>
    public byte[][] Paths { get; }

    public byte[] Authority { get; }

    public byte[] RunId { get; }

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

    private static byte[] Field(string what, string value)
    {
        // RFC 9113, 8.2.1 forbids control characters; gRPC wants ASCII. Anything else would break the calls at the target only.
        if (value.Length > MaxFieldLength || value.Any(c => c is < ' ' or > '~'))
        {
            throw new UsageException($"The {what} '{value}' must be printable ASCII of at most {MaxFieldLength} characters.");
        }

        return Encoding.ASCII.GetBytes(value);
    }

    private readonly record struct Template(int Start, int Length, int Operation);
}
