using Google.Protobuf.Reflection;
using SpikeBench.Grpc.Dynamic;
using SpikeBench.Tests.Shop;

namespace SpikeBench.Tests.Grpc.Dynamic;

public sealed class JsonSkeletonTests
{
    [Fact]
    public void A_skeleton_has_every_field_once_and_of_a_oneof_the_first() =>
        JsonSkeleton.Of(Line.Descriptor).ShouldBe("{\n  \"sku\": \"\",\n  \"qty\": 0,\n  \"labels\": {\n    \"key\": \"\"\n  }\n}");

    [Fact]
    public void A_skeleton_is_a_message_of_its_type()
    {
        FileDescriptor[] files = [OrdersReflection.Descriptor, Spikebench.Schema1.Schema1Reflection.Descriptor, Spikebench.Schema2.Schema2Reflection.Descriptor];
        foreach (MessageDescriptor type in files.SelectMany(f => f.MessageTypes))
        {
            string json = JsonSkeleton.Of(type);
            Should.NotThrow(() => JsonToWire.Encode(type, json), json);
        }
    }
}
