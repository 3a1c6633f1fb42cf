using System.Diagnostics;

namespace SpikeBench.IntegrationTests.Target;

/// <summary>The interoperability cases of gRPC, asked of our hosting by clients that others wrote.</summary>
public sealed class InteropTests
{
    private static readonly string[] Cases =
    [
        "empty_unary", "large_unary", "client_compressed_unary", "server_compressed_unary", "client_streaming",
        "client_compressed_streaming", "server_streaming", "server_compressed_streaming", "ping_pong", "empty_stream",
        "cancel_after_begin", "cancel_after_first_response", "timeout_on_sleeping_server", "custom_metadata",
        "status_code_and_message", "special_status_message", "unimplemented_method", "unimplemented_service",
    ];

    private static readonly string[] ServiceCases = ["health", "reflection_v1", "reflection_v1alpha", "messenger_methods"];

    [PeerFact(Peers.Python)]
    public Task Python_on_the_C_core_passes_every_case() => PassAsync(Peers.Python, [.. Cases, .. ServiceCases], "--store", "sqlite");

    [PeerFact(Peers.Python)]
    public async Task Python_on_the_C_core_passes_every_case_over_TLS()
    {
        string certificate = Path.Combine(Path.GetTempPath(), $"spikebench-{Guid.NewGuid():N}.pem");
        try
        {
            await PassAsync(Peers.Python, [.. Cases, .. ServiceCases], "--store", "memory", "--tls", "--tls-cert-out", certificate);
        }
        finally
        {
            File.Delete(certificate);
        }
    }

    [PeerFact(Peers.Cpp)]
    public Task Cpp_passes_every_case() => PassAsync(Peers.Cpp, Cases, "--store", "memory");

    [PeerFact(Peers.Go)]
    public Task Grpc_go_passes_every_case() => PassAsync(Peers.Go, Cases, "--store", "memory");

    [PeerFact(Peers.Node)]
    public Task Grpc_js_passes_every_case() => PassAsync(Peers.Node, Cases, "--store", "memory");

    private static async Task PassAsync(string peer, string[] expected, params string[] flags)
    {
        await using TargetRun target = await TargetRun.StartAsync(["--interop", .. flags]);
        bool tls = target.Address.Scheme == "https";
        string[] extra = tls ? [flags[^1]] : [];

        // The certificate is for localhost; C core would take an address too, but says so only in a log.
        string address = tls ? $"localhost:{target.Address.Port}" : target.Authority;
        using Process client = Process.Start(Peers.Command(peer, [address, target.Protos, .. extra]))!;
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        Task<string> errors = client.StandardError.ReadToEndAsync(limit.Token);
        string output = await client.StandardOutput.ReadToEndAsync(limit.Token);
        await client.WaitForExitAsync(limit.Token);
        output.Split('\n', StringSplitOptions.RemoveEmptyEntries).ShouldBe(expected.Select(name => "PASS " + name), await errors);
    }
}
