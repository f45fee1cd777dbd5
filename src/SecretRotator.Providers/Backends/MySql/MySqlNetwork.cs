using System.Net.Security;

namespace SecretRotator.Providers.Backends.MySql;

/// <summary>How a server is reached.</summary>
/// <param name="IsTrusted">Whether a server's certificate is trusted; that it has the server's name is looked at before.</param>
/// <param name="Routes">Where to connect to instead, for a tunnel. TLS verifies the server's own name all the same.</param>
internal sealed record MySqlNetwork(RemoteCertificateValidationCallback IsTrusted, ServerRoutes Routes);
