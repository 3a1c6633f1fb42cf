using System.Net;
using SpikeBench.Target.Capacity;
using SpikeBench.Target.Hosting;

namespace SpikeBench.Tests.Target.Hosting;

public sealed class OptionReaderTests
{
    [Fact]
    public void Defaults_stand_when_nothing_is_said()
    {
        TargetOptions options = OptionReader.Read([]);
        options.Slots.IsEmpty.ShouldBeTrue();
        options.EffectiveServiceNs.ShouldBe(4e6);
        options.StoreInMemory.ShouldBeFalse();
        options.QueueLimit.ShouldBe(int.MaxValue);
        options.EffectiveHashIterations.ShouldBe(1000);
    }

    [Fact]
    public void Flags_are_read_with_a_space_or_an_equals_sign()
    {
        TargetOptions options = OptionReader.Read(
            ["--listen", "127.0.0.1:5000", "--slots=8", "--service", "2.5ms", "--law=lognormal:0.7", "--queue", "20", "--seed=9",
             "--parent-stdin", "--store", "memory", "--order=lifo", "--drop-expired", "--priority", "send,login"]);
        options.Listen.ShouldBe(new IPEndPoint(IPAddress.Loopback, 5000));
        options.Slots.Shared.ShouldBe(8);
        options.EffectiveServiceNs.ShouldBe(2_500_000);
        options.Law.ShouldBe(new LognormalLaw(0.7));
        (options.QueueLimit, options.Seed, options.ParentStdin).ShouldBe((20, 9UL, true));
        (options.StoreInMemory, options.Order, options.DropExpired).ShouldBe((true, QueueOrder.Lifo, true));
        options.Priority.ShouldBe([OperationClass.Send, OperationClass.Login]);
        options.EffectiveHashIterations.ShouldBe(0, "a login's cost is virtual where a model is on");
    }

    [Theory]
    [InlineData("unknown flag --slot", "--slot", "8")]
    [InlineData("--slots needs a value", "--slots")]
    [InlineData("--parent-stdin takes no value", "--parent-stdin=yes")]
    [InlineData("--service 4", "--service", "4")]
    [InlineData("--law gamma", "--law", "gamma")]
    [InlineData("--law file:", "--law", "file:/no/such/file")]
    [InlineData("--law file:", "--slots", "1", "--law", "file:")]
    [InlineData("--truth needs a value", "--truth=")]
    [InlineData("--slots 8,9: the shared slots", "--slots", "8,9")]
    [InlineData("--slots login=2,login=3: the slots of login", "--slots", "login=2,login=3")]
    [InlineData("--queue -1", "--queue", "-1")]
    [InlineData("--listen example.org:80", "--listen", "example.org:80")]
    [InlineData("--listen 127.0.0.1:99999", "--listen", "127.0.0.1:99999")]
    [InlineData("--store disk", "--store", "disk")]
    [InlineData("--max-message 0", "--max-message", "0")]
    [InlineData("--drain 1500m", "--drain", "1500m")]
    [InlineData("--service 61m: not a time from 1ns to 60m", "--slots", "1", "--service", "61m")]
    [InlineData("--queue does nothing without --slots", "--queue", "5")]
    [InlineData("--tls-cert-out does nothing without --tls", "--tls-cert-out", "c.pem")]
    [InlineData("--data does nothing with --store memory", "--data", "m.db", "--store", "memory")]
    public void Wrong_flag_is_told_in_one_line_that_names_it(string told, params string[] args)
    {
        string message = Should.Throw<UsageException>(() => OptionReader.Read(args)).Message;
        message.ShouldStartWith(told);
        message.ShouldNotContain('\n');
    }

    [Theory]
    [InlineData("4ms", 4_000_000)]
    [InlineData("250us", 250_000)]
    [InlineData("1.5s", 1_500_000_000)]
    [InlineData("2m", 120_000_000_000)]
    [InlineData("7 ns", 7)]
    public void Time_is_read_with_its_unit(string text, long expectedNs)
    {
        Quantity.TryParseNs(text, out long ns).ShouldBeTrue();
        ns.ShouldBe(expectedNs);
    }

    [Theory]
    [InlineData("")]
    [InlineData("ms")]
    [InlineData("4")]
    [InlineData("-4ms")]
    [InlineData("4h")]
    [InlineData("1,5ms")]
    public void Time_without_number_or_unit_is_refused(string text) => Quantity.TryParseNs(text, out _).ShouldBeFalse();
}
