using System.Net.Security;

namespace SecretRotator.Providers.Backends.Redis;

/// <summary>How servers are reached.</summary>
/// <param name="IsTrusted">Whether a server's certificate is trusted; asked with the chain and all that the system says against it.</param>
/// <param name="Routes">Where to connect to instead, for a tunnel. TLS verifies the server's own name all the same.</param>
/// <param name="Time">Measures how long an answer may take.</param>
internal sealed record RedisNetwork(
    RemoteCertificateValidationCallback IsTrusted, ServerRoutes Routes, TimeProvider Time);
