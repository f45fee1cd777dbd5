namespace SecretRotator.Planning;

/// <summary>What is to be started and waits for later runs, and when the last of it is done if no more comes due meanwhile, each window is
/// open and no pipeline is in the way.</summary>
/// <param name="Secrets">How many secrets, at least one.</param>
/// <param name="Runs">How many runs they take after this one, at least one.</param>
public sealed record Backlog(int Secrets, int Runs)
{
    /// <summary>How long after this run the last one of those runs begins: one an hour, since the limit of calls is an hour's.</summary>
    public Duration Lasts => Duration.FromHours(Runs);

    /// <summary>Plays the later runs.</summary>
    internal static Backlog? Of(
        RotationInventory inventory, PlanRequest request, PlanCosts prices, ImmutableArray<ManagedSecret> covered,
        ImmutableArray<(ManagedSecret Secret, Decision Decision)> waiting)
    {
        var left = waiting.RemoveAll(item => !item.Decision.IsStarted);
        if (left.IsEmpty)
            return null;
        var (secrets, runs) = (left.Length, 0);
        var before = 0;
        while (!left.IsEmpty && left.Length != before)
        {
            before = left.Length;
            runs++;
            var run = new RunAllowance(inventory, request, prices, prices.OfClaims(covered), lists: true).Apply(left);
            left = [.. left.Where((_, number) => run[number].Decision is Decision.Waiting)];
        }

        return new Backlog(secrets, runs);
    }
}
