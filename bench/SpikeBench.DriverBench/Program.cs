using System.Globalization;
using SpikeBench.Core.Engine;
using SpikeBench.DriverBench;
using SpikeBench.DriverBench.Offered;
using SpikeBench.DriverBench.Unique;
using SpikeBench.Tests.Grpc;

const double WarmSeconds = 1;
const double Seconds = 2;

switch (args)
{
    case ["drivers"]:
        Console.WriteLine(Runner.Run(rounds: 3));
        return 0;
    case ["drivers", string rounds]:
        Console.WriteLine(Runner.Run(int.Parse(rounds, CultureInfo.InvariantCulture)));
        return 0;
    case ["fuzz", string mutations, string seed]:
        Fuzz(int.Parse(mutations, CultureInfo.InvariantCulture), ulong.Parse(seed, CultureInfo.InvariantCulture));
        return 0;

    case ["wire", string calls]:
        Console.WriteLine(new WireLoop().Run(int.Parse(calls, CultureInfo.InvariantCulture)));
        return 0;

    case ["unique"]:
        Console.WriteLine(UniqueTable.Run(rounds: 9));
        return 0;
    case ["unique", string rounds]:
        Console.WriteLine(UniqueTable.Run(Int(rounds)));
        return 0;

    case ["offered"]:
        Console.WriteLine(await OfferedTable.RunAsync());
        return 0;
    case ["long", string seconds]:
        LongRun.Run(int.Parse(seconds, CultureInfo.InvariantCulture), Console.Out);
        return 0;

    // The parts that `drivers` starts as processes of their own.
    case ["target", "null"]:
        NullTarget.Run();
        return 0;
    case ["target", "kestrel"]:
        KestrelTarget.Run();
        return 0;
    case ["client", "closed", "raw", string target, string connections, string window]:
        Console.WriteLine(await RawClient.ClosedAsync(new Uri(target), Int(connections), Int(window), WarmSeconds, Seconds));
        return 0;
    case ["client", "closed", UniqueMessages.Fixed or UniqueMessages.Drawn or UniqueMessages.Unique, string target, string connections, string window]:
        CallPlan plan = RawClient.Plan(new Uri(target), Int(connections), Int(connections) * Int(window)) with { Operations = [UniqueMessages.Of(args[2])] };
        Console.WriteLine(await RawClient.ClosedAsync(plan, WarmSeconds, Seconds));
        return 0;
    case ["client", "wire", string kind, string calls]:
        Console.WriteLine(new Measurement { ["cpu_ns"] = new WireLoop(UniqueMessages.Of(kind)).Measure(Int(calls)) });
        return 0;
    case ["client", "closed", "http", string target, string connections, string window]:
        Console.WriteLine(await HttpBaseline.ClosedAsync(new Uri(target), Int(connections), Int(window), WarmSeconds, Seconds));
        return 0;
    case ["client", "open", "raw", string target, string connections, string rate]:
        Console.WriteLine(await RawClient.OpenAsync(new Uri(target), Int(connections), Int(rate), WarmSeconds, Seconds));
        return 0;
    case ["client", "engine", "raw", string target, string connections, string rate]:
        Console.WriteLine(await EngineClient.OpenAsync(new Uri(target), Int(connections), Int(rate), WarmSeconds, Seconds));
        return 0;
    default:
        Console.Error.WriteLine("""
            drivers [ROUNDS]     measures the drivers; about 45 s per round (needs two cores and taskset; h2load if installed)
            wire CALLS           the protocol's own cost per call, without sockets
            unique [ROUNDS]      what messages of their own cost calls, against one message for all; about 20 s per round (9 rounds)
            offered              offered against planned load per 100 ms, ours and a Task.Delay loop; about a minute
            long SECONDS         a run at 20,000/s in virtual time: memory and size of the result (7200: 144 million calls)
            fuzz COUNT SEED      damages a recorded server's bytes COUNT times and checks that every call still ends once
            """);
        return 64;
}

static int Int(string text) => int.Parse(text, CultureInfo.InvariantCulture);

static void Fuzz(int mutations, ulong seed)
{
    var fuzzer = new MutationFuzzer(seed);
    var clock = new MonotonicClock();
    for (int i = 0; i < mutations; i++)
    {
        fuzzer.Run();
    }

    Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"{mutations} mutations in {clock.NowNs / 1e9:0.0} s: {fuzzer.Outcomes.Failed} ended in a connection error, "
            + $"{fuzzer.Outcomes.Survived} were survived; every call ended exactly once."));
}
