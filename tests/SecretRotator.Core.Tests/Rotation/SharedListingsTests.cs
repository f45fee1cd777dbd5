using SecretRotator.Bitbucket;
using SecretRotator.Rotation;

namespace SecretRotator.Tests.Rotation;

public sealed class SharedListingsTests
{
    [Fact]
    public async Task Whoever_leaves_after_a_scope_was_listed_has_it_listed_no_second_time()
    {
        var variables = new Counted();
        var listings = new SharedListings(variables);
        var secret = Inventories.Plain("db", Inventories.Payments);
        listings.Expect(secret);
        await listings.AfterDistributionAsync(secret, TestContext.Current.CancellationToken);

        listings.Leave(secret);

        variables.Listings.Should().Be(1);
    }

    private sealed class Counted : IVariableReader
    {
        public int Listings { get; private set; }

        public Task<ImmutableArray<ObservedVariable>> ListAsync(VariableScope scope, CancellationToken cancellation)
        {
            Listings++;
            return Task.FromResult(ImmutableArray<ObservedVariable>.Empty);
        }
    }
}
