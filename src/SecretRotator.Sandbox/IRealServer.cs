using SecretRotator.Providers.Backends;

namespace SecretRotator.Sandbox;

/// <summary>A server of an inventory that isn't emulated: one that is installed on this machine runs in its place.</summary>
internal interface IRealServer : IAsyncDisposable
{
    /// <summary>The server that it stands for, whose name is in the certificate.</summary>
    ServerAddress Server { get; }

    /// <summary>Starts it, and makes the users of the state that it doesn't have yet. Its disposal stops it.</summary>
    /// <param name="folder">Where its data are kept.</param>
    /// <param name="certificates">The folder with <c>server.pem</c> and <c>server-key.pem</c>.</param>
    /// <param name="store">The sandbox's state, with what the emulator would know.</param>
    /// <returns>Its port on 127.0.0.1.</returns>
    /// <exception cref="SandboxFailureException">It isn't installed, or doesn't start.</exception>
    Task<int> StartAsync(string folder, string certificates, Storage.SandboxStore store);
}
