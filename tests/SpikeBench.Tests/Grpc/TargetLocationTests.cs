using System.Net;
using FsCheck;
using FsCheck.Fluent;
using SpikeBench.Core;
using SpikeBench.Core.Engine;
using SpikeBench.Grpc.Http;

namespace SpikeBench.Tests.Grpc;

public sealed class TargetLocationTests
{
    [Theory]
    [InlineData("http://127.0.0.1:5000", false, "http://127.0.0.1:5000/", "127.0.0.1:5000", true)]
    [InlineData("https://chat.internal", true, "https://chat.internal/", "chat.internal", false)]
    [InlineData("https://[::1]:5001", true, "https://[::1]:5001/", "[::1]:5001", true)]
    [InlineData("dns:///chat.internal:5000", false, "http://chat.internal:5000/", "chat.internal:5000", false)]
    [InlineData("dns:///localhost:5000", false, "http://localhost:5000/", "localhost:5000", true)]
    [InlineData("unix:///run/chat.sock", false, "http://localhost/", "localhost", true)]
    public void An_address_says_where_and_how(string text, bool tls, string address, string authority, bool loopback)
    {
        TargetLocation at = TargetLocation.Of(new Uri(text), new TransportOptions());
        (at.IsTls, at.Base.ToString(), at.Authority, at.IsLoopback).ShouldBe((tls, address, authority, loopback));
    }

    [Fact]
    public void Options_say_what_an_address_cannot()
    {
        TargetLocation.Of(new Uri("unix:///run/chat.sock"), new TransportOptions { CaFile = "ca.pem" }).IsTls.ShouldBeTrue();
        TargetLocation at = TargetLocation.Of(new Uri("https://10.0.0.7:8443"), new TransportOptions { Authority = "chat.internal" });
        (at.Host, at.Port, at.Base.ToString()).ShouldBe(("10.0.0.7", 8443, "https://chat.internal/"));
        at.EndPoint.ShouldBe(new IPEndPoint(IPAddress.Parse("10.0.0.7"), 8443));
    }

    [Theory]
    [InlineData("http://chat.internal:5000", "--insecure", "write https://chat.internal:5000")]
    [InlineData("dns://8.8.8.8/chat.internal:5000", null, "dns:///host:port, with three slashes")]
    [InlineData("dns:///chat.internal", null, "dns:///host:port")]
    [InlineData("unix://relative/path", null, "unix:///path")]
    [InlineData("http://127.0.0.1:5000", "no name", "write it like chat.internal")]
    public void A_contradiction_is_told_with_the_way_out(string text, string? option, string expected)
    {
        TransportOptions options = option switch { "--insecure" => new() { Insecure = true }, null => new(), _ => new() { Authority = option } };
        Should.Throw<UsageException>(() => TargetLocation.Of(new Uri(text), options)).Message.ShouldContain(expected);
    }

    [Fact]
    public void Addresses_are_shared_out_evenly_and_connections_move_only_where_they_must()
    {
        Gen<int[]> places = Gen.Choose(-1, 6).ArrayOf(20), some = Gen.Choose(0, 6).NonEmptyListOf().Select(l => l.Distinct().ToArray());
        Prop.ForAll(places.Zip(some).ToArbitrary(), given =>
        {
            (int[] now, int[] to) = given;
            IPEndPoint[] addresses = [.. to.Select(At)];
            IPEndPoint?[] before = [.. now.Select(n => n < 0 ? null : At(n))];
            IReadOnlyList<IPEndPoint> after = AddressBook.Assign(before, addresses);
            int[] counts = [.. addresses.Select(a => after.Count(a.Equals))];

            // As many may stay at an address as its share is; the rest moves.
            int least = now.Length / addresses.Length, extra = now.Length % addresses.Length;
            int[] had = [.. addresses.Select(a => before.Count(b => a.Equals(b))).OrderDescending()];
            int mayStay = had.Select((h, i) => Math.Min(h, i < extra ? least + 1 : least)).Sum();
            int stayed = after.Where((a, i) => a.Equals(before[i])).Count();
            return after.All(addresses.Contains) && counts.Max() - counts.Min() <= 1 && stayed == mayStay;
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Certificates_that_do_not_read_are_the_users_to_mend()
    {
        string none = Path.Combine(Path.GetTempPath(), $"spikebench-no-such-{Guid.NewGuid():N}.pem");
        Problem(new TransportOptions { CaFile = none }).ShouldStartWith($"--cacert {none}: cannot be read");
        Problem(new TransportOptions { KeyFile = none }).ShouldContain("give --cert FILE as well");
        string empty = Path.GetTempFileName();
        try
        {
            Problem(new TransportOptions { CertificateFile = empty }).ShouldBe($"--cert {empty}: holds no certificate: it must be PEM, with -----BEGIN CERTIFICATE-----");
        }
        finally
        {
            File.Delete(empty);
        }
    }

    private static string Problem(TransportOptions options) =>
        Should.Throw<UsageException>(() => new HandlerFactory(new Uri("https://chat.internal"), options, TimeSpan.FromSeconds(1))).Message;

    private static IPEndPoint At(int number) => new(new IPAddress([10, 0, 0, (byte)number]), 5000);
}
