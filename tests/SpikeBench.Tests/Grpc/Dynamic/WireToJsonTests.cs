using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using SpikeBench.Core;
using SpikeBench.Grpc.Dynamic;
using SpikeBench.Tests.Legacy;
using SpikeBench.Tests.Shop;

namespace SpikeBench.Tests.Grpc.Dynamic;

public sealed class WireToJsonTests
{
    private static readonly MessageTypes Types = DynamicTypes.Of(OrdersReflection.Descriptor);
    private static readonly MessageTypes LegacyTypes = DynamicTypes.Of(LegacyReflection.Descriptor);

    [Fact]
    public void A_message_is_printed_as_the_mapping_has_it()
    {
        var order = new Order
        {
            Id = "새해\u0007\"😀",
            Color = (Color)5,
            CashCents = long.MinValue,
            Receipt = ByteString.CopyFrom(0xFB, 0xFF),
            Weight = double.PositiveInfinity,
            Ratio = 0.1f,
            Patience = new Duration { Seconds = -1, Nanos = -500_000_000 },
            Deltas = { -1, 1 },
            ByTruth = { [true] = 1.5 },
            Big = 0,
        };
        Print(order).ShouldBe("""{"id":"새해\u0007\"😀","color":5,"cashCents":"-9223372036854775808","receipt":"+/8=","weight":"Infinity","ratio":0.1,"patience":"-1.500s","big":"0","byTruth":{"true":1.5},"deltas":["-1","1"]}""");
    }

    [Fact]
    public void Indented_it_takes_a_line_a_value()
    {
        var order = new Order { Id = "a", Lines = { new Line { Qty = 1 }, new Line() } };
        Print(order, new JsonStyle(Indented: true)).ShouldBe(
            """
            {
              "id": "a",
              "lines": [
                {
                  "qty": 1
                },
                {}
              ]
            }
            """);
    }

    [Fact]
    public void With_defaults_what_cannot_be_absent_is_there()
    {
        string json = Print(new Line(), new JsonStyle(WithDefaults: true));
        json.ShouldBe("""{"sku":"","qty":0,"labels":{}}""");
        Print(new Order(), new JsonStyle(WithDefaults: true)).ShouldNotContain("priority");
    }

    [Fact]
    public void The_last_value_of_a_field_counts_messages_merge_and_the_last_of_a_oneof_stays()
    {
        byte[] first = new Order { Id = "a", Card = "c" }.ToByteArray();
        byte[] twice = [.. new Order { Id = "a", Barter = new Line { Sku = "s" } }.ToByteArray(), .. new Order { Id = "b", Barter = new Line { Qty = 2 } }.ToByteArray()];
        Print("shop.v1.Order", twice).ShouldBe("""{"id":"b","barter":{"sku":"s","qty":2}}""");
        Print("shop.v1.Order", [.. twice, .. first]).ShouldBe("""{"id":"a","card":"c"}""");
    }

    [Fact]
    public void Lists_are_read_packed_and_unpacked_and_unknown_fields_are_left_out()
    {
        // deltas = 21: unpacked 1 and −1, then packed 2; field 99 is nobody's, and id = 1 as a number is not the field.
        byte[] wire = [0xA8, 0x01, 0x02, 0xA8, 0x01, 0x01, 0xAA, 0x01, 0x01, 0x04, 0x98, 0x06, 0x05, 0x08, 0x07];
        Print("shop.v1.Order", wire).ShouldBe("""{"deltas":["1","-1","2"]}""");
    }

    [Fact]
    public void What_the_mapping_has_no_json_for_is_shown_all_the_same()
    {
        var order = new Order { PlacedAt = new Timestamp { Seconds = 253_402_300_800 }, Detail = new Any { TypeUrl = "x/not.Known", Value = ByteString.CopyFrom(1) } };
        Print(order).ShouldBe("""{"placedAt":{"seconds":"253402300800"},"detail":{"@type":"x/not.Known","@value":"AQ=="}}""");
    }

    [Fact]
    public void Proto2_prints_groups_extensions_and_explicit_defaults()
    {
        byte[] wire = JsonToWire.Encode(LegacyTypes.Find("legacy.v1.Old")!, """{"name":"","count":0,"part":[{"label":"a"}],"[legacy.v1.tag]":"t"}""", LegacyTypes);
        WireToJson.Print(LegacyTypes.Find("legacy.v1.Old")!, wire, LegacyTypes).ShouldBe("""{"name":"","count":0,"part":[{"label":"a"}],"[legacy.v1.tag]":"t"}""");

        // mood = 5 is of a closed enum without that number: it counts as unknown.
        WireToJson.Print(LegacyTypes.Find("legacy.v1.Old")!, [0x28, 0x09], LegacyTypes).ShouldBe("{}");
        Old.Descriptor.FullName.ShouldBe("legacy.v1.Old");
    }

    [Theory]
    [InlineData(new byte[] { 0x0A }, "ends early")]
    [InlineData(new byte[] { 0x0A, 0x05, 0x61 }, "ends early")]
    [InlineData(new byte[] { 0x0A, 0x01, 0xFF }, "the string 'id' is not UTF-8")]
    [InlineData(new byte[] { 0x00 }, "number 0")]
    [InlineData(new byte[] { 0x0C }, "a group ends that never began")]
    [InlineData(new byte[] { 0x08, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF }, "more than ten bytes")]
    public void Bytes_that_are_no_message_are_the_targets_fault(byte[] wire, string expected) =>
        Should.Throw<TargetException>(() => Print("shop.v1.Order", wire)).Message.ShouldContain(expected);

    [Fact]
    public void Any_bytes_end_in_json_or_in_one_error()
    {
        var draws = new Draws(7);
        int printed = 0;
        for (int i = 0; i < 20_000; i++)
        {
            byte[] wire = [.. Enumerable.Range(0, draws.Below(24)).Select(_ => (byte)(draws.Once(2) ? draws.Below(32) : draws.Below(256)))];
            try
            {
                using var json = System.Text.Json.JsonDocument.Parse(Print("shop.v1.Order", wire));
                printed++;
            }
            catch (TargetException)
            {
            }
        }

        printed.ShouldBeGreaterThan(1000);
    }

    private static string Print(IMessage message, JsonStyle style = default) => Print(message.Descriptor.FullName, message.ToByteArray(), style);

    private static string Print(string type, byte[] wire, JsonStyle style = default) => WireToJson.Print(Types.Find(type)!, wire, Types, style);
}
