using SecretRotator.Rotation;

namespace SecretRotator.Tests.Models;

/// <summary>
/// What tests of one rotation begin with: one secret whose value is too old, delivered to all its targets,
/// and a machine that may rotate it.
/// </summary>
public abstract class DueSecret
{
    private protected static readonly Duration Old = Duration.FromDays(40);

    private protected readonly ModelCloud _cloud = new();
    private protected readonly ManagedSecret _secret;
    private protected readonly RotationInventory _inventory;
    private protected readonly ModelMachine _machine;

    private protected DueSecret(params VariableScope[] scopes)
    {
        _secret = Inventories.Plain("db", scopes);
        _inventory = Inventories.Of(_secret);
        _cloud.Deliver(_secret, "old-value", Old);
        _machine = new ModelMachine(_cloud);
    }

    private protected ModelSecret Vault => _cloud.Secrets[_secret.Path];

    private protected List<string> Uuids() => [.. _secret.Targets.Select(t => _cloud.Find(t)!.Uuid)];

    private protected async Task<RotationOutcome> RotateAsync(ModelMachine machine, PlanRequest? request = null) =>
        (await machine.RotateAsync(_inventory, request)).Results.Single().Outcome;

    private protected void ShouldBeOld()
    {
        Vault.CurrentContent.Should().Be("old-value");
        _cloud.Agrees(_secret).Should().BeTrue();
        Vault.Open.Should().BeNull();
    }
}
