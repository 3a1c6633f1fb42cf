using System.Net;
using System.Net.Sockets;

namespace SpikeBench.IntegrationTests.Grpc;

/// <summary>A loopback port that refuses connections: bound, so that nobody else is given it meanwhile, and never listened at.</summary>
internal sealed class ClosedPort : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    public ClosedPort()
    {
        _socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        Number = ((IPEndPoint)_socket.LocalEndPoint!).Port;
    }

    public int Number { get; }

    public void Dispose() => _socket.Dispose();
}
