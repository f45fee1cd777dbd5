namespace SecretRotator.Notifications;

/// <summary>What happened in a run that someone must hear of, in the order of urgency.</summary>
public enum NotificationEvent
{
    /// <summary>Something isn't, or isn't known to be, put back or done.</summary>
    NeedsOperator,

    /// <summary>A rotation failed and was put back, or the run as a whole could not begin or go on.</summary>
    Failed,

    /// <summary>A secret can't be started, or can't be judged.</summary>
    Blocked,

    /// <summary>A secret has been due for more than a day, and nothing explains that it waits.</summary>
    Overdue,

    /// <summary>A credential that no program can renew ends soon, or has ended.</summary>
    CredentialEnds,

    /// <summary>The first success after a failure.</summary>
    Recovered,
}
