namespace SecretRotator.Providers.Doctor;

/// <summary>One question, and its answer on this machine now. Never holds a secret value, a token or a part of one.</summary>
/// <param name="Area">The part that it belongs to.</param>
/// <param name="Id">A stable word in kebab case, unique in its area, such as <c>image-not-pinned</c>: documentation and scripts go by
/// it.</param>
/// <param name="Status">The answer.</param>
/// <param name="Observed">What was seen, as a sentence.</param>
internal sealed record CheckResult(CheckArea Area, string Id, CheckStatus Status, string Observed)
{
    /// <summary>All is well.</summary>
    public static CheckResult Pass(CheckArea area, string id, string observed) => new(area, id, CheckStatus.Pass, observed);

    /// <summary>The question can't be answered.</summary>
    public static CheckResult Unknown(CheckArea area, string id, string observed, string why) =>
        new(area, id, CheckStatus.Unknown, observed) { Why = why };

    /// <summary>Something is a risk.</summary>
    public static CheckResult Warn(CheckArea area, string id, string observed, string why, string fix) =>
        new(area, id, CheckStatus.Warn, observed) { Why = why, Fix = fix };

    /// <summary>Something must be fixed.</summary>
    public static CheckResult Fail(CheckArea area, string id, string observed, string why, string fix) =>
        new(area, id, CheckStatus.Fail, observed) { Why = why, Fix = fix };

    /// <summary>Why it matters, as a sentence. Set where <see cref="Status"/> isn't <see cref="CheckStatus.Pass"/>.</summary>
    public string? Why { get; init; }

    /// <summary>The command or the setting that fixes it. Set where <see cref="Status"/> is <see cref="CheckStatus.Warn"/> or
    /// <see cref="CheckStatus.Fail"/>.</summary>
    public string? Fix { get; init; }

    /// <summary>The failure that it reports, or null.</summary>
    public Failure? Failure { get; init; }

    /// <summary>The secret that it is about, whose names may be in the texts; null where it is about none, or about several.</summary>
    public ManagedSecret? Secret { get; init; }

    /// <summary>The scope that it is about, likewise.</summary>
    public VariableScope? Scope { get; init; }

    /// <summary>The file, or null.</summary>
    public string? File { get; init; }

    /// <summary>The line in it, from 1, or null.</summary>
    public int? Line { get; init; }

    /// <summary>The column in the line, from 1, or null.</summary>
    public int? Column { get; init; }
}
