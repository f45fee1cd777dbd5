using SecretRotator.Configuration;
using SecretRotator.Planning;

namespace SecretRotator.Commands;

/// <summary>Turns a command line into a request, and refuses names that the inventory doesn't have.</summary>
internal static class PlanRequestParser
{
    /// <summary>What the command line asks of a plan.</summary>
    /// <exception cref="UsageException">It names unknown secrets, or its options don't go together.</exception>
    public static PlanRequest Read(InventoryContext context)
    {
        var options = context.Options;
        var request = new PlanRequest
        {
            Only = Names(context.Value(options.Only)),
            Force = Names(context.Value(options.Force)),
            ForceReason = context.Value(options.Reason)?.Trim() ?? "",
            Adopt = context.Value(options.Adopt),
            TakeOver = Names(context.Value(options.TakeOver)),
            Shard = context.Value(options.Shard),
        };
        if (request.Force.Count > 0)
            request = request with { ForcedBy = context.Settings.Operator };
        Check(request, context.Inventory);
        return request;
    }

    /// <summary>Refuses a request that doesn't fit the inventory.</summary>
    /// <exception cref="UsageException">Names everything that is wrong with it.</exception>
    public static void Check(PlanRequest request, RotationInventory inventory)
    {
        var problems = ImmutableArray.CreateBuilder<Problem>();
        problems.AddRange(Unknown("--only", request.Only, inventory));
        problems.AddRange(Unknown("--force", request.Force, inventory));
        problems.AddRange(Unknown("--take-over", request.TakeOver, inventory));
        if (request.Force.Count > 0 && request.ForceReason.Length == 0)
            problems.Add(new Problem(
                "--force needs --reason.", "Say why it can't wait: --reason \"leaked in a log\". It is recorded in the evidence."));
        if (request.Force.Count == 0 && request.ForceReason.Length > 0)
            problems.Add(new Problem("--reason needs --force.", "Name the secrets that it is about: --force NAME."));
        if (request.Only.Count > 0)
            foreach (var name in request.Force.Union(request.TakeOver).Except(request.Only))
                problems.Add(new Problem($"{name} is named, but --only leaves it out.", "Add it to --only, or leave --only away."));
        if (problems.Count > 0)
            throw new UsageException(problems.ToImmutable());
    }

    /// <summary>Refuses a secret that the inventory doesn't have.</summary>
    public static IEnumerable<Problem> Unknown(string option, IEnumerable<string> names, RotationInventory inventory) => names
        .Where(name => !inventory.Secrets.Any(secret => secret.Name == name))
        .Select(name => new Problem(
            $"{option}: the inventory has no secret {name}.",
            Spelling.Hint(name, inventory.Secrets.Select(secret => secret.Name)) ?? "secret-rotator plan lists all of them."));

    private static ImmutableSortedSet<string> Names(string[]? names) => (names ?? []).ToImmutableSortedSet(StringComparer.Ordinal);
}
