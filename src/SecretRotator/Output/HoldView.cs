using SecretRotator.Planning;

namespace SecretRotator.Output;

/// <summary>Until when a secret gets no new value, and why, for people and for machines.</summary>
internal static class HoldView
{
    /// <summary>The hold as a line of a plan.</summary>
    public static string Line(Hold hold, Instant now) => PrintableText.Of(
        $"held until {HumanText.Time(hold.Until)} (in {HumanText.Stretch(hold.Until - now)}) by "
            + $"{(hold.ByRollback ? "a rollback" : "its entry in the inventory")}: {hold.Reason}");
}

/// <summary>Until when a secret gets no new value.</summary>
internal sealed class HoldJson
{
    private readonly Hold _hold;

    internal HoldJson(Hold hold) => _hold = hold;

    public string Until => Json.Text(_hold.Until);
    public string Reason => _hold.Reason;
    public string By => _hold.ByRollback ? "rollback" : "inventory";

    public static HoldJson? Of(Hold? hold) => hold is null ? null : new(hold);
}
