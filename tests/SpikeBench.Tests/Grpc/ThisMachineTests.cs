using System.Net;
using SpikeBench.Grpc.Http;

namespace SpikeBench.Tests.Grpc;

public sealed class ThisMachineTests
{
    private static readonly IPAddress[] Own = [IPAddress.Parse("192.168.1.20"), IPAddress.Parse("fe80::1%3"), IPAddress.Parse("127.0.0.1")];

    /// <summary>A server that is called by the machine's own address in the network shares its processors: that is no deployment.</summary>
    [Theory]
    [InlineData("192.168.1.20", true)]
    [InlineData("::ffff:192.168.1.20", true)]
    [InlineData("fe80::1", true)]
    [InlineData("127.0.1.1", true)]
    [InlineData("0.0.0.0", true)]
    [InlineData("192.168.1.21", false)]
    public void A_target_is_here_by_any_of_the_machines_addresses(string address, bool here) =>
        ThisMachine.IsAny([IPAddress.Parse(address)], Own).ShouldBe(here);

    [Fact]
    public void A_name_is_here_if_one_of_its_addresses_is() =>
        ThisMachine.IsAny([IPAddress.Parse("10.0.0.1"), IPAddress.Parse("127.0.0.1")], Own).ShouldBeTrue();
}
