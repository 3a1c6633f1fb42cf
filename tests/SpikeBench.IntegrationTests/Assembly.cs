// These tests start processes that are sensitive to a busy machine: one at a time.
[assembly: Xunit.CollectionBehavior(DisableTestParallelization = true)]
