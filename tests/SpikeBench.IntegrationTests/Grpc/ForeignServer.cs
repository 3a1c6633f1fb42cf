using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using SpikeBench.IntegrationTests.Target;

namespace SpikeBench.IntegrationTests.Grpc;

/// <summary>A gRPC server that others wrote the stack of, as a process of its own; interop/install.sh builds them. Leaves with the test.</summary>
internal sealed class ForeignServer : IAsyncDisposable
{
    public const string Python = "python";
    public const string Cpp = "cpp";
    public const string Go = "go";
    public const string Node = "node";
    public const string Nginx = "nginx";

    private const string NginxPath = "/usr/sbin/nginx";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly string? _folder;

    private ForeignServer(Process process, int port, string? folder = null)
    {
        _process = process;
        _folder = folder;
        Address = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}"));
    }

    public Uri Address { get; }

    private static string Built => Path.Combine(TargetRun.Root, "artifacts", "peers");

    private static string Sources => Path.Combine(TargetRun.Root, "tests", "SpikeBench.IntegrationTests", "Grpc", "interop");

    private static string Protos => Path.Combine(TargetRun.Root, "src", "SpikeBench.Target", "Protos");

    public static bool IsThere(string server) => server switch
    {
        Python => Directory.Exists("/usr/lib/python3/dist-packages/grpc_tools"),
        Cpp => File.Exists(Path.Combine(Built, "cpp_server")),
        Go => File.Exists(Path.Combine(Built, "go_server")),
        Node => Directory.Exists(Path.Combine(Built, "node", "node_modules", "@grpc", "grpc-js")),
        _ => File.Exists(NginxPath) && IsThere(Go),
    };

    public static async Task<ForeignServer> StartAsync(string server)
    {
        // Debian's own Python: grpcio is installed for that one, whichever comes first on the path.
        (string file, string[] args) = server switch
        {
            Python => ("/usr/bin/python3", (string[])[Path.Combine(Sources, "python_server.py"), Protos]),
            Cpp => (Path.Combine(Built, "cpp_server"), []),
            Go => (Path.Combine(Built, "go_server"), []),
            _ => ("node", [Path.Combine(Sources, "node_server.js"), Protos]),
        };
        var start = new ProcessStartInfo(file, args) { RedirectStandardInput = true, RedirectStandardOutput = true };
        start.Environment["NODE_PATH"] = Path.Combine(Built, "node", "node_modules");
        Process process = Process.Start(start)!;
        using var limit = new CancellationTokenSource(Patience);
        string line = await process.StandardOutput.ReadLineAsync(limit.Token) ?? "";
        line.ShouldStartWith("listening ", customMessage: $"the {server} server");
        return new ForeignServer(process, int.Parse(line["listening ".Length..], CultureInfo.InvariantCulture));
    }

    /// <summary>nginx in front of another server, with its own default of 1000 requests per connection.</summary>
    public static async Task<ForeignServer> StartNginxAsync(Uri upstream)
    {
        int port = FreePort();
        string folder = Directory.CreateTempSubdirectory("spikebench-nginx-").FullName;
        string configuration = Path.Combine(folder, "nginx.conf");
        await File.WriteAllTextAsync(configuration, string.Create(CultureInfo.InvariantCulture, $$"""
            daemon off;
            master_process off;
            worker_processes 1;
            pid {{folder}}/pid;
            error_log {{folder}}/error.log;
            events { worker_connections 1024; }
            http {
              access_log off;
              client_body_temp_path {{folder}}/body;
              proxy_temp_path {{folder}}/proxy;
              fastcgi_temp_path {{folder}}/fastcgi;
              uwsgi_temp_path {{folder}}/uwsgi;
              scgi_temp_path {{folder}}/scgi;
              upstream server { server {{upstream.Authority}}; keepalive 64; }
              server {
                listen 127.0.0.1:{{port}} http2;
                location / { grpc_pass grpc://server; }
              }
            }
            """));
        Process process = Process.Start(new ProcessStartInfo(NginxPath, ["-p", folder, "-c", configuration, "-e", Path.Combine(folder, "error.log")])
        {
            RedirectStandardInput = true,
            RedirectStandardError = true,
        })!;
        var server = new ForeignServer(process, port, folder);
        await server.WaitUntilItListensAsync(port);
        return server;
    }

    /// <summary>Ends the server; how many calls reached its handlers, and how many of them were cancelled while they slept.</summary>
    public async Task<(int Seen, int Cancelled)> StopAsync()
    {
        _process.StandardInput.Close();
        using var limit = new CancellationTokenSource(Patience);
        string[] words = (await _process.StandardOutput.ReadToEndAsync(limit.Token)).Trim().Split(' ');
        await _process.WaitForExitAsync(limit.Token);
        return (int.Parse(words[1], CultureInfo.InvariantCulture), int.Parse(words[3], CultureInfo.InvariantCulture));
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
        if (_folder is not null)
        {
            Directory.Delete(_folder, recursive: true);
        }
    }

    private async Task WaitUntilItListensAsync(int port)
    {
        using var limit = new CancellationTokenSource(Patience);
        while (!_process.HasExited)
        {
            try
            {
                using var probe = new TcpClient();
                await probe.ConnectAsync(IPAddress.Loopback, port, limit.Token);
                return;
            }
            catch (SocketException)
            {
                await Task.Delay(50, limit.Token);
            }
        }

        throw new InvalidOperationException("nginx ended: " + await _process.StandardError.ReadToEndAsync(limit.Token));
    }

    private static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}

/// <summary>A test that needs a foreign server: a visible skip where it is missing, but in CI, which installs all, a failure.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ServerFactAttribute : FactAttribute
{
    public ServerFactAttribute(string server)
    {
        Server = server;
        if (!ForeignServer.IsThere(server) && Environment.GetEnvironmentVariable("CI") != "true")
        {
            Skip = $"the {server} server is not installed: run tests/SpikeBench.IntegrationTests/Grpc/interop/install.sh";
        }
    }

    public string Server { get; }
}
