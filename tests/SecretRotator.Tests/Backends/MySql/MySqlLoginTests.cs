using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using SecretRotator.Backends;
using SecretRotator.Providers.Backends;
using SecretRotator.Providers.Backends.MySql;
using SecretRotator.Sandbox.MySql;

namespace SecretRotator.Tests.Backends.MySql;

/// <summary>What a login shows a server that isn't the right one.</summary>
public sealed class MySqlLoginTests
{
    private const string Name = "db.internal";
    private const string Password = "a-value-that-only-the-right-server-gets";

    [Theory]
    [InlineData(Name, false)]
    [InlineData("other.internal", true)]
    public async Task A_server_with_a_wrong_certificate_learns_nothing(string name, bool trusted)
    {
        var server = new AskingServer(name);

        var proof = await ProveAsync(server, (_, _, _, errors) => trusted || errors == SslPolicyErrors.None);

        proof.Acceptance.Should().Be(Acceptance.Unknown);
        proof.Why!.Message.Should().Contain("no password was sent");
        (await server.Heard).Should().BeEmpty();
    }

    [Fact]
    public async Task A_server_with_the_right_certificate_may_ask() =>
        (await Told(new AskingServer(Name))).Should().Contain(Password);

    [Fact]
    public async Task A_server_without_TLS_learns_nothing()
    {
        var server = new AskingServer(Name) { Tls = false };

        var proof = await ProveAsync(server, Anyone);

        proof.Acceptance.Should().Be(Acceptance.Unknown);
        proof.Why!.Message.Should().Contain("offers no TLS");
        (await server.Heard).Should().NotContain("app").And.NotContain(Password);
    }

    [Fact]
    public async Task A_refusal_before_TLS_proves_nothing()
    {
        var server = new AskingServer(Name) { Refuses = true };

        (await ProveAsync(server, Anyone)).Acceptance.Should().Be(Acceptance.Unknown);
    }

    // The name is looked at before.
    private static bool Anyone(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors) =>
        certificate is not null;

    private static async Task<string> Told(AskingServer server)
    {
        await ProveAsync(server, Anyone);
        return await server.Heard;
    }

    private static async Task<Proof> ProveAsync(AskingServer server, RemoteCertificateValidationCallback isTrusted)
    {
        var backend = new MySqlBackend(
            new MySqlDefinition(IsMariaDb: true, new ServerAddress(Name, 3306), ["app"])
            {
                AdminAt =
                new VaultReference("prod", "admin", Field: null)
            },
            new ServerNetwork(
                isTrusted,
                new ServerRoutes(
                    ServerRoutes.None.Ways.Add(new ServerAddress(Name, 3306), new ServerAddress("127.0.0.1", server.Start())))),
            _ => throw new InvalidOperationException("A proof needs no administrator."),
            _ => throw new InvalidOperationException("A proof needs no other version."));
        using var credential = SecretValue.FromText($$"""{"username": "app", "password": "{{Password}}"}""");
        return await backend.ProveAsync(credential, TestContext.Current.CancellationToken);
    }

    /// <summary>Asks every client for its password in plain text.</summary>
    private sealed class AskingServer(string certificate)
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

        public bool Tls { get; init; } = true;

        public bool Refuses { get; init; }

        /// <summary>All that was said after TLS, or after a login without TLS.</summary>
        public Task<string> Heard { get; private set; } = Task.FromResult("");

        public int Start()
        {
            _listener.Start();
            Heard = ListenAsync();
            return ((IPEndPoint)_listener.LocalEndpoint).Port;
        }

        private async Task<string> ListenAsync()
        {
            var heard = "";
            try
            {
                using var client = await _listener.AcceptTcpClientAsync();
                var wire = new MySqlWire(client.GetStream());
                await wire.WriteAsync(
                    Refuses
                        ? MySqlWire.Error(1045, "28000", "Access denied")
                        : MySqlWire.Greeting("10.11.6-MariaDB", "mysql_native_password", new byte[20], Tls),
                    default);
                if (await wire.ReadAsync(default) is not { } first)
                    return heard;
                if (MySqlWire.IsTlsRequest(first))
                {
                    using var shown = Certificate();
                    var tls = new SslStream(client.GetStream());
                    await tls.AuthenticateAsServerAsync(shown);
                    wire.Stream = tls;
                    first = await wire.ReadAsync(default) ?? [];
                }

                heard += System.Text.Encoding.Latin1.GetString(first);
                await wire.WriteAsync(MySqlWire.Switch("mysql_clear_password", []), default);
                return heard + System.Text.Encoding.Latin1.GetString(await wire.ReadAsync(default) ?? []);
            }
            catch (Exception exception) when (exception is IOException or System.Security.Authentication.AuthenticationException)
            {
                return heard;
            }
            finally
            {
                _listener.Dispose();
            }
        }

        private X509Certificate2 Certificate()
        {
            using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            var request = new CertificateRequest($"CN={certificate}", key, HashAlgorithmName.SHA256);
            var names = new SubjectAlternativeNameBuilder();
            names.AddDnsName(certificate);
            request.CertificateExtensions.Add(names.Build());
            return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        }
    }
}
