using System.Text;
using FsCheck;
using FsCheck.Fluent;
using SpikeBench.Grpc.Hpack;

namespace SpikeBench.Tests.Grpc.Hpack;

/// <summary>HPACK by the examples of RFC 7541, appendix C, and by what they leave out.</summary>
public sealed class HpackTests
{
    private const int MaxBlock = 4096;

    [Theory]
    [InlineData(10, 5, "0a")] // C.1.1
    [InlineData(1337, 5, "1f9a0a")] // C.1.2
    [InlineData(42, 8, "2a")] // C.1.3
    public void Integer_encodes_and_decodes_as_appendix_C_1_shows(int value, int prefixBits, string hex)
    {
        byte[] bytes = new byte[HpackInteger.MaxEncodedLength];
        HpackInteger.TryEncode(value, 0, prefixBits, bytes, out int length).ShouldBeTrue();
        Convert.ToHexStringLower(bytes.AsSpan(0, length)).ShouldBe(hex);

        int at = 0;
        HpackInteger.TryDecode(bytes.AsSpan(0, length), ref at, prefixBits, out int decoded).ShouldBeTrue();
        decoded.ShouldBe(value);
        at.ShouldBe(length);
    }

    [Fact]
    public void Integer_survives_the_round_trip_and_refuses_to_be_cut_for_every_value()
        => Prop.ForAll<PositiveInt, byte>((number, bits) =>
        {
            int value = number.Get % (1 << 28);
            int prefixBits = 4 + bits % 4;
            byte[] bytes = new byte[HpackInteger.MaxEncodedLength];
            HpackInteger.TryEncode(value, 0, prefixBits, bytes, out int length).ShouldBeTrue();
            int at = 0;
            HpackInteger.TryDecode(bytes.AsSpan(0, length), ref at, prefixBits, out int decoded).ShouldBeTrue();
            decoded.ShouldBe(value);
            at = 0;
            HpackInteger.TryDecode(bytes.AsSpan(0, length - 1), ref at, prefixBits, out _).ShouldBeFalse();
            HpackInteger.TryEncode(value, 0, prefixBits, bytes.AsSpan(0, length - 1), out int none).ShouldBeFalse();
            none.ShouldBe(0);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Integer_is_refused_when_it_goes_on_for_ever()
    {
        int at = 0;
        HpackInteger.TryDecode([0x1f, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01], ref at, 5, out _).ShouldBeFalse();
    }

    [Fact]
    public void Huffman_decodes_every_symbol_as_appendix_B_encodes_it()
    {
        for (int symbol = 0; symbol < AppendixB.EndOfString; symbol++)
        {
            byte[] decoded = new byte[4];
            Huffman.TryDecode(AppendixB.Encode([symbol, symbol, symbol]), decoded, out int count).ShouldBeTrue();
            decoded[..count].ShouldBe([(byte)symbol, (byte)symbol, (byte)symbol]);
        }
    }

    [Fact]
    public void Huffman_gives_back_any_bytes()
        => Prop.ForAll<byte[]>(bytes =>
        {
            byte[] decoded = new byte[bytes.Length];
            Huffman.TryDecode(AppendixB.Encode(bytes.Select(b => (int)b)), decoded, out int count).ShouldBeTrue();
            decoded.AsSpan(0, count).SequenceEqual(bytes).ShouldBeTrue();
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Huffman_is_refused_when_padding_or_room_is_wrong()
    {
        byte[] room = new byte[8];
        Huffman.TryDecode(AppendixB.Encode([AppendixB.EndOfString]), room, out _).ShouldBeFalse("the end-of-string symbol (5.2)");
        Huffman.TryDecode(AppendixB.Encode(['a'], padWithOnes: false), room, out _).ShouldBeFalse("padding of zeros");
        Huffman.TryDecode([.. AppendixB.Encode("a"), 0xff], room, out _).ShouldBeFalse("a whole byte of padding");
        Huffman.TryDecode(AppendixB.Encode("ab"), room.AsSpan(0, 1), out _).ShouldBeFalse("no room");
    }

    [Theory]
    [InlineData("400a637573746f6d2d6b65790d637573746f6d2d686561646572", "custom-key: custom-header", 55)] // C.2.1
    [InlineData("040c2f73616d706c652f70617468", ":path: /sample/path", 0)] // C.2.2
    [InlineData("100870617373776f726406736563726574", "password: secret", 0)] // C.2.3
    [InlineData("82", ":method: GET", 0)] // C.2.4
    public void Decoder_reads_one_field_as_appendix_C_2_shows(string hex, string field, int tableSize)
        => DecodeAll(4096, [(hex, field, tableSize)]);

    [Fact]
    public void Decoder_reads_requests_without_Huffman_as_appendix_C_3_shows() => DecodeAll(4096,
    [
        ("828684410f7777772e6578616d706c652e636f6d", ":method: GET|:scheme: http|:path: /|:authority: www.example.com", 57),
        ("828684be58086e6f2d6361636865",
            ":method: GET|:scheme: http|:path: /|:authority: www.example.com|cache-control: no-cache", 110),
        ("828785bf400a637573746f6d2d6b65790c637573746f6d2d76616c7565",
            ":method: GET|:scheme: https|:path: /index.html|:authority: www.example.com|custom-key: custom-value", 164),
    ]);

    [Fact]
    public void Decoder_reads_requests_with_Huffman_as_appendix_C_4_shows() => DecodeAll(4096,
    [
        ("828684418cf1e3c2e5f23a6ba0ab90f4ff", ":method: GET|:scheme: http|:path: /|:authority: www.example.com", 57),
        ("828684be5886a8eb10649cbf",
            ":method: GET|:scheme: http|:path: /|:authority: www.example.com|cache-control: no-cache", 110),
        ("828785bf408825a849e95ba97d7f8925a849e95bb8e8b4bf",
            ":method: GET|:scheme: https|:path: /index.html|:authority: www.example.com|custom-key: custom-value", 164),
    ]);

    private const string FirstResponse =
        ":status: 302|cache-control: private|date: Mon, 21 Oct 2013 20:13:21 GMT|location: https://www.example.com";

    private const string SecondResponse =
        ":status: 307|cache-control: private|date: Mon, 21 Oct 2013 20:13:21 GMT|location: https://www.example.com";

    private const string ThirdResponse =
        ":status: 200|cache-control: private|date: Mon, 21 Oct 2013 20:13:22 GMT|location: https://www.example.com|"
        + "content-encoding: gzip|set-cookie: foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1";

    [Fact]
    public void Decoder_evicts_as_appendix_C_5_shows_without_Huffman() => DecodeAll(256,
    [
        ("4803333032580770726976617465611d4d6f6e2c203231204f637420323031332032303a31333a323120474d546e1768747470733a2f2f7777772e65"
            + "78616d706c652e636f6d", FirstResponse, 222),
        ("4803333037c1c0bf", SecondResponse, 222),
        ("88c1611d4d6f6e2c203231204f637420323031332032303a31333a323220474d54c05a04677a69707738666f6f3d4153444a4b48514b425a584f5157"
            + "454f50495541585157454f49553b206d61782d6167653d333630303b2076657273696f6e3d31", ThirdResponse, 215),
    ]);

    [Fact]
    public void Decoder_evicts_as_appendix_C_6_shows_with_Huffman() => DecodeAll(256,
    [
        ("488264025885aec3771a4b6196d07abe941054d444a8200595040b8166e082a62d1bff6e919d29ad171863c78f0b97c8e9ae82ae43d3",
            FirstResponse, 222),
        ("4883640effc1c0bf", SecondResponse, 222),
        ("88c16196d07abe941054d444a8200595040b8166e084a62d1bffc05a839bd9ab77ad94e7821dd7f2e6c7b335dfdfcd5b3960d5af27087f3672c1ab27"
            + "0fb5291f9587316065c003ed4ee5b1063d5007", ThirdResponse, 215),
    ]);

    [Theory]
    [InlineData("80", "index 0")]
    [InlineData("be", "an index beyond the table")]
    [InlineData("7f", "an index that is cut off")]
    [InlineData("400a6375", "a string that is cut off")]
    [InlineData("3fe21f", "a table larger than we allow (4096)")]
    [InlineData("8220", "a size update behind a field (4.2)")]
    [InlineData("400161820000", "Huffman with wrong padding")]
    public void Decoder_refuses_a_block_when_it_is_malformed(string hex, string why)
        => NewDecoder(4096).TryDecode(Convert.FromHexString(hex), new Fields()).ShouldBeFalse(why);

    [Fact]
    public void Decoder_takes_the_name_of_an_entry_that_its_insertion_evicts()
    {
        HpackDecoder decoder = NewDecoder(64);
        Decode(decoder, "400a637573746f6d2d6b65790178").ShouldBe("custom-key: x");
        Decode(decoder, "7e03616263").ShouldBe("custom-key: abc");
        Decode(decoder, "be").ShouldBe("custom-key: abc");
        decoder.Table.Count.ShouldBe(1);
    }

    [Fact]
    public void Decoder_empties_the_table_when_an_entry_is_larger_than_it_and_when_it_shrinks_to_nothing()
    {
        HpackDecoder decoder = NewDecoder(64);
        Decode(decoder, "4001610162").ShouldBe("a: b");
        Decode(decoder, "400161" + "28" + string.Concat(Enumerable.Repeat("78", 40))).ShouldStartWith("a: xxx");
        decoder.Table.Count.ShouldBe(0);

        Decode(decoder, "4001610162").ShouldBe("a: b");
        Decode(decoder, "203f214001630164").ShouldBe("c: d", "down to 0, up to 64, then a field");
        decoder.Table.Count.ShouldBe(1);
    }

    [Fact]
    public void Table_keeps_the_newest_entries_that_fit_whatever_is_inserted()
        => Prop.ForAll<byte[]>(lengths =>
        {
            const int Limit = 200;
            var table = new DynamicTable(Limit);
            List<(string Name, string Value)> model = [];
            foreach (byte length in lengths)
            {
                string name = new((char)('a' + length % 26), length % 30);
                string value = new((char)('A' + length % 26), length / 2);
                table.Insert(Encoding.ASCII.GetBytes(name), Encoding.ASCII.GetBytes(value));
                model.Insert(0, (name, value));
                while (model.Sum(e => e.Name.Length + e.Value.Length + DynamicTable.EntryOverhead) > Limit)
                {
                    model.RemoveAt(model.Count - 1);
                }

                table.Count.ShouldBe(model.Count);
                for (int i = 0; i < model.Count; i++)
                {
                    table.Get(i, out ReadOnlySpan<byte> n, out ReadOnlySpan<byte> v);
                    (Encoding.ASCII.GetString(n), Encoding.ASCII.GetString(v)).ShouldBe(model[i]);
                }
            }
        }).QuickCheckThrowOnFailure();

    private static HpackDecoder NewDecoder(int tableSize) => new(tableSize, new HpackScratch(MaxBlock));

    private static void DecodeAll(int tableSize, (string Hex, string Fields, int TableSize)[] blocks)
    {
        HpackDecoder decoder = NewDecoder(tableSize);
        foreach ((string hex, string fields, int size) in blocks)
        {
            Decode(decoder, hex).ShouldBe(fields);
            decoder.Table.Size.ShouldBe(size);
        }
    }

    private static string Decode(HpackDecoder decoder, string hex)
    {
        var fields = new Fields();
        decoder.TryDecode(Convert.FromHexString(hex), fields).ShouldBeTrue();
        return string.Join('|', fields.List);
    }

    private sealed class Fields : IHeaderSink
    {
        public List<string> List { get; } = [];

        public void OnHeader(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
            => List.Add($"{Encoding.ASCII.GetString(name)}: {Encoding.ASCII.GetString(value)}");
    }
}
