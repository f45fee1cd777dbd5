using System.Net.Sockets;
using MailKit;
using MailKit.Net.Smtp;
using MailKit.Security;
using MimeKit;
using SecretRotator.Notifications;
using SecretRotator.Providers.Backends;
using SecretRotator.Providers.Http;

namespace SecretRotator.Providers.Notifications;

/// <summary>Sends e-mail by SMTP over TLS. Nothing is said to a server before TLS has proven its name.</summary>
internal sealed class EmailSender(
    NotificationReceiver.Email email, Network network, ServerRoutes routes, IRandomSource random, TimeProvider time)
{
    private static readonly RetryPatience Patience = new() { Tries = 3, FirstPause = TimeSpan.FromSeconds(1), Drawn = (0.75, 1.25) };

    // Those of a whole conversation, certificates included.
    private const int LongestAnswers = 256 * 1024;

    private readonly ServerAddress _server = new(email.Host, email.Port);

    /// <summary>Sends a message.</summary>
    /// <param name="notification">The message.</param>
    /// <param name="password">The password of the login; null where the server asks for none.</param>
    /// <param name="cancellation">Stops the tries.</param>
    /// <returns>That the server took it.</returns>
    /// <exception cref="RemoteFailureException">The server can't be reached, or refuses, after all tries.</exception>
    public async Task<string> SendAsync(Notification notification, SecretValue? password, CancellationToken cancellation)
    {
        using var message = MessageOf(notification);
        return await new Retry(Patience, random, time).RunAsync(
            new RetriedCall(IsIdempotent: true, Judged), stop => SendAsync(message, password, stop), cancellation);
    }

    private async Task<string> SendAsync(MimeMessage message, SecretValue? password, CancellationToken cancellation)
    {
        using var client = new SmtpClient
        {
            CheckCertificateRevocation = false,
            ServerCertificateValidationCallback = (_, certificate, chain, errors) => network.IsTrusted(certificate, chain, errors),
            SslProtocols = Network.Protocols,
        };
        var way = routes.Of(_server);
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(way.Host, way.Port, cancellation);
        await using var connection = new BoundedStream(socket, LongestAnswers);
        await client.ConnectAsync(
            connection, email.Host, email.Port, email.IsTlsFromStart ? SecureSocketOptions.SslOnConnect : SecureSocketOptions.StartTls,
            cancellation);
        if (password is not null)
        {
#pragma warning disable RS0030 // It is sent, and TLS has proven whom to.
            await client.AuthenticateAsync(email.Login!.Value.User, password.RevealText(), cancellation);
#pragma warning restore RS0030
        }

        await client.SendAsync(message, cancellation);

        // The server has the message. What follows can't take that back.
        client.Disconnect(quit: false, CancellationToken.None);
        return "the server took the message";
    }

    private MimeMessage MessageOf(Notification notification)
    {
        string[] lines =
        [
            .. NotificationText.Lines(notification),
            .. notification.Link is { } link ? ["", link.AbsoluteUri] : Array.Empty<string>(),
        ];
        var message = new MimeMessage
        {
            Subject = NotificationText.Subject(notification),
            Date = notification.At.ToDateTimeOffset(),
            MessageId = $"{notification.Id}@{email.From[(email.From.IndexOf('@', StringComparison.Ordinal) + 1)..]}",
            Body = new TextPart("plain") { Text = string.Join('\n', lines) },
        };
        message.From.Add(new MailboxAddress("SecretRotator", email.From));
        message.To.AddRange(email.To.Select(address => new MailboxAddress(name: null, address)));

        // Answers of absence would go to an address that no one reads (RFC 3834).
        message.Headers.Add("Auto-Submitted", "auto-generated");
        return message;
    }

    private JudgedTry? Judged(Exception thrown)
    {
        // Text of the server stays inside. A code that begins with 4 asks to come again (RFC 5321, 4.2.1).
        (FailureKind? Kind, NextTry Next, string Why, string Hint) judged = thrown switch
        {
            _ when ExceptionChain.Of(thrown).Any(cause => cause is StreamTooLongException) =>
                (FailureKind.Garbled, NextTry.Never, "its answers have no end", "Look whether it is a mail server."),
            SmtpCommandException { StatusCode: var code } when (int)code is >= 400 and < 500 =>
                (FailureKind.Unavailable, NextTry.AfterPause, $"it answered {(int)code}", "It takes no message for now."),
            SmtpCommandException { StatusCode: var code } => (FailureKind.AccessDenied, NextTry.Never, $"it answered {(int)code}",
                "Look whether the server lets this user send from \"from\" to \"to\"."),
            AuthenticationException => (FailureKind.Unauthenticated, NextTry.Never, "it refuses user or password",
                "Write the right password into the vault; where the account has a second factor, one for applications."),
            SslHandshakeException => (FailureKind.Unavailable, NextTry.Never,
                "its certificate isn't trusted or isn't for that name, or it began no TLS, so nothing was said to it", TlsTrust.Hint),
            NotSupportedException =>
                (FailureKind.Unsupported, NextTry.Never, "it offers no STARTTLS, or no way to log in that is known here",
                "A message is never sent without TLS: name a port with TLS, and write \"tls: implicit\" where that begins at once."),
            SmtpProtocolException => (FailureKind.Garbled, NextTry.AfterPause, "it answered something that isn't SMTP, or broke off",
                "Look whether host and port are those of a mail server, and \"tls\" is what that port does."),
            SocketException or IOException or ServiceNotConnectedException =>
                (FailureKind.Unavailable, NextTry.AfterPause, "it can't be reached", ServerRoutes.UnreachedHint),
            _ => (null, default, "", ""),
        };
        return judged.Kind is not { } kind ? null : new JudgedTry(
            Effect.Unknown, judged.Next, RetryAfter: null,
            _ => new RemoteFailureException(kind, Effect.Unknown, $"{email} was not told by {_server}: {judged.Why}.", judged.Hint)
                .At("smtp", _server.ToString()));
    }
}
