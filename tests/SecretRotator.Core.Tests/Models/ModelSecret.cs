namespace SecretRotator.Tests.Models;

internal sealed class ModelSecret
{
    public string Current { get; set; } = "";

    public string? Previous { get; set; }

    public Dictionary<string, (string Content, Instant Created)> Versions { get; } = new(StringComparer.Ordinal);

    public DeliveryMark? Delivered { get; set; }

    public OpenRotation? Open { get; set; }

    public ForeignRotation Foreign { get; set; } = new ForeignRotation.None();

    /// <summary>The old version that is to be retired.</summary>
    public GraceMark? Grace { get; set; }

    public DeliveringMark? Delivering { get; set; }

    /// <summary>The holds that rollbacks left, by the version that each one made.</summary>
    public Dictionary<string, HoldMark> Holds { get; } = new(StringComparer.Ordinal);

    /// <summary>The versions that were retired.</summary>
    public HashSet<string> Retired { get; } = new(StringComparer.Ordinal);

    /// <summary>How often the vault is asked to describe it before a rotation of its own has moved the current version.</summary>
    public int LooksUntilRotated { get; set; }

    /// <summary>What was recorded when a claim ended, and whether it was said to have promoted.</summary>
    public List<(DeliveryMark Mark, bool Promoted)> Finished { get; } = [];

    /// <summary>When the rotation began that was overtaken before it had finished.</summary>
    public Instant? LastTrace { get; set; }

    /// <summary>What the next descriptions tell, in place of what is true: they lag behind.</summary>
    public (SecretDescription Description, int Looks)? Lagging { get; set; }

    public string CurrentContent => Versions[Current].Content;

    /// <summary>Everything but values, as it is now.</summary>
    public SecretDescription Describe() => new(new(Current), new(Current), Delivered, Open, Foreign)
    {
        Grace = Grace is { } grace && grace.Version.Value != Current && !Retired.Contains(grace.Version.Value) ? grace : null,
        Delivering = Delivering,
        Hold = Holds.GetValueOrDefault(Current),
        LastTrace = LastTrace,
    };
}
