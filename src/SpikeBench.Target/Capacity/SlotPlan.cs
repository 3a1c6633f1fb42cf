using System.Globalization;

namespace SpikeBench.Target.Capacity;

/// <summary>What an operation is to the capacity model.</summary>
public enum OperationClass
{
    Send,
    Login,
    Read,
}

/// <summary>
/// Who may use which slots: one pool for all, or pools of their own for some classes. Own pools are bulkheads: a storm of logins
/// then cannot take the slots that sends need.
/// </summary>
public sealed record SlotPlan
{
    public static SlotPlan None { get; } = new();

    /// <summary>Slots of the shared pool; 0 is no pool, and classes without an own one are then served at once (default: 0).</summary>
    public int Shared { get; init; }

    /// <summary>Slots of the classes that have their own (default: none).</summary>
    public IReadOnlyDictionary<OperationClass, int> Own { get; init; } = new Dictionary<OperationClass, int>();

    public bool IsEmpty => Shared == 0 && Own.Count == 0;

    /// <summary>Reads <c>8</c>, <c>8,login=2</c> or <c>send=6,login=2</c>.</summary>
    public static SlotPlan Parse(string text)
    {
        int shared = 0;
        bool sharedGiven = false;
        var own = new Dictionary<OperationClass, int>();
        foreach (string part in text.Split(','))
        {
            string[] sides = part.Split('=', 2);
            if (!int.TryParse(sides[^1], NumberStyles.None, CultureInfo.InvariantCulture, out int slots) || slots > 1_000_000)
            {
                throw new FormatException($"'{part}' has no whole number of slots");
            }

            if (sides.Length == 1)
            {
                if (sharedGiven)
                {
                    throw new FormatException("the shared slots are given twice");
                }

                sharedGiven = true;
                shared = slots;
            }
            else if (slots > 0 && TryParseClass(sides[0], out OperationClass operation))
            {
                if (!own.TryAdd(operation, slots))
                {
                    throw new FormatException($"the slots of {sides[0]} are given twice");
                }
            }
            else
            {
                throw new FormatException($"'{part}' is not CLASS=SLOTS with send, login or read");
            }
        }

        return new SlotPlan { Shared = shared, Own = own };
    }

    /// <summary>Reads an order such as <c>send,read,login</c>; a class that is not named comes last.</summary>
    public static IReadOnlyList<OperationClass> ParseOrder(string text)
    {
        var order = new List<OperationClass>();
        foreach (string name in text.Split(','))
        {
            if (!TryParseClass(name, out OperationClass operation) || order.Contains(operation))
            {
                throw new FormatException($"'{name}' is not one of send, login, read, each once");
            }

            order.Add(operation);
        }

        return order;
    }

    private static bool TryParseClass(string name, out OperationClass operation)
    {
        (bool known, operation) = name switch
        {
            "send" => (true, OperationClass.Send),
            "login" => (true, OperationClass.Login),
            "read" => (true, OperationClass.Read),
            _ => (false, default),
        };
        return known;
    }
}
