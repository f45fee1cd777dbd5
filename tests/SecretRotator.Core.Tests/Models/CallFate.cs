namespace SecretRotator.Tests.Models;

/// <summary>What becomes of a call.</summary>
public enum CallFate
{
    Works,

    /// <summary>Nothing happens; the service says no.</summary>
    Refused,

    /// <summary>It takes effect, and the answer is lost.</summary>
    AnswerLost,

    /// <summary>Nothing happens, and no one knows: the call was lost on its way.</summary>
    RequestLost,

    /// <summary>The process dies before the call leaves.</summary>
    DiesBefore,

    /// <summary>It takes effect, and the process dies before the answer.</summary>
    DiesAfter,
}
