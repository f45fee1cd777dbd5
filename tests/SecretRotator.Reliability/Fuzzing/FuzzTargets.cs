using SecretRotator.Reliability.Fuzzing.Targets;
using SecretRotator.Reliability.World.Vaults;

namespace SecretRotator.Reliability.Fuzzing;

/// <summary>Everything that is fuzzed.</summary>
internal static class FuzzTargets
{
    public static ImmutableArray<FuzzTarget> All { get; } =
    [
        .. FileTargets.All,
        .. TextTargets.All,
        .. BitbucketTargets.All,
        .. VaultWorlds.All.SelectMany(world => world.FuzzTargets),
        .. DoctorTargets.All,
    ];
}
