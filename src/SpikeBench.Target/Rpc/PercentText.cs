using System.Buffers;
using System.Text;

namespace SpikeBench.Target.Rpc;

/// <summary>
/// Percent-encoding of <c>grpc-message</c>: printable ASCII but '%' stays, every other byte of the UTF-8 becomes %XX
/// (PROTOCOL-HTTP2.md, "Status-Message").
/// </summary>
public static class PercentText
{
    private static readonly SearchValues<char> Plain =
        SearchValues.Create([.. Enumerable.Range(0x20, 0x5F).Select(c => (char)c).Where(c => c != '%')]);

    public static string Encode(string text)
    {
        if (!text.AsSpan().ContainsAnyExcept(Plain))
        {
            return text;
        }

        var encoded = new StringBuilder(text.Length + 16);
        foreach (byte b in Encoding.UTF8.GetBytes(text))
        {
            if (Plain.Contains((char)b))
            {
                encoded.Append((char)b);
            }
            else
            {
                encoded.Append('%').Append(Convert.ToHexString([b]));
            }
        }

        return encoded.ToString();
    }
}
