using Google.Protobuf;
using Google.Protobuf.Reflection;
using SpikeBench.Grpc.Dynamic;
using SpikeBench.Tests.Legacy;
using SpikeBench.Tests.Shop;

namespace SpikeBench.Tests.Grpc.Dynamic;

public sealed class JsonToWireTests
{
    private static readonly MessageTypes Types = DynamicTypes.Of(OrdersReflection.Descriptor);
    private static readonly MessageTypes LegacyTypes = DynamicTypes.Of(LegacyReflection.Descriptor);

    [Theory]
    [InlineData("""{"lines":[{"qty":-1}]}""", "Order.lines[0].qty: expected uint32, got -1")]
    [InlineData("""{"lines":[{"qty":4294967296}]}""", "Order.lines[0].qty: expected uint32, got 4294967296")]
    [InlineData("""{"lines":[{"qty":1.5}]}""", "Order.lines[0].qty: expected uint32, got 1.5")]
    [InlineData("""{"lines":[{"qty":true}]}""", "Order.lines[0].qty: expected uint32, got true")]
    [InlineData("""{"lines":[{"qty":""}]}""", "Order.lines[0].qty: expected uint32, got \"\"")]
    [InlineData("""{"lines":[{},{"qty":" 1"}]}""", "Order.lines[1].qty: expected uint32, got \" 1\"")]
    [InlineData("""{"lines":{}}""", "Order.lines: expected an array of Line, got an object")]
    [InlineData("""{"lines":[null]}""", "Order.lines[0]: expected Line, got null")]
    [InlineData("""{"lines":["x"]}""", "Order.lines[0]: expected an object (Line), got \"x\"")]
    [InlineData("""{"lines":[{"labels":{"de":null}}]}""", "Order.lines[0].labels[\"de\"]: expected string, got null")]
    [InlineData("""{"lines":[{"labels":[]}]}""", "Order.lines[0].labels: expected an object (a map), got an array")]
    [InlineData("""{"lines":[{"labels":{"a":"1","a":"2"}}]}""", "Order.lines[0].labels[\"a\"]: is given twice")]
    [InlineData("""{"bySlot":{"x":{}}}""", "Order.bySlot[\"x\"]: expected int32 as the key")]
    [InlineData("""{"byTruth":{"True":1}}""", "Order.byTruth[\"True\"]: expected true or false as the key")]
    [InlineData("""{"bySlot":{"3":{"sku":3}}}""", "Order.bySlot[\"3\"].sku: expected string, got 3")]
    [InlineData("""{"lnes":[]}""", "Order.lnes: Order has no such field; it has id, lines, color")]
    [InlineData("""{"lnes":[]}""", "did you mean 'lines'?")]
    [InlineData("""{"id":"a","id":"b"}""", "Order: 'id' is given twice")]
    [InlineData("""{"placedAt":"2026-01-01T00:00:00Z","placed_at":"2026-01-01T00:00:00Z"}""", "Order: 'placedAt' and 'placed_at' are one field, given twice")]
    [InlineData("""{"card":"1","cashCents":2}""", "Order: 'card' and 'cashCents' are both of 'payment', which takes only one")]
    [InlineData("""{"color":"GREEN"}""", "Order.color: Color has no value \"GREEN\"; it has COLOR_NONE, RED, BLUE")]
    [InlineData("""{"color":"RDE"}""", "did you mean 'RED'?")]
    [InlineData("""{"color":1.5}""", "Order.color: expected Color (COLOR_NONE, RED, BLUE), got 1.5")]
    [InlineData("""{"receipt":"a b="}""", "Order.receipt: expected bytes in base64, got \"a b=\"")]
    [InlineData("""{"receipt":"abcde"}""", "Order.receipt: expected bytes in base64")]
    [InlineData("""{"weight":"heavy"}""", "Order.weight: expected double, got \"heavy\"")]
    [InlineData("""{"weight":1e400}""", "Order.weight: expected double, got 1e400")]
    [InlineData("""{"ratio":1e39}""", "Order.ratio: expected float, got 1e39")]
    [InlineData("""{"gift":"true"}""", "Order.gift: expected bool, got \"true\"")]
    [InlineData("""{"total":-1}""", "Order.total: expected uint64, got -1")]
    [InlineData("""{"total":18446744073709551616}""", "Order.total: expected uint64, got 18446744073709551616")]
    [InlineData("""{"delta":2147483648}""", "Order.delta: expected int32, got 2147483648")]
    [InlineData("""{"placedAt":"2026-01-01"}""", "Order.placedAt: expected a time like \"2026-01-01T00:00:00Z\", got \"2026-01-01\"")]
    [InlineData("""{"placedAt":"2026-02-29T00:00:00Z"}""", "Order.placedAt: expected a time")]
    [InlineData("""{"placedAt":"2026-01-01T00:00:00z"}""", "Order.placedAt: expected a time")]
    [InlineData("""{"placedAt":"0001-01-01T00:00:00+00:01"}""", "Order.placedAt: expected a time")]
    [InlineData("""{"patience":"5"}""", "Order.patience: expected seconds like \"1.5s\", got \"5\"")]
    [InlineData("""{"patience":"315576000001s"}""", "Order.patience: expected seconds")]
    [InlineData("""{"mask":"a_b"}""", "Order.mask: expected field paths like \"user.displayName,photo\", got \"a_b\"")]
    [InlineData("""{"extra":[]}""", "Order.extra: expected an object, got an array")]
    [InlineData("""{"extra":{"a":{"b":1,"b":2}}}""", "Order.extra.a.b: is given twice")]
    [InlineData("""{"detail":{"sku":"1"}}""", "Order.detail: lacks \"@type\"")]
    [InlineData("""{"detail":{"@type":"Line"}}""", "Order.detail: \"@type\": \"Line\" has no slash; write it like type.googleapis.com/Line")]
    [InlineData("""{"detail":{"@type":"type.googleapis.com/shop.v1.Lien"}}""", "Order.detail: \"@type\": there is no message shop.v1.Lien in the contract")]
    [InlineData("""{"detail":{"@type":"t/google.protobuf.Duration","seconds":1}}""", "a Duration inside an Any is written")]
    [InlineData("""{"note":1}""", "Order.note: expected string, got 1")]
    [InlineData("""{"id":"\ud83d"}""", "holds half a surrogate pair")]
    [InlineData("""[]""", "Order: expected an object (Order), got an array")]
    [InlineData("""{"id": }""", "Order: is not JSON at line 1, column 8")]
    [InlineData("{\n\"새해\": 복}", "Order: is not JSON at line 2, column 7")]
    public void Wrong_json_is_one_line_with_the_place(string json, string expected) =>
        Should.Throw<MessageJsonException>(() => JsonToWire.Encode(Types.Find("shop.v1.Order")!, json, Types)).Message.ShouldContain(expected);

