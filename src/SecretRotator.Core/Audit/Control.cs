namespace SecretRotator.Audit;

/// <summary>A control of a standard, and the facts of a report that speak to it.</summary>
/// <param name="Id">The standard and the control's number, such as <c>PCI DSS 4.0 8.6.3</c>.</param>
/// <param name="Title">What it asks for, in a few words.</param>
/// <param name="Facts">Which facts speak to it, at least one.</param>
public sealed record Control(string Id, string Title, ImmutableArray<ControlFact> Facts)
{
    /// <summary>
    /// The mapping that holds where the inventory gives none. The titles are ours; the controls are those of PCI DSS
    /// 4.0, NIST SP 800-53 revision 5, ISO/IEC 27001:2022 annex A and the AICPA's trust services criteria.
    /// </summary>
    public static ImmutableArray<Control> Usual { get; } =
    [
        new("PCI DSS 4.0 8.3.9",
            "Passwords used as the only factor are changed at least every 90 days", [ControlFact.Age, ControlFact.Period]),
        new("PCI DSS 4.0 8.6.3",
            "Passwords of application and system accounts are changed periodically and are complex enough for it",
            [ControlFact.Age, ControlFact.Period, ControlFact.Strength, ControlFact.Exceptions]),
        new("NIST SP 800-53 IA-5",
            "Authenticators are protected, strong enough, and changed after a set period or event",
            [ControlFact.Age, ControlFact.Strength, ControlFact.Protection, ControlFact.History]),
        new("ISO/IEC 27001:2022 A.5.17",
            "Authentication information is allocated and managed under control",
            [ControlFact.Ownership, ControlFact.Protection, ControlFact.History, ControlFact.Coverage]),
        new("SOC 2 CC6.1",
            "Credentials are managed over their whole life",
            [ControlFact.Coverage, ControlFact.Age, ControlFact.Verification, ControlFact.Integrity]),
    ];
}

/// <summary>A fact of a report that may speak to a control.</summary>
public enum ControlFact
{
    /// <summary>How many secrets are as fresh as their policy wants.</summary>
    Age,

    /// <summary>The longest period, and how many secrets have one of more than 90 days.</summary>
    Period,

    /// <summary>How strong generated values are.</summary>
    Strength,

    /// <summary>How many targets are secured variables.</summary>
    Protection,

    /// <summary>How many deliveries the evidence records, and how many attempts failed.</summary>
    History,

    /// <summary>How surely the targets hold what was delivered.</summary>
    Verification,

    /// <summary>Where someone departed from the rule.</summary>
    Exceptions,

    /// <summary>How many secured variables the inventory covers.</summary>
    Coverage,

    /// <summary>Who answers for the secrets.</summary>
    Ownership,

    /// <summary>Whether the evidence that the report rests on is whole.</summary>
    Integrity,
}

/// <summary>A control with the text of its facts.</summary>
/// <param name="Control">The control.</param>
/// <param name="Facts">One sentence for each of its facts, in their order.</param>
public sealed record ControlFacts(Control Control, ImmutableArray<(ControlFact Fact, string Text)> Facts);
