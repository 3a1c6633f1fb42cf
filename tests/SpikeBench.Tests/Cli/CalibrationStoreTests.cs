using SpikeBench.Cli.Running;
using SpikeBench.Core.Recording;

namespace SpikeBench.Tests.Cli;

public sealed class CalibrationStoreTests : IDisposable
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    private static readonly Calibration Measured = new("here", "spikebench 1", "raw", Noon, 1_200, 2_400, 0, 90_000, 400_000, 900_000, 2_000_000, 80_000, 400_000);

    private readonly string _folder = Path.Combine(Path.GetTempPath(), $"spikebench-calibrations-{Guid.NewGuid():n}");

    [Fact]
    public void A_kept_calibration_is_found_again()
    {
        var store = new CalibrationStore(_folder);
        Find(store).ShouldBeNull("nothing is kept yet");
        store.Keep(Measured);
        Find(store).ShouldBe(Measured);
    }

    [Fact]
    public void Another_machine_version_driver_or_rate_does_not_fit()
    {
        var store = new CalibrationStore(_folder);
        store.Keep(Measured);
        store.Find("there", "spikebench 1", "raw", 1_200, Noon).ShouldBeNull();
        store.Find("here", "spikebench 2", "raw", 1_200, Noon).ShouldBeNull();
        store.Find("here", "spikebench 1", "http", 1_200, Noon).ShouldBeNull();
        store.Find("here", "spikebench 1", "raw", 1_201, Noon).ShouldBeNull("it was measured at less");
        store.Find("here", "spikebench 1", "raw", 299, Noon).ShouldBeNull("it was measured at more than four times as much");
        store.Find("here", "spikebench 1", "raw", 300, Noon).ShouldNotBeNull();
    }

    [Fact]
    public void A_calibration_is_good_for_a_day()
    {
        var store = new CalibrationStore(_folder);
        store.Keep(Measured);
        store.Find("here", "spikebench 1", "raw", 1_200, Noon.AddHours(23)).ShouldNotBeNull();
        store.Find("here", "spikebench 1", "raw", 1_200, Noon.AddHours(24)).ShouldBeNull();
        store.Find("here", "spikebench 1", "raw", 1_200, Noon.AddSeconds(-1)).ShouldBeNull("a clock that went back");
    }

    [Fact]
    public void A_damaged_file_is_no_calibration()
    {
        var store = new CalibrationStore(_folder);
        store.Keep(Measured);
        File.WriteAllText(Directory.GetFiles(_folder).Single(), "{");
        Find(store).ShouldBeNull();
    }

    [Fact]
    public void The_environment_says_where_caches_go()
    {
        CalibrationStore.FolderOf(name => name == "SPIKEBENCH_CACHE" ? "/own" : "/caches").ShouldBe("/own");
        CalibrationStore.FolderOf(name => name == "XDG_CACHE_HOME" ? "/caches" : null).ShouldBe(Path.Combine("/caches", "spikebench"));
        CalibrationStore.FolderOf(_ => null).ShouldEndWith(Path.Combine(".cache", "spikebench"));
    }

    public void Dispose()
    {
        if (Directory.Exists(_folder))
        {
            Directory.Delete(_folder, recursive: true);
        }
    }

    private static Calibration? Find(CalibrationStore store) => store.Find("here", "spikebench 1", "raw", 1_200, Noon.AddHours(1));
}
