namespace SecretRotator.Providers.Backends;

/// <summary>One connection to a database server, with one login.</summary>
/// <param name="login">Who logs in; must live as long as the connection.</param>
internal abstract class DatabaseSession(ServerLogin login) : IAsyncDisposable
{
    /// <summary>Who logs in.</summary>
    public ServerLogin Login => login;

    /// <summary>Whether a statement was sent that changes something.</summary>
    public bool HasWritten { get; protected set; }

    /// <summary>Connects and logs in.</summary>
    public abstract Task OpenAsync(CancellationToken cancellation);

    /// <summary>Whether an exception is about the server or the way to it.</summary>
    public abstract bool IsRemote(Exception failure);

    /// <summary>Whether a failed login means that the server refuses the credential.</summary>
    public abstract bool IsRefusal(Exception failure);

    /// <summary>What a failure means.</summary>
    /// <param name="failure">What the library threw.</param>
    /// <param name="act">What was tried, such as <c>changing payments_b</c>.</param>
    public abstract RemoteFailureException FailureOf(Exception failure, string act);

    /// <inheritdoc />
    public abstract ValueTask DisposeAsync();
}
