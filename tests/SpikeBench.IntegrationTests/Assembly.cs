// Most of these tests wait most of the time, for a run of a few seconds or for a process of others: test classes run side by side. What a
// neighbour's use of the processors could turn round is in the collection of MachineToItself, whose tests run last and one at a time.
[assembly: Xunit.CollectionBehavior(MaxParallelThreads = 4)]
