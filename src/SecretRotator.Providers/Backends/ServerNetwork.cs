using System.Net.Security;

namespace SecretRotator.Providers.Backends;

/// <summary>How servers that speak no HTTP are reached.</summary>
/// <param name="IsTrusted">Whether a server's certificate is trusted; asked with the chain and all that the system says against it.</param>
/// <param name="Routes">Where to connect to instead, for a tunnel. TLS verifies the server's own name all the same.</param>
internal sealed record ServerNetwork(RemoteCertificateValidationCallback IsTrusted, ServerRoutes Routes);
