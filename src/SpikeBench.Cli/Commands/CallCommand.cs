using System.CommandLine;
using System.Text.Json;
using Google.Protobuf.Reflection;
using SpikeBench.Cli.Profiles;
using SpikeBench.Cli.Running;
using SpikeBench.Core;
using SpikeBench.Core.Engine;
using SpikeBench.Core.Profiles;
using SpikeBench.Grpc.Dynamic;
using SpikeBench.Grpc.Exchange;
using SpikeBench.Grpc.Payloads;

namespace SpikeBench.Cli.Commands;

/// <summary><c>spikebench call TARGET METHOD</c>: one call and all that came back; without a method, what can be called.</summary>
internal static class CallCommand
{
    private const long DefaultDeadlineNs = 10_000_000_000;

    public static Command Create(Terminal terminal, TimeProvider time)
    {
        var target = new Argument<string>("TARGET") { Description = "where the target listens, e.g. 127.0.0.1:5000 or https://chat.internal" };
        var method = new Argument<string?>("METHOD") { Description = "package.Service/Method; without it the services and methods are listed, with a service alone its methods", Arity = ArgumentArity.ZeroOrOne };
        var data = new Option<string?>("--data", "-d") { Description = "the request as JSON; @FILE reads a file, - standard input; an array has the requests of a streaming call (default: {})", HelpName = "JSON" };
        var deadline = new Option<string?>("--deadline") { Description = "how long the call may take (default: 10s)", HelpName = "TIME" };
        var defaults = new Option<bool>("--defaults") { Description = "print fields that have their default as well: 0, \"\", [], {}" };
        var example = new Option<bool>("--example") { Description = "make no call: print the request's JSON with every field, to fill in" };
        var quiet = new Option<bool>("--quiet", "-q") { Description = "print the reply alone, without timings, headers and trailers" };
        var contract = new ContractFlags();
        var calls = new CallFlags();
        var command = new Command("call", "Make one call and show all that came back; without a method, list what can be called.") { target, method, data, deadline, example, defaults, quiet };
        contract.AddTo(command);
        calls.AddTo(command);
        command.SetAction((parsed, cancel) => ExecuteAsync(
            new CallRequest(parsed.GetValue(target)!, parsed.GetValue(method))
            {
                Data = parsed.GetValue(data),
                DeadlineNs = DeadlineOf(parsed.GetValue(deadline)),
                Example = parsed.GetValue(example),
                WithDefaults = parsed.GetValue(defaults),
                Quiet = parsed.GetValue(quiet),
                Contract = contract.Of(parsed),
                Calls = calls.Of(parsed),
            },
            terminal,
            time,
            cancel));
        return command;
    }

    private static async Task<int> ExecuteAsync(CallRequest request, Terminal terminal, TimeProvider time, CancellationToken cancel)
    {
        if (request.Calls.Insecure)
        {
            await terminal.Error.WriteLineAsync(RunSession.InsecureWarning).ConfigureAwait(false);
        }

        await using TargetLine line = await TargetLine.OpenAsync(request.Target, request.Calls.ApplyTo(new ClientOptions()), time, cancel).ConfigureAwait(false);
        line.Deadline = TimeSpan.FromTicks(request.DeadlineNs / TimeSpan.NanosecondsPerTick);
        Contract contract = await ContractOfAsync(request, line, terminal.Variable, cancel).ConfigureAwait(false);
        if (request.Method is null || contract.Services.Any(s => s.FullName == request.Method))
        {
            await terminal.Out.WriteAsync(ContractText.List(contract, request.Method)).ConfigureAwait(false);
            return ExitCodes.Pass;
        }

        MethodDescriptor method = contract.Find(request.Method) ?? throw new UsageException(contract.Unknown(request.Method));
        if (request.Example)
        {
            await terminal.Out.WriteLineAsync(JsonSkeleton.Of(method.InputType)).ConfigureAwait(false);
            return ExitCodes.Pass;
        }

        IReadOnlyList<byte[]> messages = Encode(method, await TextOfAsync(request.Data, terminal).ConfigureAwait(false), contract);
        await line.WarmUpAsync(cancel).ConfigureAwait(false);
        using var timings = new ConnectTimings();
        GrpcReply reply = await line.CallAfreshAsync("/" + Contract.NameOf(method), messages, cancel).ConfigureAwait(false);
        var style = new JsonStyle(Indented: true, request.WithDefaults);
        if (!request.Quiet)
        {
            await terminal.Error.WriteAsync(CallText.Head(line.Shown, method, contract, reply, timings)).ConfigureAwait(false);
        }

        foreach (byte[] message in reply.Messages)
        {
            await terminal.Out.WriteLineAsync(WireToJson.Print(method.OutputType, message, contract.Types, style)).ConfigureAwait(false);
        }

        if (!request.Quiet)
        {
            await terminal.Error.WriteAsync(CallText.Tail(reply)).ConfigureAwait(false);
        }

        if (reply.Status == GrpcStatus.Ok)
        {
            return ExitCodes.Pass;
        }

        await terminal.Error.WriteLineAsync($"spikebench: {CallText.Failure(Contract.NameOf(method), reply)}").ConfigureAwait(false);
        return ExitCodes.Fail;
    }

