using System.Text;

namespace SpikeBench.Core.Engine;

/// <summary>
/// A lane that keeps the first words the target gave with each status. It allocates, so it is for the warm-up and not for the load.
/// </summary>
/// <param name="lane">The lane; its owner disposes of it.</param>
/// <param name="words">By status; several lanes may share it, and whoever heard a status first or last fills it in.</param>
internal sealed class ListeningLane(ILane lane, string?[] words) : ILane
{
    public StartResult TryStart(in CallStart call) => lane.TryStart(call);

    public void Cancel(int slot) => lane.Cancel(slot);

    public int Poll(long untilNs, Span<CallEvent> events)
    {
        int count = lane.Poll(untilNs, events);
        for (int i = 0; i < count; i++)
        {
            if (events[i].Failure == Failure.Status)
            {
                words[events[i].Status] ??= Encoding.UTF8.GetString(lane.StatusMessage(events[i]));
            }
        }

        return count;
    }

    public ReadOnlySpan<byte> Reply(in CallEvent e) => lane.Reply(e);

    public ReadOnlySpan<byte> StatusMessage(in CallEvent e) => lane.StatusMessage(e);

    public void Dispose()
    {
        // The load goes over the same lane.
    }
}
