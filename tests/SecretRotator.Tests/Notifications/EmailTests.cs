using System.Net;
using System.Net.Sockets;
using SecretRotator.Notifications;
using SecretRotator.Sandbox.Hosting;
using SmtpServer.Protocol;

namespace SecretRotator.Tests.Notifications;

/// <summary>E-mail over real sockets, and what becomes of it where the server doesn't do what it should.</summary>
public sealed class EmailTests : IAsyncLifetime
{
    private const string Password = NotificationStage.Canary + "-password";

    private readonly NotificationStage _stage = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _stage.DisposeAsync();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_message_arrives_over_TLS(bool atOnce)
    {
        await using var server = new MailServer(_stage.Certificates.Server, Password, atOnce);

        var answer = await _stage.SendAsync(Email(server.Port, atOnce));

        answer.Answer.Should().Be("the server took the message", answer.Failure?.ToString());
        var message = server.Messages.Should().ContainSingle().Subject;
        message.Should().StartWith("To jo@acme.example, ops@acme.example\r\n").And
            .Contain("Subject: SecretRotator in acme: 1 needs an operator, 1 failed\r\n").And
            .Contain("From: SecretRotator <rotator@acme.example>\r\n").And
            .Contain("Auto-Submitted: auto-generated\r\n").And
            .Contain("- payments-db: access-denied, owner <!channel> & co\r\n").And
            .Contain("https://bitbucket.org/acme/secret-rotator/pipelines/results/17/steps/%7B0a1b%7D").And
            .NotContain(NotificationStage.Canary);
    }

    [Fact]
    public async Task A_wrong_password_is_told_without_repeating_it()
    {
        await using var server = new MailServer(_stage.Certificates.Server, "another", atOnce: true);

        var answer = await _stage.SendAsync(Email(server.Port, true));

        answer.Failure!.Kind.Should().Be(FailureKind.Unauthenticated);
        NotificationStage.ShowsNothing(answer);
    }

