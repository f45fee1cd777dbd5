using MySqlConnector;
using Npgsql;

namespace SecretRotator.Reliability.Servers;

/// <summary>How a login ended.</summary>
internal enum LoginEnd
{
    Accepted,

    /// <summary>The server said so in its own code.</summary>
    Refused,

    /// <summary>Anything else.</summary>
    Unavailable,
}

/// <summary>A login as an application does it, with a driver and no code of the product.</summary>
internal static class DatabaseLogin
{
    /// <summary>Logs in to PostgreSQL on this machine with the user and the password of a content.</summary>
    public static Task<LoginEnd> PostgreSqlAsync(int port, string content) => TryAsync(async () =>
    {
        var (user, password) = Read(content);
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder
        {
            Host = "127.0.0.1",
            Port = port,
            Database = RotatedServer.Database,
            Username = user,
            Password = password,
            SslMode = SslMode.Require,
            Pooling = false,
        }.ConnectionString);
        await connection.OpenAsync();
    });

    /// <summary>Logs in to MariaDB on this machine with the user and the password of a content.</summary>
    public static Task<LoginEnd> MariaDbAsync(int port, string content) => TryAsync(async () =>
    {
        var (user, password) = Read(content);
        await using var connection = new MySqlConnection(new MySqlConnectionStringBuilder
        {
            Server = "127.0.0.1",
            Port = (uint)port,
            UserID = user,
            Password = password,
            SslMode = MySqlSslMode.Required,
            Pooling = false,
        }.ConnectionString);
        await connection.OpenAsync();
    });

    private static async Task<LoginEnd> TryAsync(Func<Task> logIn)
    {
        try
        {
            await logIn();
            return LoginEnd.Accepted;
        }
        catch (PostgresException refused) when (refused.SqlState is "28P01" or "28000")
        {
            return LoginEnd.Refused;
        }
        catch (MySqlException refused) when ((int)refused.ErrorCode is 1045 or 3118 or 4151)
        {
            return LoginEnd.Refused;
        }
        catch (Exception unavailable) when (unavailable is NpgsqlException or MySqlException)
        {
            return LoginEnd.Unavailable;
        }
    }

    private static (string User, string Password) Read(string content)
    {
        using var document = JsonDocument.Parse(content);
        return (document.RootElement.GetProperty("username").GetString()!, document.RootElement.GetProperty("password").GetString()!);
    }
}
