using NodaTime;
using SecretRotator.Archive;
using SecretRotator.Settings;
using SecretRotator.Values;

namespace SecretRotator.Composing;

/// <summary>Connects the bucket that evidence goes to, the way the vaults are connected.</summary>
internal static class EvidenceBucket
{
    /// <summary>The connection; nothing is called yet.</summary>
    /// <exception cref="UsageException">The settings don't suffice.</exception>
    public static S3Connection Open(S3Location location, RotatorSettings settings, Network network, IClock clock, IRandomSource random) =>
        S3Connection.Open(location, settings.S3, VaultConnections.AwsSettingsOf(settings), settings.Endpoints.S3, network.Handler, clock, random, TimeProvider.System);
}
