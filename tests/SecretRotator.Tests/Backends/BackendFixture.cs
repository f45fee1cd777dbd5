using System.Net;
using System.Net.Sockets;
using SecretRotator.Backends;
using SecretRotator.Providers.Backends;

namespace SecretRotator.Tests.Backends;

/// <summary>A system that accepts credentials, emulated or real, as <see cref="CredentialBackendContract"/> needs it.</summary>
public abstract class BackendFixture : IAsyncDisposable
{
    /// <summary>What the protocol is told of it.</summary>
    public abstract BackendTraits Traits { get; }

    /// <summary>Whether a slot is one of several passwords of a user, so that another value is another slot.</summary>
    public virtual bool HasSlotPerValue => false;

    /// <summary>The secret's content that is in use. The caller wipes it.</summary>
    public abstract SecretValue Current();

    /// <summary>A content with another value in the generated field. The caller wipes it.</summary>
    public abstract SecretValue With(SecretValue content, string value);

    /// <summary>The backend, as another process would open it.</summary>
    public abstract ICredentialBackend Connect();

    /// <summary>Whether there are two slots; otherwise there is one for each value, however many.</summary>
    public virtual bool HasTwoSlots => true;

    /// <summary>What a log would show of a value.</summary>
    public virtual string Shown(string value) => value;

    /// <summary>What a hint has where no server is.</summary>
    public virtual ImmutableArray<string> WaysToReachIt => ["self-hosted runner", "doctor allowlist", "connectTo"];

    /// <summary>Where it listens on this machine; null where nothing can be put on the way there.</summary>
    internal virtual ServerAddress? Way => null;

    /// <summary>The backend behind something on the way.</summary>
    public virtual ICredentialBackend ConnectThrough(CuttingRelay relay) => throw new NotSupportedException();

    /// <summary>The backend where TLS doesn't prove the server, or no server is: by what is wrong.</summary>
    public abstract ImmutableArray<(string Flaw, Func<ICredentialBackend> Connect)> Unproven { get; }

    /// <summary>How many logins it has got so far, accepted or refused.</summary>
    public abstract Task<int> CountLoginsAsync();

    /// <summary>What it keeps of this secret's credentials, seen without the backend.</summary>
    public abstract Task<string> LookAsync();

    /// <summary>Waits until nothing that was sent is under way.</summary>
    public abstract Task SettleAsync();

    /// <summary>Takes away the credentials that tests made, where each value has a slot of its own: else listings would grow.</summary>
    public virtual Task ForgetMadeAsync() => Task.CompletedTask;

    /// <summary>All that it and the way to it have noted of calls.</summary>
    public abstract Task<string> ReadLogsAsync();

    /// <summary>An address at which nothing listens.</summary>
    private protected static ServerAddress ClosedPort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return new("127.0.0.1", ((IPEndPoint)probe.LocalEndpoint).Port);
    }

    /// <inheritdoc />
    public virtual ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }
}
