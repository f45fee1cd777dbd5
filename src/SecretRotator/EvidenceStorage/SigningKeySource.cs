using SecretRotator.Hosting;
using SecretRotator.Providers;

namespace SecretRotator.EvidenceStorage;

/// <summary>Finds the key that evidence is signed with: in the environment, in a file, or in the vault that the inventory names.</summary>
internal static class SigningKeySource
{
    private const int MostBytes = 64 * 1024;

    private const UnixFileMode ForOthers =
        UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;

    /// <summary>The key, or null where none is set: then evidence isn't signed.</summary>
    /// <exception cref="UsageException">It can't be read, or is no key on P-256.</exception>
    /// <exception cref="RemoteFailureException">The vault that holds it can't be reached, or refuses.</exception>
    public static async Task<SigningKey?> FindAsync(SessionRequest request, Connections connections, CancellationToken cancellation)
    {
        if (AtHand(request) is { } key)
            return key;
        if (request.Inventory.SigningKey is not { } reference)
            return null;
        if (request.SandboxRun is not null)
        {
            request.Log.Notice($"The sandbox doesn't hold {reference}: the evidence of this run is not signed.");
            return null;
        }

        using var pem = await ReferencedSecret.ReadAsync(connections.Vault(reference.Vault), reference, "The signing key", cancellation);
        return SigningKey.Read(pem, reference.ToString());
    }

    /// <summary>Whether the key is in a vault, where it takes an identity to read it.</summary>
    public static bool IsInVault(SessionRequest request) =>
        request is { Settings: { SigningKey: null, SigningKeyFile: null }, Inventory.SigningKey: not null, SandboxRun: null };

    /// <summary>The key that the environment or a file holds, or null.</summary>
    /// <exception cref="UsageException">It can't be read, or is no key on P-256.</exception>
    public static SigningKey? AtHand(SessionRequest request)
    {
        var settings = request.Settings;
        if (settings.SigningKey is { } text)
            return SigningKey.Read(text, "SECRET_ROTATOR__SIGNING__KEY");
        if (settings.SigningKeyFile is not { } path)
            return null;
        using var pem = ReadFile(path, request.Log.Notice);
        return SigningKey.Read(pem, path);
    }

    private static SecretValue ReadFile(string path, Action<string> notice)
    {
        try
        {
            using var file = File.OpenRead(path);
            if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(file.SafeFileHandle) & ForOthers) != UnixFileMode.None)
                notice($"The signing key {path} can be read by others than its owner: chmod 600 {path}");
            var bytes = GC.AllocateArray<byte>(MostBytes, pinned: true);
            try
            {
                return SecretValue.FromUtf8(bytes.AsSpan(0, file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false)));
            }
            finally
            {
                Array.Clear(bytes);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new UsageException(
                $"The signing key {path} can't be read.", "Check the setting signing.keyFile, and that this user may read the file.");
        }
    }
}
