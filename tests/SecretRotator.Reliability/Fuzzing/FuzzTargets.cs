using System.Collections.Immutable;
using SecretRotator.Reliability.Fuzzing.Targets;

namespace SecretRotator.Reliability.Fuzzing;

/// <summary>Everything that is fuzzed.</summary>
internal static class FuzzTargets
{
    public static ImmutableArray<FuzzTarget> All { get; } =
    [
        .. FileTargets.All,
        .. TextTargets.All,
        .. BitbucketTargets.All,
        .. AwsTargets.All,
        .. AzureTargets.All,
        .. GoogleTargets.All,
        .. DoctorTargets.All,
    ];
}
