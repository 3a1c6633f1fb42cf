using SpikeBench.Core.Engine;
using SpikeBench.Core.Profiles;
using SpikeBench.Grpc.Payloads;

namespace SpikeBench.DriverBench.Unique;

/// <summary>
/// One operation with messages of about 100 bytes, three ways: all calls send one message; calls draw one of 1,024 different ones; the
/// same, and each call writes its number and a UUID over its copy.
/// </summary>
internal static class UniqueMessages
{
    public const string Fixed = "fixed";
    public const string Drawn = "drawn";
    public const string Unique = "unique";

    public static IReadOnlyList<string> Kinds { get; } = [Fixed, Drawn, Unique];

    public static PlannedOperation Of(string kind)
    {
        (string sender, string room, string number, string key) = kind switch
        {
            Fixed => ("user-12345", "777", "0000000042", "01234567-89ab-4cde-8f01-23456789abcd"),
            Drawn => ("user-${uniform 10000 99999}", "${uniform 128 9999}", "0000000042", "01234567-89ab-4cde-8f01-23456789abcd"),
            _ => ("user-${uniform 10000 99999}", "${uniform 128 9999}", "${seq}", "${uuid}"),
        };
        Payload payload = Payload.Of(("sender", sender), ("room", room), ("text", $"새해 복 많이 받으세요! {number}"), ("idempotency_key", key));
        (IReadOnlyList<PlannedOperation> operations, IReadOnlyList<ProfileError> errors) =
            PayloadPool.Build([new Operation("send", 1, "spikebench.messenger.v1.Messenger/Send", payload)], seed: 1);
        return errors.Count == 0 ? operations[0] : throw new InvalidOperationException(errors[0].Message);
    }
}