    [Theory]
    [InlineData("""{"color":"BLUE"}""", """{"color":7}""")]
    [InlineData("""{"placed_at":"2026-01-01T09:00:00+09:00"}""", """{"placedAt":"2026-01-01T00:00:00Z"}""")]
    [InlineData("""{"delta":1e2}""", """{"delta":"100"}""")]
    [InlineData("""{"delta":"-2.50e1"}""", """{"delta":-25}""")]
    [InlineData("""{"total":18446744073709551615}""", """{"total":"18446744073709551615"}""")]
    [InlineData("""{"cashCents":-9223372036854775808}""", """{"cashCents":"-9223372036854775808"}""")]
    [InlineData("""{"receipt":"-_8"}""", """{"receipt":"+/8="}""")]
    [InlineData("""{"card":null,"cashCents":"2"}""", """{"cash_cents":2}""")]
    [InlineData("""{"id":null,"lines":null,"color":null,"note":null,"bySlot":null}""", "{}")]
    [InlineData("""{"id":"","delta":0,"total":"0","gift":false,"weight":0,"receipt":"","color":"COLOR_NONE","nothing":null}""", "{}")]
    [InlineData("""{"detail":{"@type":"t/google.protobuf.Empty"}}""", """{"detail":{"@type":"t/google.protobuf.Empty","value":{}}}""")]
    public void Spellings_of_one_message_are_one_message(string json, string other) =>
        JsonToWire.Encode(Types.Find("shop.v1.Order")!, json, Types).ShouldBe(JsonToWire.Encode(Types.Find("shop.v1.Order")!, other, Types));

