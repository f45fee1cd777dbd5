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

    /// <summary>The question can't be answered because of a failure.</summary>
    public static CheckResult Unknown(CheckArea area, string id, Failure failure, string why) =>
        Unknown(area, id, failure.Message, why) with { Failure = failure };

    /// <summary>Something is a risk.</summary>
    public static CheckResult Warn(CheckArea area, string id, string observed, string why, string fix) =>
        new(area, id, CheckStatus.Warn, observed) { Why = why, Fix = fix };

    /// <summary>Something must be fixed.</summary>
    public static CheckResult Fail(CheckArea area, string id, string observed, string why, string fix) =>
        new(area, id, CheckStatus.Fail, observed) { Why = why, Fix = fix };

    /// <summary>A failure that must be fixed, as its hint says, or else in another way.</summary>
    public static CheckResult Fail(CheckArea area, string id, Failure failure, string why, string otherwise) =>
        Fail(area, id, failure.Message, why, failure.Hint ?? otherwise) with { Failure = failure };

    /// <summary>The first of some names, and how many more there are.</summary>
    public static string Named(IReadOnlyCollection<string> names, int most = 8) =>
        string.Join(", ", names.Take(most)) + (names.Count > most ? $" and {names.Count - most} more" : "");

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

/// <summary>What a check found.</summary>
internal enum CheckStatus
{
    /// <summary>As it should be.</summary>
    Pass,

    /// <summary>It couldn't be told, and why.</summary>
    Unknown,

    /// <summary>It works, and is a risk.</summary>
    Warn,

    /// <summary>It doesn't work, or must not stay so.</summary>
    Fail,
}

/// <summary>The parts of <c>doctor</c>, in the order in which it tells them.</summary>
internal enum CheckArea
{
    /// <summary><c>rotation.yaml</c>, which everything else is looked up in.</summary>
    Inventory,

    /// <summary>The step's token, and the identity that it gives in the clouds.</summary>
    Identity,

    /// <summary>The credential, its scopes, what it reaches.</summary>
    Bitbucket,

    /// <summary>The secrets of the inventory.</summary>
    Vaults,

    /// <summary>The systems that accept the values of secrets.</summary>
    Backends,

    /// <summary>Names, proxies, TLS.</summary>
    Network,

    /// <summary>The machine or container that the tool runs in.</summary>
    Runner,

    /// <summary><c>bitbucket-pipelines.yml</c>.</summary>
    PipelineFile,

    /// <summary>The files that git tracks.</summary>
    Repository,
}
