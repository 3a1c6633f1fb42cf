using System.Globalization;
using SpikeBench.Core.Engine;
using SpikeBench.Core.Profiles;
using SpikeBench.Core.Recording;

namespace SpikeBench.Cli.Doctor;

/// <summary>Looks the machine over: what each fact means for a run, and how to mend it. A pure function of what was found.</summary>
internal static class Checkup
{
    private const double MsNs = 1e6;

    /// <summary>Every finding, always in the same order.</summary>
    public static IReadOnlyList<Finding> Of(Machine machine) =>
    [
        Cores(machine), CoLocation(machine), CpuQuota(machine), Throttled(machine), Memory(machine), Timer(machine), Steal(machine), Load(machine),
        Governor(machine), ClockSource(machine), OpenFiles(machine), Ports(machine), Backlog(machine), Collector(machine), Driver(machine),
    ];

    private static Finding Cores(Machine m) => m.Cores.Count switch
    {
        1 => new("cores", "1", Grade.Voids, "Generator, target and everything else share one core: calls leave late.", "Give the machine at least 2 cores, better 4."),
        < 4 => new("cores", Text(m.Cores.Count), Grade.Mind, $"{Workers(m)}. Target, collector and system share what is left.", "Use 4 or more for a generator that also hosts its target."),
        _ => new("cores", Text(m.Cores.Count), Grade.Fine, $"{Workers(m)}."),
    };

    /// <summary>What a run would choose here, asked of the run's own rule.</summary>
    private static string Workers(Machine m)
    {
        int Default(TargetPlace target) => Placement.Choose(m.Cores, target, workers: null, Placement.Off).Workers;
        return $"By default {Text(Default(TargetPlace.Elsewhere))} of them make calls to a target elsewhere, {Text(Default(TargetPlace.OwnChild))} to the reference messenger here";
    }

    private static Finding CoLocation(Machine m) => new(
        "co-location", m.Cores.Count < 4 ? "target and generator would share few cores" : "room for a local target", m.Cores.Count < 2 ? Grade.Voids : m.Cores.Count < 4 ? Grade.Mind : Grade.Fine,
        "Without --target the messenger runs on this machine: a PASS then covers that process over loopback, and no deployment.",
        m.Cores.Count < 4 ? "Run the target elsewhere; the reference messenger is kept on other cores than the workers by itself (--pin)." : "");

    private static Finding CpuQuota(Machine m) => m.Cores.Quota is { } share
        ? new(
            "cgroup processor limit", string.Create(CultureInfo.InvariantCulture, $"{share:0.##} cores' worth of time"), share < 2 ? Grade.Voids : Grade.Mind,
            "Whoever has used the quota stands still until the next period, 100 ms as a rule: calls leave late by up to that.", "Take the limit off (docker --cpus, resources.limits.cpu) and pin cores instead (--cpuset-cpus).")
        : new("cgroup processor limit", "none seen", Grade.Fine, "Nothing stops the generator in the middle of a period.");

    private static Finding Throttled(Machine m)
    {
        long? times = Field(m.Read("/sys/fs/cgroup/cpu.stat"), "nr_throttled ");
        return times > 0
            ? new("cgroup throttling", $"{Units.Count(times.Value)} times so far", Grade.Mind, "This group was stopped for having used its quota.", "See the processor limit above.")
            : new("cgroup throttling", times is null ? "not counted here" : "never", Grade.Fine, "The group was not stopped by a quota.");
    }

    private static Finding Memory(Machine m)
    {
        const double enough = 1e9;
        long? limit = long.TryParse((m.Read("/sys/fs/cgroup/memory.max") ?? "").Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out long bytes) ? bytes : null;
        long? available = Field(m.Read("/proc/meminfo"), "MemAvailable:") * 1024;
        double? room = limit is null ? available : available is null ? limit : Math.Min(limit.Value, available.Value);
        return room is null
            ? new("memory", "unknown", Grade.Fine, "A run of two minutes needs some 300 MB.")
            : new("memory", string.Create(CultureInfo.InvariantCulture, $"{room / 1e6:#,0} MB for us"), room < enough ? Grade.Mind : Grade.Fine,
                "A run of two minutes needs some 300 MB, hours and many operations more; a run that is killed for memory is INVALID.", room < enough ? "Raise the group's memory limit, or end what else uses it." : "");
    }

    private static Finding Timer(Machine m)
    {
        TimerReading t = m.Timer;
        Grade grade = t.P99Ns > 20 * MsNs ? Grade.Voids : t.P99Ns > 1 * MsNs ? Grade.Mind : Grade.Fine;
        return new(
            "timer", $"late by p50 {Units.Duration(t.P50Ns)}, p99 {Units.Duration(t.P99Ns)}, max {Units.Duration(t.MaxNs)} in {Units.Count(t.Waits)} waits of 1 ms", grade,
            "So late calls leave through the machine alone. A PASS is void where 2 % of a second's calls left in another second, or 10 % of a 100 ms cell's on a steep edge.",
            grade == Grade.Fine ? "" : "End other work on the machine, use one of your own, or give the generator cores that nobody else uses (isolcpus, cpusets).");
    }

