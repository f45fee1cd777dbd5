namespace SecretRotator.Providers.Backends;

/// <summary>A user of a server and the password, for as long as a call needs them.</summary>
internal sealed class ServerLogin(string user, SecretValue password) : IDisposable
{
    /// <summary>The user.</summary>
    public string User => user;

    /// <summary>The password, wiped with this.</summary>
    public SecretValue Password => password;

    /// <summary>The login in a secret that is a JSON object.</summary>
    /// <exception cref="SecretContentException">It has none.</exception>
    public static ServerLogin Of(SecretValue content, string userField, string passwordField) =>
        new(PlainField.Of(content, userField), JsonSecret.Read(content, passwordField));

    /// <inheritdoc />
    public void Dispose() => password.Dispose();
}
