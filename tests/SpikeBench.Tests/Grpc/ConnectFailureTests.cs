using System.Security.Authentication;
using SpikeBench.Core.Engine;
using SpikeBench.Grpc.Http;

namespace SpikeBench.Tests.Grpc;

/// <summary>One line for each way in which TLS does not come about: where, what, and what to do.</summary>
public sealed class ConnectFailureTests
{
    private static readonly HandlerFactory Target = new(new Uri("https://chat.internal:443"), new TransportOptions(), TimeSpan.FromSeconds(1));

    [Theory]
    [InlineData("error:0A000460:SSL routines::reason(1120): no application protocol", "speaks TLS, but HTTP/1.1 only: gRPC needs HTTP/2; offer h2 there (ALPN), or give its gRPC port")]
    [InlineData("error:0A00042E:SSL routines::tlsv1 alert protocol version", "speaks no version of TLS that this machine does: allow TLS 1.2 or 1.3 there")]
    [InlineData("error:0A000102:SSL routines::unsupported protocol", "speaks no version of TLS that this machine does: allow TLS 1.2 or 1.3 there")]
    [InlineData("error:0A000458:SSL routines::tlsv1 unrecognized name", "knows no host of the name chat.internal: give the name it goes by with --authority")]
    [InlineData("error:0A00045C:SSL routines::tlsv13 alert certificate required", "it ended the TLS handshake: does it want a client certificate (--cert FILE --key FILE), one of an authority that it knows?")]
    [InlineData("error:0A00010B:SSL routines::wrong version number", "does not speak TLS there: is it cleartext (then write http://)?")]
    public void A_handshake_that_failed_says_what_to_do(string openSsl, string line)
    {
        var failure = new HttpRequestException(
            HttpRequestError.SecureConnectionError, "The SSL connection could not be established, see inner exception.",
            new AuthenticationException("Authentication failed, see inner exception.", new InvalidOperationException(openSsl)));

        ConnectFailure.Explain(Target, failure).ShouldBe($"https://chat.internal/: {line}");
    }

    [Fact]
    public void A_server_without_HTTP2_behind_TLS_is_told_what_it_lacks() =>
        ConnectFailure.Explain(Target, new HttpRequestException(HttpRequestError.VersionNegotiationError, "no")).ShouldContain("HTTP/1.1 only: gRPC needs HTTP/2; offer h2 there (ALPN)");
}
