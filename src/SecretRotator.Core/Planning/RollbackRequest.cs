using NodaTime;

namespace SecretRotator.Planning;

/// <summary>What the operator asks of a rollback.</summary>
/// <param name="Secret">The secret's name, which the inventory has.</param>
/// <param name="To">The version whose value is wanted: its id, the beginning of it that is unique, or <c>previous</c>.</param>
/// <param name="By">Who wants it.</param>
/// <param name="Reason">Why.</param>
public sealed record RollbackRequest(string Secret, string To, string By, string Reason)
{
    /// <summary>How long no run gives the secret a new value; null for until its window opens the next time
    /// (<see cref="Planning.Hold.UsualLength"/> without one).</summary>
    public Duration? Hold { get; init; }
}