    /// <summary>The contract as files have it, or as the target tells: all of it where nothing is to be called, else the method's service.</summary>
    private static async Task<Contract> ContractOfAsync(CallRequest request, TargetLine line, Func<string, string?> variable, CancellationToken cancel)
    {
        if (request.Contract is { } source)
        {
            return await ContractResolver.OfFilesAsync(source, variable, cancel).ConfigureAwait(false);
        }

        ServerReflection reflection = await line.ReflectAsync(cancel).ConfigureAwait(false);
        string? service = request.Method is { } name ? reflection.Services.Contains(name) ? name : Contract.ServiceOf(name) : null;
        return await reflection.LoadAsync(service is null ? null : [service], cancel).ConfigureAwait(false);
    }

    private static IReadOnlyList<byte[]> Encode(MethodDescriptor method, string json, Contract contract)
    {
        if (json.Contains("${", StringComparison.Ordinal))
        {
            return [Rendered(method, json, contract)];
        }

        using JsonDocument document = JsonToWire.Parse(json, method.InputType.Name);
        JsonElement root = document.RootElement;
        if (root.ValueKind != JsonValueKind.Array)
        {
            return [JsonToWire.Encode(method.InputType, root, contract.Types)];
        }

        return method.IsClientStreaming
            ? [.. root.EnumerateArray().Select(m => JsonToWire.Encode(method.InputType, m, contract.Types))]
            : throw new UsageException($"--data: {Contract.NameOf(method)} takes one request, got an array");
    }

    /// <summary>A request with templates, as the first call of a run would send it.</summary>
    private static byte[] Rendered(MethodDescriptor method, string json, Contract contract)
    {
        if (method.IsClientStreaming || method.IsServerStreaming)
        {
            throw new UsageException($"--data: templates are for methods of one request and one reply, and {Contract.NameOf(method)} streams");
        }

        (ProfileNode? node, string? error) = JsonNodes.Read(json);
        if (node is not MappingNode)
        {
            throw new UsageException($"--data: {error ?? "one request is a JSON object"}");
        }

        var operation = new Operation("call", 1, Contract.NameOf(method), new Payload { Message = node, IsJson = true });
        (IReadOnlyList<PlannedOperation> planned, IReadOnlyList<ProfileError> errors) = PayloadPool.Build([operation], 1, new PayloadSources { Contract = contract, Run = static () => "call" });
        return errors.Count == 0 ? planned[0].Payloads[0] : throw new UsageException(string.Join('\n', errors.Select(e => $"--data: {e.Message}").Distinct()));
    }

    private static async Task<string> TextOfAsync(string? data, Terminal terminal) => data switch
    {
        null => "{}",
        "-" => await terminal.In.ReadToEndAsync().ConfigureAwait(false),
        ['@', .. string file] => ProfileFile.ReadFile(file),
        _ => data,
    };

    private static long DeadlineOf(string? text) => text is null ? DefaultDeadlineNs
        : Units.TryDuration(text, out long ns) && ns > 0 ? ns
        : throw new UsageException($"--deadline {text}: write it with a unit, like 500ms or 5s");

    private sealed record CallRequest(string Target, string? Method)
    {
        public string? Data { get; init; }

        public required long DeadlineNs { get; init; }

        public bool Example { get; init; }

        public bool WithDefaults { get; init; }

        public bool Quiet { get; init; }

        public ContractSource? Contract { get; init; }

        public required CallOverrides Calls { get; init; }
    }
}
