using System.Security.Cryptography;

namespace SecretRotator.Rotation;

/// <summary>Has a vault rotate a secret by means of its own, before the tool claims it to deliver what came of that.</summary>
internal sealed class VaultRotation(RotationTools tools)
{
    /// <summary>Whether the vault may have been asked: then its current version moves, no matter how this run ends.</summary>
    public bool WasAsked { get; private set; }

    /// <summary>Asks the vault to rotate, and waits until its current version has moved.</summary>
    /// <exception cref="RemoteFailureException">Refused, or it didn't move in time.</exception>
    public async Task<SecretDescription> RunAsync(
        ManagedSecret secret, ISecretVault vault, SecretDescription seen, CancellationToken cancellation)
    {
        if (vault is not ISelfRotatingVault rotating)
            throw new RemoteFailureException(
                FailureKind.Other, Effect.Rejected, $"The vault of {secret.Name} can't rotate secrets by itself.");
        var id = IdOf(secret.Path, seen.Current);
        var journal = new RotationJournal(tools.Evidence, tools.Clock, secret.Name, id);
        return await journal.DoAsync(
            RotationStep.Stage,
            null,
            async () =>
            {
                await AskAsync(rotating, secret.Path, id).ConfigureAwait(false);
                var end = tools.Time.GetTimestamp();
                var pause = TimeSpan.FromSeconds(1);
                while (true)
                {
                    var now = await vault.DescribeAsync(secret.Path, cancellation).ConfigureAwait(false);
                    if (now.Current != seen.Current)
                        return now;
                    if (tools.Time.GetElapsedTime(end) > tools.VaultRotationLimit.ToTimeSpan())
                    {
                        throw new RemoteFailureException(
                            FailureKind.Unavailable, Effect.Unknown,
                            $"The vault accepted the rotation of {secret.Name}, but its current version didn't move within "
                                + $"{tools.VaultRotationLimit.TotalMinutes} minutes.",
                            "Look at the rotation function's log. Once it has moved, the next run delivers the new version.");
                    }

                    await Task.Delay(pause, tools.Time, cancellation).ConfigureAwait(false);
                    pause = TimeSpan.FromSeconds(Math.Min(10, pause.TotalSeconds * 1.5));
                }
            },
            d => $"{seen.Current} -> {d.Current}").ConfigureAwait(false);
    }

    private async Task AskAsync(ISelfRotatingVault vault, string path, RotationId id)
    {
        WasAsked = true;
        try
        {
            await vault.RequestRotationAsync(path, id, CancellationToken.None).ConfigureAwait(false);
        }
        catch (RemoteFailureException failure) when (failure.Effect == Effect.Rejected)
        {
            WasAsked = false;
            throw;
        }
    }

    // Runs that see the same current version ask with the same id, so that the vault rotates once.
    // It isn't one of the tool's own ids: the version that it names is the vault's.
    private static RotationId IdOf(string path, VersionId current)
    {
        var bytes = SHA256.HashData(Encoding.UTF8.GetBytes($"{path}\n{current}")).AsSpan(0, 16);
        bytes[6] = (byte)((bytes[6] & 0x0F) | 0x40);
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        return new RotationId(new Guid(bytes, bigEndian: true).ToString("D"));
    }
}
