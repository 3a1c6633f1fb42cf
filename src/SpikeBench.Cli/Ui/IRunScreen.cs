using SpikeBench.Core.Recording;

namespace SpikeBench.Cli.Ui;

/// <summary>Where a run's seconds are shown. It gets what was merged already and never touches a worker.</summary>
internal interface IRunScreen : IDisposable
{
    /// <summary>A second is over. Must not block: the thread that calls keeps the run's journal.</summary>
    void Show(SecondSummary second);
}

/// <summary>Shows nothing.</summary>
internal sealed class NoScreen : IRunScreen
{
    public void Show(SecondSummary second)
    {
    }

    public void Dispose()
    {
    }
}
