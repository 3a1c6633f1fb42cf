using SpikeBench.Core.Engine;
using SpikeBench.Grpc.Exchange;
using SpikeBench.Grpc.Http;

namespace SpikeBench.Tests.Grpc;

/// <summary>What a port said to an HTTP/2 preface, and the line that tells the user what to write instead.</summary>
public sealed class PortProbeTests
{
    private static readonly byte[] Settings = [0, 0, 0, 4, 0, 0, 0, 0, 0];
    private static readonly byte[] GoAway = [0, 0, 8, 7, 0, 0, 0, 0, 0];
    private static readonly byte[] Alert = [21, 3, 1, 0, 2, 2, 70];

    [Fact]
    public void A_port_asked_without_TLS_is_described()
    {
        TargetLocation at = Of("http://h:1");
        PortProbe.Describe(at, "HTTP/1.1 4"u8, shakesHands: false).ShouldBe("speaks HTTP/1 only: gRPC needs HTTP/2; give its gRPC port, or have this one speak HTTP/2 alone, which is what works without TLS");
        PortProbe.Describe(at, GoAway, shakesHands: false)!.ShouldStartWith("speaks HTTP/1 only");
        PortProbe.Describe(at, Alert, shakesHands: false).ShouldBe("speaks TLS: write https://");
        PortProbe.Describe(at, "HTTP/1.1 4"u8, shakesHands: true).ShouldBe("speaks TLS: write https://");
        PortProbe.Describe(at, "220 mail."u8, shakesHands: false).ShouldBe("does not speak HTTP/2: check the address and the port");
        PortProbe.Describe(at, Settings, shakesHands: false).ShouldBeNull();
        PortProbe.Describe(at, [], shakesHands: false).ShouldBeNull();
    }

    [Fact]
    public void A_port_asked_with_TLS_is_described()
    {
        TargetLocation at = Of("https://h:1");
        PortProbe.Describe(at, Settings, shakesHands: false).ShouldBe("does not speak TLS: it is HTTP/2 in cleartext (h2c), write http://");
        PortProbe.Describe(at, "HTTP/1.1 4"u8, shakesHands: false).ShouldBe("does not speak TLS, and HTTP/1 only: gRPC needs HTTP/2; give its gRPC port");
        PortProbe.Describe(at, "SSH-2.0-O"u8, shakesHands: false).ShouldBe("speaks neither TLS nor HTTP/2: check the address and the port");
        PortProbe.Describe(at, Alert, shakesHands: false).ShouldBeNull();
        PortProbe.Describe(at, [], shakesHands: false).ShouldBeNull();
    }

    [Theory]
    [InlineData("unix:///run/chat.sock")]
    [InlineData("dns:///chat.internal:443")]
    public void Where_the_address_has_no_scheme_for_TLS_the_flag_is_named(string target)
    {
        PortProbe.Describe(Of(target), Alert, shakesHands: false).ShouldBe("speaks TLS: give --tls");
        TargetLocation tls = TargetLocation.Of(new Uri(target), new TransportOptions { CaFile = "ca.pem" });
        PortProbe.Describe(tls, Settings, shakesHands: false).ShouldBe("does not speak TLS: it is HTTP/2 in cleartext (h2c), leave --tls and certificates out");
    }

    private static TargetLocation Of(string target) => TargetLocation.Of(new Uri(target), new TransportOptions());
}
