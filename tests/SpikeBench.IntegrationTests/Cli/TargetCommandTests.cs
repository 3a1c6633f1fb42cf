using System.Net;
using System.Net.Sockets;

namespace SpikeBench.IntegrationTests.Cli;

/// <summary><c>spikebench target</c>: however the tool ends, the messenger ends too and frees its port.</summary>
public sealed class TargetCommandTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    [Theory]
    [InlineData("TERM", 0)]
    [InlineData("INT", 0)]
    [InlineData("KILL", 137)]
    public async Task The_messenger_leaves_with_the_tool(string signal, int expected)
    {
        int port = FreePort();
        using SpikeBenchProcess process = SpikeBenchProcess.Start("target", "--", "--listen", $"127.0.0.1:{port}", "--store", "memory");
        using var limit = new CancellationTokenSource(Limit);
        while (!await ListensAsync(port, limit.Token))
        {
            await Task.Delay(50, limit.Token);
        }

        process.Signal(signal);

        // It holds the tool's standard output, so this waits for the messenger's end as well.
        (int code, _, string error) = await process.EndAsync();
        code.ShouldBe(expected, error);
        (await ListensAsync(port, limit.Token)).ShouldBeFalse();
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static async Task<bool> ListensAsync(int port, CancellationToken cancel)
    {
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync(IPAddress.Loopback, port, cancel);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
