using Google.Protobuf.Reflection;
using SpikeBench.Core.Engine;
using SpikeBench.Core.Profiles;
using SpikeBench.Core.Schedule;

namespace SpikeBench.Grpc.Payloads;

/// <summary>
/// Turns the operations of a profile into pools of encoded messages, before the run: the hot path only picks one.
/// </summary>
public static class PayloadPool
{
    /// <summary>Resolves and encodes every operation.</summary>
    /// <param name="operations">As the profile gives them.</param>
    /// <param name="seed">Fixes what templates draw.</param>
    /// <returns>The operations, or the errors; places are those of the profile's text.</returns>
    public static (IReadOnlyList<PlannedOperation> Operations, IReadOnlyList<ProfileError> Errors) Build(IReadOnlyList<Operation> operations, ulong seed)
    {
        var planned = new List<PlannedOperation>();
        var errors = new List<ProfileError>();
        for (int i = 0; i < operations.Count; i++)
        {
            Operation operation = operations[i];
            string path = $"operations[{i}]";
            MethodDescriptor? method = MethodCatalog.Find(operation.Call);
            if (method is null)
            {
                errors.Add(new ProfileError(0, 0, path, $"{path}.call: {MethodCatalog.Unknown(operation.Call)}"));
                continue;
            }

            if (method.IsClientStreaming || method.IsServerStreaming)
            {
                errors.Add(new ProfileError(0, 0, path, $"{path}.call: {operation.Call} streams; this version calls unary methods only"));
                continue;
            }

            byte[][]? pool = Encode(operation, method.InputType, path, new TemplateDraws(seed, i), errors);
            if (pool is not null)
            {
                planned.Add(new PlannedOperation(operation.Name, "/" + operation.Call, pool));
            }
        }

        return (planned, errors);
    }

    private static byte[][]? Encode(Operation operation, MessageDescriptor message, string path, TemplateDraws draws, List<ProfileError> errors)
    {
        int before = errors.Count;
        var fields = new List<(FieldDescriptor Field, Template Template, PayloadField Source)>();
        foreach (PayloadField source in operation.Payload)
        {
            string at = $"{path}.payload.{source.Name}";
            FieldDescriptor? field = message.FindFieldByName(source.Name);
            if (field is null)
            {
                string names = string.Join(", ", message.Fields.InDeclarationOrder().Select(f => f.Name));
                string hint = Suggestion.DidYouMean(source.Name, message.Fields.InDeclarationOrder().Select(f => f.Name));
                errors.Add(new ProfileError(source.Line, source.Column, at, $"{message.FullName} has no such field; it has {names}{hint}"));
            }
            else if (!FieldEncoder.Supports(field))
            {
                errors.Add(new ProfileError(source.Line, source.Column, at, $"is {FieldEncoder.Describe(field)}, which this version cannot fill"));
            }
            else if (Template.TryParse(source.Template, out Template? template, out string? error))
            {
                fields.Add((field, template, source));
            }
            else
            {
                errors.Add(new ProfileError(source.Line, source.Column, at, error));
            }
        }

        if (errors.Count > before)
        {
            return null;
        }

        var pool = new byte[LoadPlan.PoolSize][];
        for (int i = 0; i < pool.Length; i++)
        {
            using var buffer = new MemoryStream();
            foreach ((FieldDescriptor field, Template template, PayloadField source) in fields.OrderBy(f => f.Field.FieldNumber))
            {
                string value = template.Render(i, draws);
                if (!FieldEncoder.TryEncode(field, value, buffer))
                {
                    errors.Add(new ProfileError(source.Line, source.Column, $"{path}.payload.{source.Name}", $"'{value}' is not {FieldEncoder.Describe(field)}"));
                    return null;
                }
            }

            pool[i] = buffer.ToArray();
        }

        return pool;
    }
}
