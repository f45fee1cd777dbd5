using SecretRotator.Sandbox.Storage;

namespace SecretRotator.Tests.Processes;

/// <summary>A sandbox in which everything was just delivered, made once for all tests of a class; each gets a copy that it may change by
/// hand.</summary>
public sealed class DeliveredSandbox : IAsyncLifetime
{
    private readonly Rotator _first = new();

    public async ValueTask InitializeAsync()
    {
        File.Copy(RepositoryFiles.Sample, _first.PathOf("rotation.yaml"));
        (await _first.RunAsync("rotate", "--sandbox")).ExitCode.Should().Be(0);
    }

    public ValueTask DisposeAsync()
    {
        _first.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>A copy of it, in a folder of its own.</summary>
    internal async Task<Rotator> CopyAsync(Action<SandboxState> change)
    {
        var copy = _first.Copy();
        using var store = new SandboxStore(new StateFolder(copy.PathOf(".sandbox"), TimeProvider.System));
        await store.ChangeAsync(change, TestContext.Current.CancellationToken);
        return copy;
    }
}
