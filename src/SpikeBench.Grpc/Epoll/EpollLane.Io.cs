using SpikeBench.Grpc.Http2;

namespace SpikeBench.Grpc.Epoll;

/// <content>Bytes between sockets and connections.</content>
internal sealed partial class EpollLane
{
    /// <summary>One read takes at most this much: some thousand small replies.</summary>
    private const int ReceiveBufferSize = 256 << 10;

    private readonly byte[] _receiveBuffer = GC.AllocateUninitializedArray<byte>(ReceiveBufferSize, pinned: true);

    // Connections with bytes to write.
    private readonly IndexRing _dirty;

    private void OnReady(long data, uint mask)
    {
        RawConnection connection = _connections[(int)(uint)data];
        if (connection.Generation != (uint)(data >> 32) || connection.Link == LinkState.Closed)
        {
            return;
        }

        if (connection.Link == LinkState.Connecting)
        {
            FinishConnecting(connection);
            return;
        }

        if ((mask & LibC.EpollOut) != 0)
        {
            connection.WatchWritable(false);
            MarkDirty(connection);
        }

        if ((mask & (LibC.EpollIn | LibC.EpollError | LibC.EpollHangUp)) != 0)
        {
            ReceiveFrom(connection);
        }
    }

    private void ReceiveFrom(RawConnection connection)
    {
        int count = connection.Receive(_receiveBuffer);
        if (count == -LibC.EAgain)
        {
            return;
        }

        long now = _clock.NowNs;
        _calls.NowNs = now;
        if (count <= 0)
        {
            string why = count == 0 ? "the target closed the connection" : $"reading failed with errno {-count}";
            Drop(connection, connection.Http.State == Http2State.Handshaking ? why + ", before it sent HTTP/2 SETTINGS: is it a TLS port (then write https://), or no gRPC server?" : why);
            return;
        }

        EndExpired(now);
        Http2State before = connection.Http.State;
        connection.Http.Receive(_receiveBuffer.AsSpan(0, count));
        MarkDirty(connection);
        if (connection.Http.State != before)
        {
            OnStateChanged(connection, before);
        }
        else
        {
            Offer(connection);
            OpenAheadOfLastStream(connection);
        }
    }

    private void MarkDirty(RawConnection connection)
    {
        if (!connection.IsDirty)
        {
            connection.IsDirty = true;
            _dirty.Enqueue(connection.Index);
        }
    }

    private void FlushAll()
    {
        while (_dirty.TryDequeue(out int index))
        {
            RawConnection connection = _connections[index];
            connection.IsDirty = false;
            Flush(connection);
        }
    }

    // Writes what is framed, and frames more of what waits, until the socket or a window says stop.
    private void Flush(RawConnection connection)
    {
        if (connection.Link != LinkState.Connected)
        {
            return;
        }

        Http2Connection http = connection.Http;
        if (http.State == Http2State.Failed)
        {
            // GOAWAY goes out if the socket takes it at once; nothing else of a broken connection is worth waiting for.
            connection.Send(http.Output);
            Release(connection);
            return;
        }

        if (connection.IsFull)
        {
            return;
        }

        bool resetsWait = http.NextResetAtNs != long.MaxValue;
        http.Pump();
        if (resetsWait)
        {
            Offer(connection);
            ScheduleMaintenance(http.NextResetAtNs);
        }

        while (!http.Output.IsEmpty)
        {
            long now = _clock.NowNs;
            int length = http.Output.Length;
            int count = connection.Send(http.Output);
            if (count == -LibC.EAgain)
            {
                // Without this the loop would sleep on a socket that nothing wakes it for.
                connection.WatchWritable(true);
                return;
            }

            if (count < 0)
            {
                _calls.NowNs = now;
                Drop(connection, $"writing failed with errno {-count}");
                return;
            }

            http.Sent(count, now);
            if (count < length)
            {
                connection.WatchWritable(true);
                return;
            }

            http.Pump();
        }

        if (http.IsDrained)
        {
            Release(connection);
        }
    }
}
