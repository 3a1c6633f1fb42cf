namespace SpikeBench.IntegrationTests;

/// <summary>
/// Tests that run after all others, one at a time, because what they assert depends on how much of the machine they get: a run that must
/// not FAIL, calls that must all end within a second, a fault done to a generator for a measured time, memory that must not grow.
/// </summary>
/// <remarks>
/// What is not here runs beside other classes and asserts only what holds on a busy machine: books, bytes, files, bounds on one side,
/// verdicts that lateness cannot change. It starts processes and binds ports of its own, and leaves alone what a process has once: its
/// environment, its current directory, its console.
/// </remarks>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class MachineToItself
{
    public const string Name = "machine to itself";
}
