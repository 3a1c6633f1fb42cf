using System.Reflection;
using System.Runtime.CompilerServices;

namespace SpikeBench.Grpc;

/// <summary>
/// Compiles the driver's code before T0, the error paths included: a method that is compiled at its first call would otherwise
/// cost up to some milliseconds of a run, and do so just when something goes wrong.
/// </summary>
internal static class CodeWarmup
{
    private static readonly string[] Namespaces =
        ["SpikeBench.Grpc.Epoll", "SpikeBench.Grpc.Http2", "SpikeBench.Grpc.Hpack", "SpikeBench.Grpc.Calls"];

    public static void CompileAll()
    {
        const BindingFlags Declared =
            BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;
        foreach (Type type in typeof(CodeWarmup).Assembly.GetTypes())
        {
            if (type.ContainsGenericParameters || !Namespaces.Contains(type.Namespace))
            {
                continue;
            }

            RuntimeHelpers.RunClassConstructor(type.TypeHandle);
            foreach (MethodBase method in type.GetMethods(Declared).Cast<MethodBase>().Concat(type.GetConstructors(Declared)))
            {
                if (!method.IsAbstract && !method.ContainsGenericParameters && method.GetMethodBody() is not null)
                {
                    RuntimeHelpers.PrepareMethod(method.MethodHandle);
                }
            }
        }
    }
}
