namespace SecretRotator.Discovery;

/// <summary>Looks through a workspace for variables that no entry of the inventory covers. Sees keys, never values.</summary>
/// <param name="reader">Sees what there is.</param>
/// <param name="inventory">What is covered.</param>
/// <param name="announce">Told what it is going to cost before it costs it.</param>
internal sealed class VariableDiscovery(IScopeReader reader, RotationInventory inventory, Action<string> announce)
{
    private readonly HashSet<string> _covered =
        [.. inventory.Secrets.SelectMany(secret => secret.Targets).Select(target => Identity(target.Scope, target.Variable))];

    private readonly ImmutableArray<UncoveredVariable>.Builder _found = ImmutableArray.CreateBuilder<UncoveredVariable>();
    private readonly ImmutableArray<UnknownPlace>.Builder _unknown = ImmutableArray.CreateBuilder<UnknownPlace>();
    private readonly ImmutableArray<string>.Builder _unseen = ImmutableArray.CreateBuilder<string>();
    private long _most;
    private int _scopes;

    /// <summary>Looks. Called once.</summary>
    /// <exception cref="RemoteFailureException">The repositories of the workspace can't be listed.</exception>
    public async Task<DiscoveryReport> RunAsync(DiscoveryRequest request, CancellationToken cancellation)
    {
        _most = reader.CallsMade + (request.MostCalls ?? reader.CallsLeft);
        var repositories = request.Repositories.IsEmpty
            ? await reader.ListRepositoriesAsync(request.Workspace, request.Project, cancellation)
            : [.. request.Repositories.Select(slug => new VariableScope.Repository(request.Workspace, slug))];
        var isWhole = request.Repositories.IsEmpty && request.Project is null;
        Announce(repositories.Length, isWhole);
        if (isWhole)
            await LookAsync(new VariableScope.Workspace(request.Workspace), cancellation);
        foreach (var repository in repositories)
        {
            await LookAsync(repository, cancellation);
            var environments = await SeeAsync($"{repository}/*", () => reader.ListEnvironmentsAsync(repository, cancellation));
            foreach (var environment in environments ?? [])
                await LookAsync(environment, cancellation);
        }

        return new(_found.ToImmutable(), _unknown.ToImmutable(), _unseen.ToImmutable(), _scopes, reader.CallsMade);
    }

    private void Announce(int repositories, bool isWhole) => announce(
        $"{repositories} repositories: at least {(2 * repositories) + (isWhole ? 1 : 0)} calls, and one more for each deployment "
            + $"environment; it stops at {_most}, and names what it left out.");

    private async Task LookAsync(VariableScope scope, CancellationToken cancellation)
    {
        if (await SeeAsync(scope.ToString(), () => reader.ListAsync(scope, cancellation)) is not { } variables)
            return;
        _scopes++;
        foreach (var variable in variables.OrderBy(each => each.Key, StringComparer.OrdinalIgnoreCase))
            if (!_covered.Contains(Identity(scope, variable.Key)) && !SecretNames.IsOurs(variable.Key)
                && KindOf(variable.Key, variable.Secured) is { } kind)
                _found.Add(new(kind, scope, variable.Key, variable.Secured));
    }

    // What is there; null where it wasn't looked at, or could not be seen.
    private async Task<ImmutableArray<T>?> SeeAsync<T>(string place, Func<Task<ImmutableArray<T>>> see)
    {
        if (reader.CallsMade >= _most)
        {
            _unseen.Add(place);
            return null;
        }

        try
        {
            return await see();
        }
        catch (RemoteFailureException failure)
        {
            _unknown.Add(new(place, failure.Failure));
            return null;
        }
    }

    private static FindingKind? KindOf(string key, bool secured) =>
        SecretNames.CloudOf(key) is not null ? FindingKind.StaticCloudKey
        : secured ? FindingKind.Candidate
        : SecretNames.LooksSecret(key) ? FindingKind.PlainSecret
        : null;

    // Bitbucket compares keys and environments without regard to case.
    private static string Identity(VariableScope scope, string key) => $"{scope.WorkspaceSlug}/{scope}:{key}".ToUpperInvariant();
}
