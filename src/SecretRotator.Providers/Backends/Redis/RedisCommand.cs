namespace SecretRotator.Providers.Backends.Redis;

/// <summary>A command with its arguments.</summary>
/// <param name="Arguments">The command's name first; without the password of a login.</param>
internal sealed record RedisCommand(params string[] Arguments)
{
    private SecretValue? Password { get; init; }

    /// <summary>A login.</summary>
    /// <param name="user">The user.</param>
    /// <param name="password">Kept by the caller until the command is sent.</param>
    public static RedisCommand LogIn(string user, SecretValue password) => new("AUTH", user) { Password = password };

    /// <summary>Adds it as RESP has it: a list of bulk texts.</summary>
    public void AppendTo(SecretBuffer buffer)
    {
        AppendLength(buffer, '*', Arguments.Length + (Password is null ? 0 : 1));
        foreach (var argument in Arguments)
            AppendText(buffer, Encoding.UTF8.GetBytes(argument));
#pragma warning disable RS0030 // The one place where a password is sent to Redis, over TLS.
        Password?.Reveal(buffer, static (to, utf8) =>
        {
            AppendText(to, utf8.Span);
            return true;
        });
#pragma warning restore RS0030
    }

    private static void AppendText(SecretBuffer buffer, ReadOnlySpan<byte> text)
    {
        AppendLength(buffer, '$', text.Length);
        buffer.Append(text);
        buffer.Append("\r\n"u8);
    }

    private static void AppendLength(SecretBuffer buffer, char mark, int length) =>
        buffer.Append(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{mark}{length}\r\n")));
}
