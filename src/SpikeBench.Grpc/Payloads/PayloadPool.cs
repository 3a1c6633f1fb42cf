using Google.Protobuf.Reflection;
using SpikeBench.Core.Engine;
using SpikeBench.Core.Profiles;
using SpikeBench.Core.Profiles.Templates;
using SpikeBench.Grpc.Dynamic;

namespace SpikeBench.Grpc.Payloads;

/// <summary>What messages are made by, and what templates may draw on besides the seed.</summary>
public sealed record PayloadSources
{
    /// <summary>Looks a variable of the environment up. (default: the process's own)</summary>
    public Func<string, string?> Environment { get; init; } = System.Environment.GetEnvironmentVariable;

    /// <summary>The methods and their messages. (default: the reference messenger's)</summary>
    public Contract Contract { get; init; } = Contract.BuiltIn;

    /// <summary>Tells the run's name, for <c>${run}</c>; not asked where no template names it. (default: run)</summary>
    public Func<string> Run { get; init; } = static () => "run";
}

/// <summary>
/// Turns the operations of a profile into pools of encoded messages, before the run: the hot path only picks one, and writes over its copy
/// what differs from call to call.
/// </summary>
public static class PayloadPool
{
    private const long MostBytes = 1L << 30;

    // Beyond, large drawn messages repeat: a thousand of 4 MB would be 4 GB.
    private const long MostDrawnBytes = 1L << 28;

    private const int MostErrors = 20;

    /// <summary>Resolves and encodes every operation.</summary>
    /// <param name="operations">As the profile gives them.</param>
    /// <param name="seed">Fixes what templates draw.</param>
    /// <param name="sources">What else they draw on.</param>
    /// <returns>The operations, or the errors; places are those of the profile's text.</returns>
    public static (IReadOnlyList<PlannedOperation> Operations, IReadOnlyList<ProfileError> Errors) Build(
        IReadOnlyList<Operation> operations, ulong seed, PayloadSources? sources = null)
    {
        Contract contract = sources?.Contract ?? Contract.BuiltIn;
        var planned = new List<PlannedOperation>();
        var errors = new List<ProfileError>();
        for (int i = 0; i < operations.Count; i++)
        {
            Operation operation = operations[i];
            string path = $"operations[{i}]";
            MethodDescriptor? method = contract.Find(operation.Call);
            if (method is null)
            {
                errors.Add(new ProfileError(0, 0, path, $"{path}.call: {contract.Unknown(operation.Call)}"));
                continue;
            }

            if (method.IsClientStreaming || method.IsServerStreaming)
            {
                errors.Add(new ProfileError(0, 0, path, $"{path}.call: {operation.Call} streams; this version calls unary methods only"));
                continue;
            }

            (IReadOnlyList<PooledMessage>? pool, IReadOnlyList<ProfileError> wrong) = Encode(operation.Payload, method.InputType, seed + (ulong)i, path, sources, contract.Types);
            errors.AddRange(wrong);
            if (pool is not null)
            {
                planned.Add(Planned(operation, pool));
            }
        }

        return (planned, errors);
    }

    /// <summary>An operation with its pool.</summary>
    internal static PlannedOperation Planned(Operation operation, IReadOnlyList<PooledMessage> pool) => new(operation.Name, "/" + operation.Call, [.. pool.Select(m => m.Bytes)])
    {
        Patches = pool.Any(m => m.Patches.Count > 0) ? [.. pool.Select(m => m.Patches)] : null,
    };

