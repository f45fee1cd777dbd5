using SecretRotator.Bitbucket;

namespace SecretRotator.Tests.Models;

/// <summary>Variables in memory, with Bitbucket's rules.</summary>
internal sealed class ModelVariables(ModelCloud cloud, ModelMachine machine, Lease? lease = null) : IVariableStore
{
    public IVariableStore Under(Lease held) => new ModelVariables(cloud, machine, held);

    public Task<ImmutableArray<ObservedVariable>> ListAsync(VariableScope scope, CancellationToken cancellation) =>
        machine.CallAsync($"list {scope}", () => cloud.Variables.GetValueOrDefault(scope, []).Select(v => v.Observed).ToImmutableArray());

    public Task<PutEnd> PutAsync(VariableScope scope, ObservedVariable variable, SecretValue value, CancellationToken cancellation) =>
        ChangeAsync($"put {scope}:{variable.Key}", () =>
        {
            machine.Values.Add(value);
            if (scope is VariableScope.SshKeyPair)
                return PutPair(scope, value).End;
            var index = cloud.Variables[scope].FindIndex(v => v.Uuid == variable.Uuid);
            if (index < 0)
                throw new RemoteFailureException(FailureKind.NotFound, Effect.Rejected, $"{scope}:{variable.Key} is gone.");
            cloud.Variables[scope][index] = new ModelVariable(variable.Uuid, variable.Key, value.RevealText(), Secured: true);
            return cloud.MayLandAgain ? PutEnd.MayLandAgain : PutEnd.Settled;
        });

    public Task<CreatedVariable> CreateAsync(VariableScope scope, string key, SecretValue value, CancellationToken cancellation) =>
        ChangeAsync($"create {scope}:{key}", () =>
        {
            machine.Values.Add(value);
            if (scope is VariableScope.SshKeyPair)
                return PutPair(scope, value);
            if (cloud.Variables[scope].Exists(v => string.Equals(v.Key, key, StringComparison.OrdinalIgnoreCase)))
                throw new RemoteFailureException(FailureKind.Conflict, Effect.Rejected, $"{scope}:{key} exists already.");
            var made = new ModelVariable(cloud.NewUuid(), key, value.RevealText(), Secured: true);
            cloud.Variables[scope].Add(made);
            return new CreatedVariable(made.Observed, PutEnd.Settled);
        });

    public Task DeleteAsync(VariableScope scope, string uuid, CancellationToken cancellation)
    {
        var key = cloud.Variables[scope].Find(v => v.Uuid == uuid)?.Key ?? "gone";
        return ChangeAsync(
            $"delete {scope}:{key}",
            () => cloud.Variables[scope].RemoveAll(v => v.Uuid == uuid || scope is VariableScope.SshKeyPair));
    }

    private CreatedVariable PutPair(VariableScope scope, SecretValue value)
    {
        var fingerprint = SshPublicKey.OfPrivate(value).Fingerprint;
        var pair = new ModelVariable(fingerprint, VariableScope.SshKeyPair.Key, value.RevealText(), Secured: true);
        cloud.Variables[scope] = [pair];
        return new(pair.Observed, cloud.MayLandAgain ? PutEnd.MayLandAgain : PutEnd.Settled);
    }

    private Task<T> ChangeAsync<T>(string call, Func<T> act)
    {
        lease?.ThrowIfOver();
        return machine.CallAsync(call, act);
    }
}

internal sealed record ModelVariable(string Uuid, string Key, string Value, bool Secured)
{
    public ObservedVariable Observed => new(Uuid, Key, Secured);
}
