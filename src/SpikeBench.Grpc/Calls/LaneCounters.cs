namespace SpikeBench.Grpc.Calls;

/// <summary>What happened on a lane beside its calls. Written by the lane's thread only; another thread may read a slightly old value.</summary>
internal sealed class LaneCounters
{
    public long ConnectionsOpened;
    public long ConnectionsLost;
    public long GoAways;
    public long CallsMoved;
    public long StreamsRefused;
    public long StreamErrors;
    public long ConnectionErrors;
    public long FramesSwallowed;
    public long WaitedForStream;
    public long WaitedForWindow;
    public long WaitedForSocket;
}
