using SecretRotator.Providers.Backends;
using SecretRotator.Sandbox.Hosting;

namespace SecretRotator.Sandbox;

/// <summary>One emulated server that speaks a protocol of its own over TCP and TLS, such as a database.</summary>
/// <remarks>
/// It keeps nothing of its own but what belongs to a connection. Every step that a fault can name goes through
/// <see cref="SocketConnection.AnswerAsync"/>, which holds the state meanwhile.
/// </remarks>
internal interface ISocketEmulator : IEmulatedService
{
    /// <summary>The server that it stands for, whose name is in the certificate.</summary>
    ServerAddress Server { get; }

    /// <summary>Serves one connection, until it ends. An end of the stream in between may be thrown.</summary>
    Task ServeAsync(SocketConnection connection);
}
