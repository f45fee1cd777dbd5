using System.Net;
using System.Net.Sockets;
using SecretRotator.Sandbox.Hosting;

namespace SecretRotator.Tests.Sandbox;

public sealed class ClientProcessTests : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly TcpClient _client = new();

    public ClientProcessTests()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux tells which process has a connection in /proc.");
        _listener.Start();
        _client.Connect((IPEndPoint)_listener.LocalEndpoint);
    }

    private int ServerPort => ((IPEndPoint)_listener.LocalEndpoint).Port;

    private int ClientPort => ((IPEndPoint)_client.Client.LocalEndPoint!).Port;

    [Fact]
    public void The_process_at_the_other_end_is_found() =>
        ClientProcess.Find(ClientPort, ServerPort).Should().Be(Environment.ProcessId);

    [Fact]
    public void A_connection_to_another_port_is_not_taken_for_it() =>
        ClientProcess.Find(ClientPort, ServerPort == 1 ? 2 : 1).Should().BeNull();

    [Fact]
    public void Where_no_one_has_the_connection_no_one_is_killed() =>
        ClientProcess.Kill(1, 1).Should().BeFalse();

    public void Dispose()
    {
        _client.Dispose();
        _listener.Dispose();
    }
}