    [Fact]
    public void What_can_tell_a_default_from_none_sends_it()
    {
        Order order = Encode("""{"priority":0,"card":"","note":"","barter":null,"anyValue":null,"weight":-0.0,"values":[null]}""");
        order.HasPriority.ShouldBeTrue();
        order.PaymentCase.ShouldBe(Order.PaymentOneofCase.Card);
        order.Note.ShouldBe("");
        order.AnyValue.KindCase.ShouldBe(Google.Protobuf.WellKnownTypes.Value.KindOneofCase.NullValue);
        BitConverter.DoubleToInt64Bits(order.Weight).ShouldBe(BitConverter.DoubleToInt64Bits(-0.0));
        order.Values.Single().KindCase.ShouldBe(Google.Protobuf.WellKnownTypes.Value.KindOneofCase.NullValue);
    }

    [Fact]
    public void An_any_holds_messages_of_the_contract_and_special_ones()
    {
        Encode("""{"detail":{"sku":"a","@type":"type.googleapis.com/shop.v1.Line","qty":2}}""").Detail.Unpack<Line>().ShouldBe(new Line { Sku = "a", Qty = 2 });
        Encode("""{"detail":{"@type":"type.googleapis.com/google.protobuf.Duration","value":"1.5s"}}""").Detail
            .Unpack<Google.Protobuf.WellKnownTypes.Duration>().ToTimeSpan().ShouldBe(TimeSpan.FromSeconds(1.5));
        Encode("""{"detail":{"@type":"x/google.protobuf.Any","value":{"@type":"y/shop.v1.Line","sku":"b"}}}""").Detail
            .Unpack<Google.Protobuf.WellKnownTypes.Any>().Unpack<Line>().Sku.ShouldBe("b");
    }

    [Fact]
    public void Korean_text_and_emoji_survive() => Encode("""{"id":"새해 복 많이 받으세요 \ud83d\ude00😀"}""").Id.ShouldBe("새해 복 많이 받으세요 😀😀");

    [Fact]
    public void Proto2_has_required_fields_groups_extensions_and_closed_enums()
    {
        MessageDescriptor old = LegacyTypes.Find("legacy.v1.Old")!;
        byte[] wire = JsonToWire.Encode(old, """{"name":"n","count":0,"part":[{"label":"a"},{}],"mood":"BUSY","numbers":[1,2],"packedNumbers":[3,4],"[legacy.v1.tag]":"t","[legacy.v1.marks]":["1",2]}""", LegacyTypes);
        Old read = Old.Parser.WithExtensionRegistry([LegacyExtensions.Tag, LegacyExtensions.Marks]).ParseFrom(wire);
        read.HasCount.ShouldBeTrue();
        read.Part.Select(p => p.Label).ShouldBe(["a", ""]);
        read.Mood.ShouldBe(Mood.Busy);
        read.GetExtension(LegacyExtensions.Tag).ShouldBe("t");
        read.GetExtension(LegacyExtensions.Marks).ShouldBe([1, 2]);
        read.ToByteArray().ShouldBe(wire);
        Should.Throw<MessageJsonException>(() => JsonToWire.Encode(old, "{}", LegacyTypes)).Message.ShouldBe("Old: 'name' is required");
        Should.Throw<MessageJsonException>(() => JsonToWire.Encode(old, """{"name":"n","mood":3}""", LegacyTypes)).Message.ShouldBe("Old.mood: expected Mood (CALM, BUSY), got 3");
    }

    [Fact]
    public void Nesting_without_end_is_no_stack_overflow()
    {
        string json = string.Concat(Enumerable.Repeat("""{"extra":{"a":""", 2000));
        Should.Throw<MessageJsonException>(() => JsonToWire.Encode(Types.Find("shop.v1.Order")!, json, Types)).Message.ShouldContain("is not JSON");
    }

    private static Order Encode(string json) => Order.Parser.ParseFrom(JsonToWire.Encode(Types.Find("shop.v1.Order")!, json, Types));
}