    [Theory]
    [InlineData(SmtpReplyCode.TransactionFailed, FailureKind.AccessDenied, "it answered 554")]
    [InlineData(SmtpReplyCode.InsufficientStorage, FailureKind.Unavailable, "it answered 452")]
    public async Task What_the_server_refuses_is_told_by_its_number_alone(SmtpReplyCode code, FailureKind kind, string why)
    {
        await using var server = new MailServer(_stage.Certificates.Server, Password, atOnce: true)
        {
            Refusal = new SmtpResponse(code, NotificationStage.Canary),
        };

        var answer = await _stage.SendAsync(Email(server.Port, true));

        (answer.Failure!.Kind, answer.Failure.Message).Should().Be((kind, $"mail (email) was not told by localhost:{server.Port}: {why}."));
        NotificationStage.ShowsNothing(answer);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_certificate_of_no_one_that_is_trusted_is_shown_nothing(bool atOnce)
    {
        using var stranger = SandboxCertificates.InMemory(SystemClock.Instance.GetCurrentInstant());
        await using var server = new MailServer(stranger.Server, Password, atOnce);

        (await _stage.SendAsync(Email(server.Port, atOnce))).Failure!.Message.Should().Contain("certificate isn't trusted");
    }

    [Fact]
    public async Task The_certificate_must_have_the_server_s_own_name()
    {
        await using var server = new MailServer(_stage.Certificates.Server, Password, atOnce: true);
        _stage.Environment["SECRET_ROTATOR__CONNECTTO"] = $"mail.acme.example:465=127.0.0.1:{server.Port}";

        (await _stage.SendAsync(Email(465, true) with { Host = "mail.acme.example" })).Failure!.Message.Should()
            .Contain("mail.acme.example:465: its certificate isn't trusted or isn't for that name");
    }

    [Fact]
    public async Task Another_way_to_the_server_is_taken()
    {
        await using var server = new MailServer(_stage.Certificates.Server, Password, atOnce: true);
        _stage.Environment["SECRET_ROTATOR__CONNECTTO"] = $"localhost:465=127.0.0.1:{server.Port}";

        (await _stage.SendAsync(Email(465, true))).Answer.Should().NotBeNull();
    }

    [Fact]
    public async Task A_server_without_STARTTLS_is_told_nothing()
    {
        using var server = new Talker("220 mail\r\n", "250 mail\r\n");

        var answer = await _stage.SendAsync(Email(server.Port, false));

        answer.Failure!.Kind.Should().Be(FailureKind.Unsupported);
        server.Heard.Should().StartWith("EHLO").And.NotContain("AUTH").And.NotContain("MAIL");
    }

    [Theory]
    [InlineData("HTTP/1.1 400 Bad Request\r\n\r\n")]
    [InlineData("220 mail")]
    [InlineData("")]
    public async Task A_server_that_is_none_is_survived(string greeting)
    {
        using var server = new Talker(greeting);

        (await _stage.SendAsync(Email(server.Port, false))).Failure!.Kind.Should()
            .BeOneOf(FailureKind.Garbled, FailureKind.Unavailable);
    }

    [Fact]
    public async Task A_server_that_says_nothing_is_given_up_in_time()
    {
        ManualTime time = new();
        _stage.Time = time;
        using var server = new Talker(null) { Connected = () => time.Pass(TimeSpan.FromSeconds(20)) };

        // Without a vault, whose second try would wait for a clock that no one moves.
        (await _stage.SendAsync(Email(server.Port, true) with { Login = null })).Failure!.Message.Should()
            .Be("There was no answer within 20 seconds.");
    }

    [Fact]
    public async Task A_greeting_without_an_end_is_not_read()
    {
        using var server = new Talker(Enumerable.Repeat($"220-{new string('x', 8000)}\r\n", 100_000));

        (await _stage.SendAsync(Email(server.Port, false))).Failure!.Message.Should().Contain("its answers have no end");
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_named()
    {
        using var server = new Talker("");
        server.Dispose();

        (await _stage.SendAsync(Email(server.Port, true))).Failure!.Message.Should()
            .Be($"mail (email) was not told by localhost:{server.Port}: it can't be reached.");
    }

    private NotificationReceiver.Email Email(int port, bool atOnce) =>
        new("mail", [], "localhost", port, atOnce, MailServer.User, ["jo@acme.example", "ops@acme.example"])
        {
            Login = (MailServer.User, _stage.Keep("smtp", Password)),
        };

    /// <summary>Says lines, one after each that it hears; a null says nothing and waits.</summary>
    private sealed class Talker : IDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private readonly StringBuilder _heard = new();

        public Talker(params string[]? lines)
            : this(lines?.AsEnumerable())
        {
        }

        public Talker(IEnumerable<string>? lines)
        {
            _listener.Start();
            Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
            _ = TalkAsync(lines);
        }

        public int Port { get; }

        public Action Connected { get; init; } = () => { };

        public string Heard => _heard.ToString();

        public void Dispose() => _listener.Dispose();

        private async Task TalkAsync(IEnumerable<string>? lines)
        {
            try
            {
                while (true)
                {
                    using var client = await _listener.AcceptTcpClientAsync(Stop);
                    Connected();
                    if (lines is null)
                        await Task.Delay(Timeout.Infinite, Stop);
                    var buffer = new byte[512];
                    foreach (var line in lines!)
                    {
                        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(line), Stop);
                        if (!line.StartsWith("220-", StringComparison.Ordinal) && line.EndsWith('\n'))
                            _heard.Append(Encoding.ASCII.GetString(buffer, 0, await client.GetStream().ReadAsync(buffer, Stop)));
                    }
                }
            }
            catch (Exception ended) when (ended is SocketException or ObjectDisposedException or OperationCanceledException or IOException)
            {
                // The test is over.
            }
        }
    }
}
