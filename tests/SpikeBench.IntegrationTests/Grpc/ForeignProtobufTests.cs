using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using Google.Protobuf.Reflection;
using SpikeBench.Grpc.Dynamic;
using SpikeBench.IntegrationTests.Target;
using SpikeBench.Tests.Grpc.Dynamic;

namespace SpikeBench.IntegrationTests.Grpc;

/// <summary>Our encoder and printer against protobuf for Python, on schemas and messages that are drawn from fixed seeds and compiled by protoc.</summary>
public sealed class ForeignProtobufTests : IDisposable
{
    private const int FirstSeed = 1000;
    private const int Schemas = 20;
    private const int MessagesOfEach = 25;

    private readonly string _folder = Directory.CreateTempSubdirectory("spikebench-protobuf-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [PeerFact(Peers.Protobuf)]
    public async Task Messages_and_their_json_are_the_same_to_another_implementation()
    {
        (MessageTypes types, string set) = await CompileAsync();
        var asked = new List<(MessageDescriptor Type, string Json)>();
        for (int seed = FirstSeed; seed < FirstSeed + Schemas; seed++)
        {
            MessageDescriptor[] own = [.. Enumerable.Range(0, 4).Select(m => types.Find($"spikebench.schema{seed}.M{m}")!)];
            string[] wellKnown = ["Timestamp", "Duration", "Struct", "Int64Value"];
            var random = new RandomJson((ulong)seed, [.. own, .. wellKnown.Select(n => types.Find("google.protobuf." + n)!)]);
            asked.AddRange(own.SelectMany(type => Enumerable.Range(0, MessagesOfEach).Select(_ => (type, random.Message(type)))));
        }

        List<string> lines = [.. asked.Select(a => JsonSerializer.Serialize(new[] { a.Type.FullName, a.Json, Convert.ToHexStringLower(JsonToWire.Encode(a.Type, a.Json, types)) }))];
        string[] answers = await AskAsync(set, lines);
        answers.Length.ShouldBe(asked.Count);
        for (int i = 0; i < answers.Length; i++)
        {
            string[] answer = JsonSerializer.Deserialize<string[]>(answers[i])!;
            JsonNode? theirs = JsonNode.Parse(answer[1]);
            JsonNode.DeepEquals(theirs, JsonNode.Parse(answer[2])).ShouldBeTrue($"{asked[i].Json}\n{answer[1]}\n{answer[2]}");
            string printed = WireToJson.Print(asked[i].Type, Convert.FromHexString(answer[0]), types);
            JsonNode.DeepEquals(JsonNode.Parse(printed), theirs).ShouldBeTrue($"{asked[i].Json}\n{printed}\n{answer[1]}");
        }
    }

    private async Task<(MessageTypes Types, string Set)> CompileAsync()
    {
        string[] protos = [.. Enumerable.Range(FirstSeed, Schemas).Select(seed => Path.Combine(_folder, $"schema{seed}.proto"))];
        for (int i = 0; i < Schemas; i++)
        {
            await File.WriteAllTextAsync(protos[i], RandomSchema.Text((ulong)(FirstSeed + i)));
        }

        ProtoCompiler compiler = ProtoCompiler.Find(_ => null, AppContext.BaseDirectory, Path.Combine(_folder, "cache"));
        byte[] set = await compiler.CompileAsync(protos, [], CancellationToken.None);
        string path = Path.Combine(_folder, "all.protoset");
        await File.WriteAllBytesAsync(path, set);
        return (new MessageTypes(DescriptorFiles.Build(DescriptorFiles.OfSet(set).Select(DescriptorFiles.Parse))), path);
    }

    private static async Task<string[]> AskAsync(string set, List<string> lines)
    {
        ProcessStartInfo start = Peers.Command(Peers.Protobuf, [set]);
        start.RedirectStandardInput = true;
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        try
        {
            foreach (string line in lines)
            {
                await process.StandardInput.WriteLineAsync(line);
            }

            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It ended early; why, it says below.
        }

        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        await process.WaitForExitAsync(limit.Token);
        process.ExitCode.ShouldBe(0, await error);
        return (await output).Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
