using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using SpikeBench.Grpc.Http;

namespace SpikeBench.Grpc.Exchange;

/// <summary>
/// Finds out what speaks at a port that does not speak what was hoped for: from what it says to an HTTP/2 preface, and whether it takes
/// part in a TLS handshake. Two connections, of which nothing is asked.
/// </summary>
public static class PortProbe
{
    private const int FrameHeader = 9;
    private const byte SettingsFrame = 4;
    private const byte GoAwayFrame = 7;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(2);

    /// <summary>The preface of RFC 9113, 3.4, and an empty SETTINGS frame.</summary>
    private static readonly byte[] Preface = [.. "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8, 0, 0, 0, SettingsFrame, 0, 0, 0, 0, 0];

    /// <summary>What is wrong and what to write instead; null when that cannot be told.</summary>
    public static async Task<string?> DescribeAsync(TargetLocation at, CancellationToken cancel)
    {
        byte[] said = await GuardAsync(stream => GreetAsync(stream, cancel), [], at, cancel).ConfigureAwait(false);
        bool mayBeTls = !at.IsTls && !IsFrame(said, SettingsFrame) && !IsTlsAlert(said);
        bool shakesHands = mayBeTls && await GuardAsync(stream => ShakesHandsAsync(stream, at, cancel), false, at, cancel).ConfigureAwait(false);
        return Describe(at, said, shakesHands);
    }

    /// <summary>What is wrong, from the first bytes said to an HTTP/2 preface without TLS.</summary>
    /// <param name="at">The target, as it was taken to be.</param>
    /// <param name="said">Its first nine bytes at the most.</param>
    /// <param name="shakesHands">It took part in a TLS handshake.</param>
    internal static string? Describe(TargetLocation at, ReadOnlySpan<byte> said, bool shakesHands)
    {
        bool isHttp2 = IsFrame(said, SettingsFrame);

        // Kestrel's answer where it takes both versions, for without TLS it then speaks only the first.
        bool isHttp1 = said.StartsWith("HTTP/1"u8) || IsFrame(said, GoAwayFrame);
        if (at.IsTls)
        {
            return isHttp2 ? $"does not speak TLS: it is HTTP/2 in cleartext (h2c), {WithoutTls(at)}"
                : isHttp1 ? "does not speak TLS, and HTTP/1 only: gRPC needs HTTP/2; give its gRPC port"
                : said.Length > 0 && !IsTlsAlert(said) ? "speaks neither TLS nor HTTP/2: check the address and the port"
                : null;
        }

        return shakesHands || IsTlsAlert(said) ? $"speaks TLS: {WithTls(at)}"
            : isHttp1 ? "speaks HTTP/1 only: gRPC needs HTTP/2; give its gRPC port, or have this one speak HTTP/2 alone, which is what works without TLS"
            : isHttp2 ? null
            : said.Length > 0 ? "does not speak HTTP/2: check the address and the port"
            : null;
    }

    /// <summary>How a target is asked for with TLS.</summary>
    internal static string WithTls(TargetLocation at) => at.UnixPath is null && !at.RoundRobin ? "write https://" : "give --tls";

    /// <summary>How a target is asked for without TLS.</summary>
    internal static string WithoutTls(TargetLocation at) => at.UnixPath is null && !at.RoundRobin ? "write http://" : "leave --tls and certificates out";

    private static bool IsFrame(ReadOnlySpan<byte> said, byte type) => said is [_, _, _, _, ..] && said[3] == type && said.Length >= FrameHeader;

    /// <summary>A record of TLS: alert (21), version 3.x.</summary>
    private static bool IsTlsAlert(ReadOnlySpan<byte> said) => said is [21, 3, ..];

    private static async Task<byte[]> GreetAsync(Stream stream, CancellationToken cancel)
    {
        await stream.WriteAsync(Preface, cancel).ConfigureAwait(false);
        var buffer = new byte[FrameHeader];
        int read = await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancel).ConfigureAwait(false);
        return buffer[..read];
    }

    private static async Task<bool> ShakesHandsAsync(Stream stream, TargetLocation at, CancellationToken cancel)
    {
        using var tls = new SslStream(stream);

#pragma warning disable CA5359 // Nothing is sent over this connection: that a handshake comes about is all that is asked.
        var options = new SslClientAuthenticationOptions { TargetHost = at.Host, RemoteCertificateValidationCallback = (_, _, _, _) => true };
#pragma warning restore CA5359
        await tls.AuthenticateAsClientAsync(options, cancel).ConfigureAwait(false);
        return true;
    }

    /// <summary>Asks over a connection of its own, for two seconds at most; what fails is no answer.</summary>
    private static async Task<T> GuardAsync<T>(Func<Stream, Task<T>> ask, T otherwise, TargetLocation at, CancellationToken cancel)
    {
        using Socket socket = at.UnixPath is null
            ? new Socket(SocketType.Stream, ProtocolType.Tcp)
            : new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            EndPoint to = at.EndPoint;
            await socket.ConnectAsync(to, cancel).AsTask().WaitAsync(Limit, cancel).ConfigureAwait(false);
            using var stream = new NetworkStream(socket);
            return await ask(stream).WaitAsync(Limit, cancel).ConfigureAwait(false);
        }
        catch (Exception e) when (e is SocketException or IOException or TimeoutException or AuthenticationException or ObjectDisposedException)
        {
            return otherwise;
        }
    }
}
