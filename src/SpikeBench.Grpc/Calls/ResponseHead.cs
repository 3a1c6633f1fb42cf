using System.Buffers.Text;
using SpikeBench.Grpc.Hpack;

namespace SpikeBench.Grpc.Calls;

/// <summary>What a call needs to know of a response's header block.</summary>
/// <param name="HttpStatus"><c>:status</c>, or 0 where the block has none, as trailers do not.</param>
/// <param name="GrpcStatus"><c>grpc-status</c>, or one of the two constants.</param>
/// <param name="IsGrpcContent"><c>content-type</c> begins with <c>application/grpc</c>.</param>
/// <param name="IsMalformed">A pseudo-header is out of place or out of range (RFC 9113, 8.3).</param>
internal readonly record struct ResponseHead(ushort HttpStatus, byte GrpcStatus, bool IsGrpcContent, bool IsMalformed)
{
    /// <summary>The block has no <c>grpc-status</c>.</summary>
    public const byte NoGrpcStatus = 255;

    /// <summary>The block has a <c>grpc-status</c> that is no number.</summary>
    public const byte BadGrpcStatus = 254;
}

/// <summary>Reads a <see cref="ResponseHead"/> out of a block's fields.</summary>
internal sealed class ResponseHeadReader : IHeaderSink
{
    /// <summary>Enough of a <c>grpc-message</c> to tell what went wrong; the rest is cut off.</summary>
    public const int MaxMessageLength = ReplyStore.InlineSize;

    private readonly byte[] _message = new byte[MaxMessageLength];
    private ushort _httpStatus;
    private byte _grpcStatus;
    private bool _isGrpcContent;
    private bool _isMalformed;
    private bool _fieldSeen;
    private int _messageLength;

    /// <summary>The block's <c>grpc-message</c>, decoded; empty without one.</summary>
    public ReadOnlySpan<byte> Message => _message.AsSpan(0, _messageLength);

    public ResponseHead Head => new(_httpStatus, _grpcStatus, _isGrpcContent, _isMalformed);

    public void Begin()
    {
        _httpStatus = 0;
        _grpcStatus = ResponseHead.NoGrpcStatus;
        _isGrpcContent = false;
        _isMalformed = false;
        _fieldSeen = false;
        _messageLength = 0;
    }

    public void OnHeader(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if (name.Length > 0 && name[0] == ':')
        {
            ReadPseudoHeader(name, value);
            return;
        }

        _fieldSeen = true;
        if (name.SequenceEqual("grpc-status"u8))
        {
            _grpcStatus = ParseStatus(value);
        }
        else if (name.SequenceEqual("grpc-message"u8))
        {
            _messageLength = PercentDecoder.Decode(value, _message);
        }
        else if (name.SequenceEqual("content-type"u8))
        {
            _isGrpcContent = IsGrpc(value);
        }
    }

    // 8.3: pseudo-headers come first, and a response has one only, once.
    private void ReadPseudoHeader(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        bool valid = !_fieldSeen && _httpStatus == 0 && name.SequenceEqual(":status"u8)
            && value.Length == 3 && Utf8Parser.TryParse(value, out _httpStatus, out int read) && read == 3 && _httpStatus >= 100;
        _isMalformed |= !valid;
    }

    private static byte ParseStatus(ReadOnlySpan<byte> value)
    {
        if (!Utf8Parser.TryParse(value, out uint code, out int read) || read != value.Length)
        {
            return ResponseHead.BadGrpcStatus;
        }

        // doc/statuscodes.md: a code that the client does not know is UNKNOWN.
        return code < Core.Engine.GrpcStatus.Count ? (byte)code : Core.Engine.GrpcStatus.Unknown;
    }

    // "application/grpc", optionally with "+proto" or parameters; "application/grpc-web" is another protocol.
    private static bool IsGrpc(ReadOnlySpan<byte> value)
    {
        ReadOnlySpan<byte> grpc = "application/grpc"u8;
        return value.StartsWith(grpc) && (value.Length == grpc.Length || value[grpc.Length] is (byte)'+' or (byte)';');
    }
}
