using SpikeBench.Cli;
using SpikeBench.Cli.Commands;
using SpikeBench.Cli.Doctor;
using SpikeBench.Core.Engine;

namespace SpikeBench.Tests.Cli;

public sealed class DoctorTests
{
    private static readonly Machine Good = new()
    {
        Cores = new MachineCores(Allowed: null, Quota: null, Count: 8),
        Os = "Linux",
        IsLinux = true,
        ServerGc = false,
        ConcurrentGc = false,
        Read = path => path switch
        {
            "/sys/fs/cgroup/cpu.stat" => "usage_usec 1\nnr_throttled 0\n",
            "/proc/meminfo" => "MemTotal:       16384000 kB\nMemAvailable:   12000000 kB\n",
            "/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor" => "performance\n",
            "/sys/devices/system/clocksource/clocksource0/current_clocksource" => "tsc\n",
            "/proc/self/limits" => "Max open files            65536                524288               files\n",
            "/proc/sys/net/ipv4/ip_local_port_range" => "32768\t60999\n",
            "/proc/sys/net/core/somaxconn" => "4096\n",
            _ => null,
        },
        Timer = new TimerReading(6_000, 90_000, 400_000, 1000, 0, 0.02),
    };

    [Fact]
    public void A_good_machine_has_nothing_in_a_runs_way()
    {
        Checkup.Of(Good).ShouldAllBe(f => f.Grade == Grade.Fine);
        (int code, string text) = Print(Good, strict: true);
        code.ShouldBe(ExitCodes.Pass);
        text.ShouldContain("Nothing here stands in a run's way.");
        text.ShouldContain("28,232 ports");
    }

    [Theory]
    [InlineData("cores", "Voids")]
    [InlineData("cgroup processor limit", "Voids")]
    [InlineData("cgroup throttling", "Mind")]
    [InlineData("memory", "Mind")]
    [InlineData("timer", "Voids")]
    [InlineData("steal", "Voids")]
    [InlineData("other load", "Voids")]
    [InlineData("CPU governor", "Mind")]
    [InlineData("clock source", "Mind")]
    [InlineData("open files", "Mind")]
    [InlineData("port range", "Mind")]
    [InlineData("somaxconn", "Mind")]
    [InlineData("garbage collection", "Mind")]
    [InlineData("driver", "Mind")]
    public void Each_fault_is_found_with_a_fix(string what, string grade)
    {
        Machine bad = Good with
        {
            Cores = new MachineCores(Allowed: null, Quota: 0.5, Count: 1),
            IsLinux = false,
            ConcurrentGc = true,
            Read = path => path switch
            {
                "/sys/fs/cgroup/cpu.stat" => "nr_throttled 12\n",
                "/sys/fs/cgroup/memory.max" => "536870912\n",
                "/proc/meminfo" => "MemAvailable:   12000000 kB\n",
                "/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor" => "powersave\n",
                "/sys/devices/system/clocksource/clocksource0/current_clocksource" => "hpet\n",
                "/proc/self/limits" => "Max open files            256                  256                  files\n",
                "/proc/sys/net/ipv4/ip_local_port_range" => "60000 60100\n",
                "/proc/sys/net/core/somaxconn" => "128\n",
                _ => null,
            },
            Timer = new TimerReading(2e6, 45e6, 90e6, 1000, 0.12, 0.9),
        };

        Finding finding = Checkup.Of(bad).Single(f => f.What == what);

        finding.Grade.ToString().ShouldBe(grade);
        finding.Means.ShouldNotBeEmpty();
        finding.Fix.ShouldNotBeEmpty();
        Print(bad, strict: true).Code.ShouldBe(ExitCodes.Invalid);
        Print(bad, strict: false).Code.ShouldBe(ExitCodes.Pass);
    }

    [Theory]
    [InlineData(2, "By default 1 of them make calls to a target elsewhere, 1 to the reference messenger here")]
    [InlineData(8, "By default 7 of them make calls to a target elsewhere, 2 to the reference messenger here")]
    public void The_workers_are_those_that_a_run_would_choose(int cores, string means)
    {
        Machine machine = Good with { Cores = Good.Cores with { Count = cores } };
        Checkup.Of(machine).Single(f => f.What == "cores").Means.ShouldStartWith(means);
    }

    [Fact]
    public void A_system_that_tells_nothing_is_not_blamed()
    {
        Machine silent = Good with { Read = _ => null, Timer = Good.Timer with { StealShare = null, BusyShare = null } };
        Checkup.Of(silent).ShouldAllBe(f => f.Grade == Grade.Fine);
    }

    [Fact]
    public void Processor_time_is_read_from_the_systems_own_line()
    {
        TimerReading.Processors("cpu  100 1 50 800 20 3 4 22 7 0\ncpu0 1 1 1 1 1 1 1 1 1 1\n").ShouldBe((1000, 820, 22));
        TimerReading.Processors("intr 1 2 3").ShouldBeNull();
        TimerReading.Processors(null).ShouldBeNull();
    }

    private static (int Code, string Text) Print(Machine machine, bool strict)
    {
        using var output = new StringWriter { NewLine = "\n" };
        return (DoctorCommand.Print(machine, output, strict), output.ToString());
    }
}
