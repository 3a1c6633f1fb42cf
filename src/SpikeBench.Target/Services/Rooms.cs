namespace SpikeBench.Target.Services;

/// <summary>Rooms are numbers; all have the same size. Members of room r are numbered r·size to r·size + size − 1.</summary>
internal sealed class Rooms
{
    public const int MaxMembers = 10_000;

    // One value, so that a change is seen whole.
    private volatile Shape _shape = new(0, 8);

    public Shape Now => _shape;

    public Shape Create(ulong count, uint members) =>
        _shape = new Shape(count, members == 0 ? _shape.Members : (int)Math.Min(members, MaxMembers));

    internal sealed record Shape(ulong Count, int Members)
    {
        public ulong FirstMemberOf(ulong room) => unchecked(room * (ulong)Members);
    }
}
