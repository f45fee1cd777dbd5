namespace SecretRotator.Providers.Backends.PostgreSql;

/// <summary>A role and its password.</summary>
internal sealed class PostgreSqlLogin(string user, SecretValue password) : IDisposable
{
    /// <summary>The role.</summary>
    public string User => user;

    /// <summary>The password.</summary>
    public SecretValue Password => password;

    /// <summary>The login in a secret that is a JSON object.</summary>
    /// <exception cref="SecretContentException">It has none.</exception>
    public static PostgreSqlLogin Of(SecretValue content, string userField, string passwordField) =>
        new(PlainField.Of(content, userField), JsonSecret.Read(content, passwordField));

    /// <inheritdoc />
    public void Dispose() => password.Dispose();
}