    /// <summary>Encodes the messages of one payload.</summary>
    /// <param name="payload">As the profile gives it.</param>
    /// <param name="type">The message's type.</param>
    /// <param name="seed">Fixes what templates draw.</param>
    /// <param name="path">What errors call the call: <c>operations[0]</c>.</param>
    /// <param name="sources">What else templates draw on.</param>
    /// <param name="types">What <c>Any</c> is looked up in; null: what the type's own file sees.</param>
    internal static (IReadOnlyList<PooledMessage>? Pool, IReadOnlyList<ProfileError> Errors) Encode(
        Payload payload, MessageDescriptor type, ulong seed, string path, PayloadSources? sources = null, MessageTypes? types = null)
    {
        sources ??= new PayloadSources();
        var scope = new TemplateScope(seed) { Files = payload.Files, Environment = sources.Environment, Run = sources.Run };
        var entry = new PoolEntry(type, types, scope.NextDraws());
        var errors = new List<ProfileError>();
        IReadOnlyList<ProfileNode> messages = payload.Messages;
        var writers = new (WriteJson Write, bool IsDrawn)?[messages.Count];
        var pool = new PooledMessage[payload.Choice.Size];
        long bytes = 0;
        int made = 0;
        for (int k = 0; k < pool.Length && errors.Count < MostErrors; k++)
        {
            int m = k % messages.Count;
            if (k >= messages.Count && writers[m] is { IsDrawn: false })
            {
                pool[k] = pool[m];
                continue;
            }

            if (messages.Count == 1 && payload.Files.Count == 0 && bytes > MostDrawnBytes)
            {
                pool[k] = pool[k % made];
                continue;
            }

            int before = errors.Count;
            (WriteJson write, bool isDrawn) = writers[m] ??= Compile(m);
            bool isMisshapen = errors.Count > before;
            PooledMessage? message = Make(write, k, m);
            if (message is null || isMisshapen)
            {
                // One message of a kind is enough to say what is wrong with all of them.
                if (isMisshapen || isDrawn || messages.Count == 1)
                {
                    break;
                }

                continue;
            }

            pool[k] = message;
            bytes += message.Bytes.Length;
            made = k + 1;
            if (bytes > MostBytes)
            {
                Report(messages[m], m, "", $"its messages come to more than {MostBytes >> 20} MB, which are all made before the run: take fewer rows");
                break;
            }
        }

        return errors.Count > 0 ? (null, [.. errors.OrderBy(e => e.Line).ThenBy(e => e.Column)]) : (pool, errors);

        (WriteJson, bool) Compile(int m)
        {
            var compiler = new MessageCompiler(scope, payload.IsJson, (node, at, message) =>
            {
                entry.LeaveOut(node);
                Report(node, m, at, message);
            });
            WriteJson write = compiler.Message(type, messages[m]);
            return (write, compiler.IsDrawn);
        }

        // A value that does not fit is reported and left out, so that the next one is found as well.
        PooledMessage? Make(WriteJson write, int k, int m)
        {
            if (entry.IsLeftOut(messages[m]))
            {
                return null;
            }

            int before = errors.Count;
            while (errors.Count < MostErrors)
            {
                try
                {
                    PooledMessage made = entry.Encode(write, k);
                    return errors.Count == before ? made : null;
                }
                catch (MessageJsonException e)
                {
                    (ProfileNode node, string at) = NodePath.Find(messages[m], e.Path);
                    Report(node, m, at, ProblemOf(node, e, k, payload));
                    if (ReferenceEquals(node, messages[m]) || !entry.LeaveOut(node))
                    {
                        return null;
                    }
                }
            }

            return null;
        }

        // What comes from JSON or from a file has no place of its own in the profile: the key's stands for it.
        void Report(ProfileNode node, int m, string at, string message)
        {
            string list = messages.Count > 1 && payload.Source is null ? $"[{m}]" : "";
            string row = payload.Source is { } file ? $"{file.File}, message {m + 1}{(at.Length > 0 ? $", {at}" : "")}: " : "";
            string where = payload.Source is not null || at.Length == 0 ? "" : at[0] == '[' ? at : "." + at;
            errors.Add(new ProfileError(
                node.Line == 0 ? payload.Line : node.Line,
                node.Line == 0 ? payload.Column : node.Column,
                $"{path}.{payload.Key}{list}{where}",
                row + message));
        }
    }

    private static string ProblemOf(ProfileNode node, MessageJsonException e, int k, Payload payload)
    {
        if (node is not ScalarNode scalar || !Template.TryParse(scalar.Value, out Template? template, out _) || template.IsLiteral)
        {
            return e.Problem;
        }

        string row = payload.Files.Count > 0 && template.Parts.OfType<CsvPart>().FirstOrDefault() is { } csv
            ? $" ({csv.File}, row {k % payload.Files.First(f => f.File == csv.File).Rows + 1})" : "";
        return template.IsSecret ? $"what '{scalar.Value}' gives does not fit the field; its value is not shown" : $"{e.Problem}, from '{scalar.Value}'{row}";
    }
}
