using NodaTime.Text;
using SecretRotator.Backends;
using SecretRotator.Bitbucket;

namespace SecretRotator.Planning;

/// <summary>What runs where a secret may be in use, and which old version of it is still valid.</summary>
public sealed record JobsInFlight
{
    // More than a person reads in one line.
    private const int MostNamed = 5;

    /// <summary>Nothing was asked for.</summary>
    internal static JobsInFlight None { get; } = new();

    /// <summary>The pipelines that run, the oldest first; null where nothing depends on them, so that no one asked.</summary>
    public ImmutableArray<RunningPipeline>? Running { get; init; }

    /// <summary>Why what runs can't be determined, or null.</summary>
    public Failure? Unknown { get; init; }

    /// <summary>The old version that is valid still, or null.</summary>
    public VersionInGrace? Grace { get; init; }

    /// <summary>What is known for one secret.</summary>
    /// <param name="secret">The secret.</param>
    /// <param name="grace">The mark of an old version, or null.</param>
    /// <param name="running">What was seen of repositories; one that is missing wasn't asked.</param>
    /// <param name="inventory">The inventory, for the repositories that use workspace variables.</param>
    /// <param name="now">The time.</param>
    /// <param name="old">The credential of the old version, where its backend was asked; or null.</param>
    public static JobsInFlight Of(
        ManagedSecret secret,
        GraceMark? grace,
        IReadOnlyDictionary<VariableScope.Repository, RunningObservation> running,
        RotationInventory inventory,
        Instant now,
        Slot? old = null)
    {
        var seen = Seen(PipelineRepositories.Of(secret, inventory), running);
        return secret.Grace is { } policy && grace is not null
            ? seen with
            {
                Grace = VersionInGrace.Of(policy, grace, secret.Backend?.DeleteAfter ?? Duration.Zero, seen, now) with
                {
                    StillUsed = old is null ? null : VersionInGrace.FindUse(policy, grace, old, now),
                },
            }
            : seen;
    }

    /// <summary>Pipelines as people read them: <c>payments-api #12 (main) running since 2026-11-23T02:10:00Z</c>, a few of them.</summary>
    public static string Name(ImmutableArray<RunningPipeline> pipelines)
    {
        var named = string.Join(
            ", ", pipelines.Take(MostNamed)
                .Select(p => $"{p} {(p.IsPending ? "pending" : "running")} since {InstantPattern.General.Format(p.CreatedAt)}"));
        return pipelines.Length <= MostNamed
            ? named
            : $"{named} and {pipelines.Length - MostNamed} more";
    }

    private static JobsInFlight Seen(
        ImmutableArray<VariableScope.Repository> repositories, IReadOnlyDictionary<VariableScope.Repository, RunningObservation> running)
    {
        if (repositories.IsEmpty)
        {
            return new JobsInFlight
            {
                Unknown = new Failure(
                    FailureKind.NotObserved,
                    "No target of the inventory names a repository, so which pipelines use the workspace variable can't be determined.",
                    "Name a repository that uses it as a target of some secret, or write `wait: none`."),
            };
        }

        var pipelines = ImmutableArray.CreateBuilder<RunningPipeline>();
        foreach (var repository in repositories)
        {
            switch (running.GetValueOrDefault(repository))
            {
                case RunningObservation.Listed listed:
                    pipelines.AddRange(listed.Pipelines);
                    break;
                case RunningObservation.Unlisted unlisted:
                    return new JobsInFlight { Unknown = unlisted.Failure.After($"What runs in {repository} could not be determined.") };
                default:
                    return None;
            }
        }

        return new JobsInFlight { Running = [.. pipelines.OrderBy(p => p.CreatedAt).ThenBy(p => p.ToString(), StringComparer.Ordinal)] };
    }
}
