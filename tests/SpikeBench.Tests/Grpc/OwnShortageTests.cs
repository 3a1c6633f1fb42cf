using System.ComponentModel;
using System.Net;
using System.Net.Sockets;
using SpikeBench.Cli;
using SpikeBench.Core;
using SpikeBench.Core.Engine;
using SpikeBench.Grpc.Http;

namespace SpikeBench.Tests.Grpc;

public sealed class OwnShortageTests
{
    private const int ENoMem = 12;
    private const int EMFile = 24;

    private static readonly HandlerFactory Target = new(new Uri("http://127.0.0.1:5000"), new TransportOptions(), TimeSpan.FromSeconds(1));
    private static readonly HandlerFactory Path = new(new Uri("unix:///run/none.sock"), new TransportOptions(), TimeSpan.FromSeconds(1));

    [Theory]
    [InlineData(SocketError.TooManyOpenSockets, "no descriptor is left for a socket (ulimit -n)")]
    [InlineData(SocketError.NoBufferSpaceAvailable, "no memory is left for a socket")]
    [InlineData(SocketError.AddressNotAvailable, "no local port is left, or no address to reach it from")]
    [InlineData(SocketError.AddressAlreadyInUse, "no local port is left, or no address to reach it from")]
    public async Task A_connection_that_this_machine_refused_is_the_generators_failure(SocketError error, string lacking)
    {
        Exception e = await ConnectFailure.OfAsync(Target, Wrapped(error), CancellationToken.None);

        e.ShouldBeOfType<GeneratorException>().Message.ShouldBe(
            $"this machine refused a connection to http://127.0.0.1:5000/: {lacking}. Use fewer (client.connections) or free some; see 'spikebench doctor'");
        ExitCodes.Of(e).ShouldBe(ExitCodes.Invalid);
    }

    [Theory]
    [InlineData(SocketError.ConnectionRefused, "nothing listens there")]
    [InlineData(SocketError.HostUnreachable, "no way leads to 127.0.0.1")]
    [InlineData(SocketError.TimedOut, "no connection came about")]
    public async Task A_connection_that_the_target_or_the_network_refused_is_the_targets(SocketError error, string says)
    {
        Exception e = await ConnectFailure.OfAsync(Target, Wrapped(error), CancellationToken.None);

        e.ShouldBeOfType<TargetException>().Message.ShouldContain(says);
        ExitCodes.Of(e).ShouldBe(ExitCodes.TargetUnreachable);
    }

    /// <summary>What a port lacks at us, a path lacks at the target: the socket is gone, or its queue is full.</summary>
    [Theory]
    [InlineData(SocketError.AddressNotAvailable)]
    [InlineData(SocketError.WouldBlock)]
    public void At_a_sockets_path_a_missing_address_is_the_targets(SocketError error)
    {
        OwnShortage.Of(Wrapped(error), overPort: Path.Location.UnixPath is null).ShouldBeNull();
        OwnShortage.Of(Wrapped(error), overPort: true).ShouldNotBeNull();
        OwnShortage.Of(Wrapped(SocketError.TooManyOpenSockets), overPort: false).ShouldNotBeNull();
    }

    [Fact]
    public void A_process_that_cannot_be_started_for_want_of_descriptors_or_memory_is_told_from_one_that_does_not_exist()
    {
        const int ENoEnt = 2;
        bool known = OperatingSystem.IsLinux();
        (OwnShortage.Of(new Win32Exception(EMFile)) is not null).ShouldBe(known);
        (OwnShortage.Of(new InvalidOperationException("start", new Win32Exception(ENoMem))) is not null).ShouldBe(known);
        OwnShortage.Of(new Win32Exception(ENoEnt)).ShouldBeNull();
    }

    /// <summary>localhost stands for ::1 as well: a machine without IPv6 must not hide that nobody listens at 127.0.0.1.</summary>
    [Fact]
    public void Of_a_names_addresses_one_without_a_way_to_it_tells_the_least()
    {
        int Tells(SocketError error, IPAddress address) => AddressBook.Tells(new SocketException((int)error), address);

        Tells(SocketError.AddressNotAvailable, IPAddress.IPv6Loopback).ShouldBeLessThan(Tells(SocketError.ConnectionRefused, IPAddress.Loopback));
        Tells(SocketError.AddressNotAvailable, IPAddress.Loopback).ShouldBeGreaterThan(Tells(SocketError.ConnectionRefused, IPAddress.IPv6Loopback));
        Tells(SocketError.TooManyOpenSockets, IPAddress.IPv6Loopback).ShouldBeGreaterThan(Tells(SocketError.ConnectionRefused, IPAddress.Loopback));
    }

    [Fact]
    public void Calls_that_this_machine_left_without_a_connection_are_counted()
    {
        var refusals = new LocalRefusals();
        refusals.Note(Wrapped(SocketError.TooManyOpenSockets));
        refusals.Note(Wrapped(SocketError.ConnectionRefused));
        refusals.Note(Wrapped(SocketError.AddressNotAvailable));
        refusals.Shortage.ShouldBe(new LocalShortage(2, 2));

        var atPath = new LocalRefusals { OverPorts = false };
        atPath.Note(Wrapped(SocketError.AddressNotAvailable));
        atPath.Shortage.ShouldBe(new LocalShortage(0, 0));
    }

    private static HttpRequestException Wrapped(SocketError error) =>
        new(HttpRequestError.ConnectionError, "no connection", new SocketException((int)error));
}
