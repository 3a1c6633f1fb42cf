namespace SpikeBench.Grpc.Hpack;

/// <summary>HPACK's static table (RFC 7541, appendix A): indices 1 to 61.</summary>
internal static class StaticTable
{
    public const int Count = 61;

    // The entries that requests use by number.
    public const int Authority = 1;
    public const int MethodPost = 3;
    public const int Path = 4;
    public const int SchemeHttp = 6;
    public const int ContentType = 31;

    private static readonly (byte[] Name, byte[] Value)[] Entries =
    [
        Entry(":authority"), Entry(":method", "GET"), Entry(":method", "POST"), Entry(":path", "/"), Entry(":path", "/index.html"),
        Entry(":scheme", "http"), Entry(":scheme", "https"), Entry(":status", "200"), Entry(":status", "204"), Entry(":status", "206"),
        Entry(":status", "304"), Entry(":status", "400"), Entry(":status", "404"), Entry(":status", "500"), Entry("accept-charset"),
        Entry("accept-encoding", "gzip, deflate"), Entry("accept-language"), Entry("accept-ranges"), Entry("accept"),
        Entry("access-control-allow-origin"), Entry("age"), Entry("allow"), Entry("authorization"), Entry("cache-control"),
        Entry("content-disposition"), Entry("content-encoding"), Entry("content-language"), Entry("content-length"),
        Entry("content-location"), Entry("content-range"), Entry("content-type"), Entry("cookie"), Entry("date"), Entry("etag"),
        Entry("expect"), Entry("expires"), Entry("from"), Entry("host"), Entry("if-match"), Entry("if-modified-since"),
        Entry("if-none-match"), Entry("if-range"), Entry("if-unmodified-since"), Entry("last-modified"), Entry("link"),
        Entry("location"), Entry("max-forwards"), Entry("proxy-authenticate"), Entry("proxy-authorization"), Entry("range"),
        Entry("referer"), Entry("refresh"), Entry("retry-after"), Entry("server"), Entry("set-cookie"),
        Entry("strict-transport-security"), Entry("transfer-encoding"), Entry("user-agent"), Entry("vary"), Entry("via"),
        Entry("www-authenticate"),
    ];

    /// <summary>The name at <paramref name="index"/>, 1 to <see cref="Count"/>.</summary>
    public static ReadOnlySpan<byte> Name(int index) => Entries[index - 1].Name;

    /// <summary>The value at <paramref name="index"/>; empty where the table has a name only.</summary>
    public static ReadOnlySpan<byte> Value(int index) => Entries[index - 1].Value;

    private static (byte[] Name, byte[] Value) Entry(string name, string value = "")
        => (System.Text.Encoding.ASCII.GetBytes(name), System.Text.Encoding.ASCII.GetBytes(value));
}
