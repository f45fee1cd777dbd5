using SecretRotator.Tests.Contracts;

namespace SecretRotator.Tests.Providers.Toy;

public sealed class ToyVaultContract : VaultContract
{
    protected override Task<VaultUnderTest> OpenAsync() => Task.FromResult<VaultUnderTest>(new Box());

    private sealed class Box : VaultUnderTest
    {
        private readonly ToyStore _store = new();

        public override string DescribeOperation => "toy.describe";

        public override string ReadOperation => "toy.read";

        public override string RetireOperation => "toy.retire";

        public override string MarkOperation => "toy.mark";

        public override ImmutableArray<string> WriteOperations =>
            ["toy.claim", "toy.stage", "toy.promote", "toy.finish", "toy.discard", "toy.retire"];

        public override int ValueReads => _store.Calls.Count(call => call == ReadOperation);

        public override int Calls => _store.Calls.Count;

        public override int Writes => _store.Calls.Count(WriteOperations.Contains);

        public override ISecretVault Connect() => new ToyVault(_store);

        public override VersionId Seed(string path, string value) => (_store.Secrets[path] = new ToySecret()).Add(value, Start).Id;

        public override void Mark(string path, DeliveryMark mark) => _store.Secrets[path].Delivered = mark;

        public override VersionId RotateElsewhere(string path, string value) => _store.Secrets[path].Add(value, Start).Id;

        public override void Delete(string path) => _store.Secrets.Remove(path);

        public override VaultView Look(string path)
        {
            var secret = _store.Secrets[path];
            ImmutableArray<string> staged = secret.Staged is { } version ? [version.Value] : [];
            return new VaultView(
                secret.Current.Value,
                secret.Current.Id,
                secret.Versions.Count,
                staged,
                secret.Open is not null,
                secret.Delivered,
                [.. staged, .. secret.Open is { } open ? [open.Handle] : Array.Empty<string>()]);
        }

        public override bool IsRetired(string path, VersionId version) => _store.Secrets[path].Retired.Contains(version);

        public override void Fault(string spec) => _store.Fault(spec);

        public override void Heal() => _store.Heal();

        public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