    private static Finding Steal(Machine m) => m.Timer.StealShare is not { } share
        ? new("steal", "not known here", Grade.Fine, "Time that a hypervisor gives to other machines.")
        : new("steal", Units.Percent(share), share > 0.05 ? Grade.Voids : share > 0.005 ? Grade.Mind : Grade.Fine,
            "Time in which the hypervisor ran other machines on our processors: all threads stand still and calls leave late.",
            share > 0.005 ? "Use a machine with processors of its own (dedicated or metal)." : "");

    private static Finding Load(Machine m) => m.Timer.BusyShare is not { } share
        ? new("other load", "not known here", Grade.Fine, "What else uses the processors.")
        : new("other load", $"{Units.Percent(share)} of the processors in use while nothing was offered", share > 0.5 ? Grade.Voids : share > 0.1 ? Grade.Mind : Grade.Fine,
            "Whatever else runs here takes turns with the generator.", share > 0.1 ? "End it (top shows it), or wait until it is over." : "");

    private static Finding Governor(Machine m)
    {
        string? governor = m.Read("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor")?.Trim();
        return governor switch
        {
            null => new("CPU governor", "not visible", Grade.Fine, "The host decides on the clock rate; a virtual machine cannot see it."),
            "performance" => new("CPU governor", governor, Grade.Fine, "The clock rate does not follow the load."),
            _ => new("CPU governor", governor, Grade.Mind, "The clock rate follows the load: the calm before the spike is answered by a slow processor.", "cpupower frequency-set -g performance"),
        };
    }

    private static Finding ClockSource(Machine m)
    {
        string? source = m.Read("/sys/devices/system/clocksource/clocksource0/current_clocksource")?.Trim();
        return source is null or "tsc" or "kvm-clock" or "arch_sys_counter" or "hyperv_clocksource_tsc_page"
            ? new("clock source", source ?? "not visible", Grade.Fine, "Stamps are read without a system call.")
            : new("clock source", source, Grade.Mind, "Each stamp is a system call of about a microsecond: the highest rate falls.", "Boot with clocksource=tsc if the processor's is stable.");
    }

    private static Finding OpenFiles(Machine m) => LoadLimits.OpenFiles(m.Read("/proc/self/limits")) is not { } files
        ? new("open files", "unlimited or unknown", Grade.Fine, "Each connection is one.")
        : new("open files", Units.Count(files), files < 1024 ? Grade.Mind : Grade.Fine,
            $"Each connection is one, and carries about 70 calls at once: enough for {Units.Count(Math.Max(0, files - 200) * 70 / 1.2)}/s at a deadline of 1 s.", files < 1024 ? "ulimit -n 65536" : "");

    private static Finding Ports(Machine m)
    {
        string[] words = (m.Read("/proc/sys/net/ipv4/ip_local_port_range") ?? "").Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        if (words.Length != 2 || !int.TryParse(words[0], CultureInfo.InvariantCulture, out int first) || !int.TryParse(words[1], CultureInfo.InvariantCulture, out int last))
        {
            return new("port range", "not known here", Grade.Fine, "Each connection to one target needs a local port.");
        }

        int ports = last - first + 1;
        return new("port range", $"{words[0]} to {words[1]}: {Units.Count(ports)} ports", ports < 1000 ? Grade.Mind : Grade.Fine, "Each connection to one target needs a local port.",
            ports < 1000 ? "sysctl -w net.ipv4.ip_local_port_range='15000 64999'" : "");
    }

    private static Finding Backlog(Machine m) => int.TryParse((m.Read("/proc/sys/net/core/somaxconn") ?? "").Trim(), CultureInfo.InvariantCulture, out int backlog)
        ? new("somaxconn", Units.Count(backlog), backlog < 1024 ? Grade.Mind : Grade.Fine, "So many new connections may wait at a target on this machine; more are dropped and tried again a second later.",
            backlog < 1024 ? "sysctl -w net.core.somaxconn=4096" : "")
        : new("somaxconn", "not known here", Grade.Fine, "How many new connections may wait at a target on this machine.");

    private static Finding Collector(Machine m) => m is { ServerGc: false, ConcurrentGc: false }
        ? new("garbage collection", "workstation, not concurrent", Grade.Fine, "As the tool ships: the load allocates next to nothing, and no collector thread competes with a worker.")
        : new("garbage collection", $"{(m.ServerGc ? "server" : "workstation")}, {(m.ConcurrentGc ? "concurrent" : "not concurrent")}", Grade.Mind,
            "An environment variable changed it: collector threads compete with workers.", "Unset DOTNET_gcServer and DOTNET_gcConcurrent.");

    private static Finding Driver(Machine m) => m.IsLinux
        ? new("driver", "raw", Grade.Fine, "Cleartext targets get the raw driver; TLS needs the http driver.")
        : new("driver", "http only", Grade.Mind, "The raw driver is for Linux: here a few thousand calls per second are the limit.", "Generate the load from Linux.");

    private static string Text(int count) => count.ToString(CultureInfo.InvariantCulture);

    /// <summary>The number behind a name at the beginning of a line; null where there is none.</summary>
    private static long? Field(string? text, string name)
    {
        string? line = text?.Split('\n').FirstOrDefault(l => l.StartsWith(name, StringComparison.Ordinal));
        string[] words = line?[name.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries) ?? [];
        return words.Length > 0 && long.TryParse(words[0], NumberStyles.None, CultureInfo.InvariantCulture, out long value) ? value : null;
    }
}
