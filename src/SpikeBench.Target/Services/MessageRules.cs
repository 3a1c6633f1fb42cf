using System.Text;
using SpikeBench.Target.Rpc;

namespace SpikeBench.Target.Services;

/// <summary>What the messenger asks of a message before it takes it.</summary>
public static class MessageRules
{
    private const int MaxTextBytes = 4096;

    private static readonly GrpcStatus NoSender = new(GrpcCode.InvalidArgument, "sender is empty");
    private static readonly GrpcStatus TooLong = new(GrpcCode.InvalidArgument, "text is longer than 4,096 bytes of UTF-8");

    /// <summary>OK, or INVALID_ARGUMENT with what is wrong.</summary>
    /// <param name="sender">Who sends it; not empty.</param>
    /// <param name="text">At most 4,096 bytes of UTF-8.</param>
    public static GrpcStatus Check(string sender, string text)
    {
        if (sender.Length == 0)
        {
            return NoSender;
        }

        // A char is at most three bytes of UTF-8: short texts need no count.
        return text.Length > MaxTextBytes / 3 && Encoding.UTF8.GetByteCount(text) > MaxTextBytes ? TooLong : GrpcStatus.Ok;
    }
}
