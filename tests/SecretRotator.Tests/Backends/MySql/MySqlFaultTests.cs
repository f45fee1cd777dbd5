using System.Net;
using System.Net.Sockets;
using SecretRotator.Backends;
using SecretRotator.Providers.Backends;
using SecretRotator.Providers.Backends.MySql;
using SecretRotator.Sandbox.Faults;

namespace SecretRotator.Tests.Backends.MySql;

/// <summary>What the backend makes of answers that are lost, and of refusals that aren't about the credential.</summary>
public sealed class MySqlFaultTests(EmulatedMariaDbServer server) : MySqlScene, IClassFixture<EmulatedMariaDbServer>
{
    private protected override IMySqlServer Under => server;

    [Fact]
    public async Task A_change_without_an_answer_is_unknown_and_the_same_value_can_be_set_again()
    {
        var (backend, current) = await PairAsync();
        using var next = backend.Prepare(current, Content(A, NewValue()));

        var failure = await WithAsync("mysql.change=lost", () => FailureAsync(() => backend.SetAsync(default, next, default)));
        var landed = await server.KeptAsync(B);
        await backend.SetAsync(default, next, default);

        failure.Should().BeEquivalentTo(new { Kind = FailureKind.Unavailable, Effect = Effect.Unknown });
        failure.Failure.Service.Should().Be("mariadb");
        (await server.KeptAsync(B)).Should().Equal(landed);
        (await backend.ProveAsync(next, default)).Acceptance.Should().Be(Acceptance.Accepted);
    }

    [Fact]
    public async Task A_change_that_was_refused_changed_nothing()
    {
        var (backend, _) = await PairAsync();
        var before = await server.KeptAsync(B);

        var failure = await WithAsync(
            "mysql.change=503", () => FailureAsync(() => backend.SetAsync(default, Content(B, NewValue()), default)));

        failure.Effect.Should().Be(Effect.Rejected);
        (await server.KeptAsync(B)).Should().Equal(before);
    }

    [Theory]
    [InlineData("mysql.login=503", FailureKind.Throttled)]
    [InlineData("mysql.login=lost", FailureKind.Unavailable)]
    public async Task A_login_that_is_not_answered_as_one_proves_nothing_and_is_not_repeated(string fault, FailureKind kind)
    {
        var (backend, current) = await PairAsync();
        var before = server.Logins();

        var proof = await WithAsync(fault, () => backend.ProveAsync(current, default));

        proof.Acceptance.Should().Be(Acceptance.Unknown);
        proof.Why!.Kind.Should().Be(kind);
        server.Logins().Should().Be(before + 1);
    }

    [Fact]
    public async Task A_change_that_is_cut_off_anywhere_has_landed_or_has_not()
    {
        var (backend, current) = await PairAsync();
        var whole = await CutAsync(int.MaxValue);
        whole.Effect.Should().BeNull();
        for (var at = 0; at < whole.Sent; at += 41)
            await CutAsync(at);

        async Task<(int Sent, Effect? Effect)> CutAsync(int bytes)
        {
            using var next = backend.Prepare(current, Content(A, NewValue()));
            var before = await server.KeptAsync(B);
            await using var cut = new CuttingRelay(Under.Network.Routes.Of(Server().Server).Port, bytes);
            var through = BackendOver(Under.Network with { Routes = RouteTo(new ServerAddress("127.0.0.1", cut.Port)) });
            Effect? effect = null;
            try
            {
                await through.SetAsync(default, next, default);
            }
            catch (RemoteFailureException failure)
            {
                effect = failure.Effect;
            }

            var proof = (await backend.ProveAsync(next, default)).Acceptance;
            var kept = await server.KeptAsync(B);
            proof.Should().Be(kept.SequenceEqual(before) ? Acceptance.Refused : Acceptance.Accepted);
            if (effect != Effect.Unknown)
                proof.Should().Be(effect is null ? Acceptance.Accepted : Acceptance.Refused);
            (await backend.InspectAsync(current, default)).Slots.Should().HaveCount(2);
            return (cut.Sent, effect);
        }
    }

    private async Task<T> WithAsync<T>(string fault, Func<Task<T>> act)
    {
        server.Host.Faults.Add([FaultSpec.Parse(fault)]);
        try
        {
            return await act();
        }
        finally
        {
            server.Host.Faults.Clear();
        }
    }

    /// <summary>Passes on so many bytes of a client's, and then ends the connection.</summary>
    private sealed class CuttingRelay : IAsyncDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private readonly Task _relaying;

        public CuttingRelay(int port, int bytes)
        {
            _listener.Start();
            _relaying = RelayAsync(port, bytes);
        }

        public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

        public int Sent { get; private set; }

        public async ValueTask DisposeAsync()
        {
            await _relaying;
            _listener.Dispose();
        }

        private async Task RelayAsync(int port, int bytes)
        {
            using var client = await _listener.AcceptTcpClientAsync();
            using var upstream = new TcpClient();
            await upstream.ConnectAsync(IPAddress.Loopback, port);
            var back = BackAsync(upstream.GetStream(), client.GetStream());
            var buffer = new byte[4096];
            try
            {
                while (Sent < bytes && await client.GetStream().ReadAsync(buffer) is var count and > 0)
                {
                    await upstream.GetStream().WriteAsync(buffer.AsMemory(0, Math.Min(count, bytes - Sent)));
                    Sent += Math.Min(count, bytes - Sent);
                }
            }
            catch (IOException)
            {
                // The client went first.
            }

            client.Close();
            upstream.Close();
            await back;
        }

        private static async Task BackAsync(NetworkStream from, NetworkStream to)
        {
            try
            {
                await from.CopyToAsync(to);
            }
            catch (Exception exception) when (exception is IOException or ObjectDisposedException)
            {
                // It was cut.
            }
        }
    }
}
