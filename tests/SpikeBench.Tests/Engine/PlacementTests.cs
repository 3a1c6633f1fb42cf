using SpikeBench.Core;
using SpikeBench.Core.Engine;

namespace SpikeBench.Tests.Engine;

public sealed class PlacementTests
{
    [Theory]
    [InlineData("0-7", TargetPlace.OwnChild, 2)]
    [InlineData("0-7", TargetPlace.SameHost, 4)]
    [InlineData("0-7", TargetPlace.Elsewhere, 7)]
    [InlineData("0-1", TargetPlace.OwnChild, 1)]
    [InlineData("0", TargetPlace.Elsewhere, 1)]
    public void Workers_follow_from_the_cores_and_from_who_shares_them(string cpus, TargetPlace place, int workers)
    {
        Placement.Choose(Cores(cpus), place, null, Placement.Auto).Workers.ShouldBe(workers);
        Placement.Choose(Cores(cpus), place, 3, Placement.Auto).Workers.ShouldBe(3);
    }

    [Fact]
    public void An_own_target_gets_the_processors_that_the_workers_do_not()
    {
        Placement placement = Placement.Choose(Cores("0-7"), TargetPlace.OwnChild, null, Placement.Auto);
        placement.WorkerCpus!.ToString().ShouldBe("6-7");
        placement.TargetCpus!.ToString().ShouldBe("0-5");
        placement.GeneratorCpus(Cores("0-7"))!.ToString().ShouldBe("6-7");
        placement.CoreShare(Cores("0-7")).ShouldBe(2);
    }

    [Fact]
    public void Nothing_is_pinned_where_it_could_only_hurt()
    {
        Choose(Cores("0"), TargetPlace.OwnChild).WorkerCpus.ShouldBeNull();
        Choose(Cores("0-7") with { Quota = 1.5, Count = 2 }, TargetPlace.OwnChild).Why.ShouldBe("not pinned: a quota of 1.5 cores");
        Choose(new MachineCores(null, null, 8), TargetPlace.OwnChild).WorkerCpus.ShouldBeNull();
        Choose(Cores("0-7"), TargetPlace.SameHost).WorkerCpus.ShouldBeNull();
        Placement.Choose(Cores("0-3"), TargetPlace.OwnChild, 4, Placement.Auto).WorkerCpus.ShouldBeNull();
        Placement.Choose(Cores("0-7"), TargetPlace.OwnChild, null, Placement.Off).TargetCpus.ShouldBeNull();

        static Placement Choose(MachineCores cores, TargetPlace place) => Placement.Choose(cores, place, null, Placement.Auto);
    }

    [Fact]
    public void A_list_pins_one_worker_to_each_of_its_processors()
    {
        Placement placement = Placement.Choose(Cores("0-3"), TargetPlace.OwnChild, null, "1,3");
        placement.Workers.ShouldBe(2);
        placement.WorkerCpus!.ToString().ShouldBe("1,3");
        placement.TargetCpus!.ToString().ShouldBe("0,2");
        Placement.Choose(Cores("0-3"), TargetPlace.Elsewhere, 5, "0-3").TargetCpus.ShouldBeNull();
    }

    [Theory]
    [InlineData("2-9", "--pin 2-9: this process may not use 4-9; it has 0-3")]
    [InlineData("on", "--pin on: write auto, off, or processors like 2-3,6")]
    public void A_wrong_list_says_what_there_is(string pin, string message) =>
        Should.Throw<UsageException>(() => Placement.Choose(Cores("0-3"), TargetPlace.OwnChild, null, pin)).Message.ShouldBe(message);

    [Theory]
    [InlineData("0::/app\n", "/sys/fs/cgroup/app/cpu.max", "150000 100000\n", 1.5)]
    [InlineData("0::/\n", "/sys/fs/cgroup/cpu.max", "50000 100000\n", 0.5)]
    [InlineData("0::/a/b\n", "/sys/fs/cgroup/a/cpu.max", "200000 100000\n", 2.0)]
    public void A_quota_is_the_tightest_of_the_groups_above(string groups, string file, string text, double cores) =>
        MachineCores.QuotaOf(groups, path => path == file ? text : path.EndsWith("cpu.max", StringComparison.Ordinal) ? "max 100000\n" : null).ShouldBe(cores);

    [Fact]
    public void A_quota_of_the_first_kind_of_groups_is_read_too()
    {
        var files = new Dictionary<string, string>
        {
            ["/sys/fs/cgroup/cpu/job/cpu.cfs_quota_us"] = "250000\n",
            ["/sys/fs/cgroup/cpu/job/cpu.cfs_period_us"] = "100000\n",
            ["/sys/fs/cgroup/cpu/cpu.cfs_quota_us"] = "-1\n",
            ["/sys/fs/cgroup/cpu/cpu.cfs_period_us"] = "100000\n",
        };
        MachineCores.QuotaOf("4:memory:/x\n1:cpu,cpuacct:/job\n", files.GetValueOrDefault).ShouldBe(2.5);
        MachineCores.QuotaOf("4:memory:/x\n", files.GetValueOrDefault).ShouldBeNull();
        MachineCores.QuotaOf("", _ => null).ShouldBeNull();
    }

    private static MachineCores Cores(string cpus)
    {
        CpuList.TryParse(cpus, out CpuList list).ShouldBeTrue();
        return new MachineCores(list, null, list.Count);
    }
}
