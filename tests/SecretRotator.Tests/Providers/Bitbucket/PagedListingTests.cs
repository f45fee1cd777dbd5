namespace SecretRotator.Tests.Providers.Bitbucket;

public sealed class PagedListingTests
{
    private static readonly VariableScope Scope = new VariableScope.Repository("acme", "payments-api");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_page_is_asked_for_by_number_with_a_hundred_entries()
    {
        List<string> asked = [];
        var network = new ScriptedNetwork((request, number) =>
        {
            asked.Add(request.RequestUri!.PathAndQuery);
            return ScriptedNetwork.Page("\"size\":101,", number == 1 ? Keys(0, 100) : Keys(100, 1));
        });

        (await ListAsync(network)).Should().Be(101);

        asked.Should().Equal(
            "/2.0/repositories/acme/payments-api/pipelines_config/variables?pagelen=100&page=1",
            "/2.0/repositories/acme/payments-api/pipelines_config/variables?pagelen=100&page=2");
    }

    [Fact]
    public async Task Without_a_size_a_short_page_is_the_last_one()
    {
        var network = ScriptedNetwork.InTurn(
            () => ScriptedNetwork.Page("\"pagelen\":100,", Keys(0, 100)), () => ScriptedNetwork.Page("\"pagelen\":100,", Keys(100, 3)));

        (await ListAsync(network)).Should().Be(103);
    }

    [Fact]
    public async Task A_server_that_gives_ten_whatever_is_asked_is_read_to_its_end()
    {
        var network = ScriptedNetwork.InTurn(
            () => ScriptedNetwork.Page("", Keys(0, 10)), () => ScriptedNetwork.Page("", Keys(10, 10)),
            () => ScriptedNetwork.Page("", Keys(20, 4)));

        (await ListAsync(network)).Should().Be(24);
    }

    [Fact]
    public async Task A_next_on_a_short_page_without_a_size_is_a_hint_to_look_further()
    {
        var network = ScriptedNetwork.InTurn(
            () => ScriptedNetwork.Page("\"next\":\"https://elsewhere.example/\",", Keys(0, 5)), () => ScriptedNetwork.Page("", Keys(5, 2)));

        (await ListAsync(network)).Should().Be(7);
    }

    [Fact]
    public async Task A_page_that_comes_again_is_a_failure() =>
        await FailsAsync(new((_, _) => ScriptedNetwork.Page("\"size\":200,", Keys(0, 100))), "came twice");

    [Fact]
    public async Task A_page_with_another_number_than_asked_is_a_failure() =>
        await FailsAsync(ScriptedNetwork.InTurn(() => ScriptedNetwork.Page("\"page\":2,", "K")), "page 2 came for page 1");

    [Fact]
    public async Task A_list_that_ends_before_its_size_is_a_failure() =>
        await FailsAsync(
            new((_, number) => number % 2 == 1 ? ScriptedNetwork.Page("\"size\":5,", Keys(0, 3)) : ScriptedNetwork.Page("\"size\":5,")),
            "names 5 entries and holds 3");

    [Fact]
    public async Task A_list_that_holds_more_than_its_size_is_a_failure() =>
        await FailsAsync(ScriptedNetwork.InTurn(() => ScriptedNetwork.Page("\"size\":2,", Keys(0, 3))), "names 2 entries and holds 3");

    [Fact]
    public async Task A_list_without_end_is_a_failure() =>
        await FailsAsync(new((_, number) => ScriptedNetwork.Page("", Keys(number * 10, 10))), "doesn't end");

    [Fact]
    public async Task An_entry_without_a_uuid_is_a_failure() =>
        await FailsAsync(ScriptedNetwork.Always(200, """{"size":1,"values":[{"key":"K"}]}"""), "no id");

    [Fact]
    public async Task An_entry_without_a_key_is_a_failure() =>
        await FailsAsync(ScriptedNetwork.Always(200, $$"""{"size":1,"values":[{"uuid":"{{ScriptedNetwork.UuidOf("K")}}"}]}"""), "no key");

    [Theory]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("")]
    [InlineData("""{"values":{}}""")]
    [InlineData("<html>")]
    public async Task Anything_but_a_page_is_a_failure(string body) =>
        await FailsAsync(ScriptedNetwork.Always(200, body), "can't be understood");

    [Fact]
    public async Task A_list_that_changed_between_two_pages_is_read_once_more()
    {
        var network = ScriptedNetwork.InTurn(
            () => ScriptedNetwork.Page("\"size\":150,", Keys(0, 100)),
            () => ScriptedNetwork.Page("\"size\":149,", Keys(101, 49)),
            () => ScriptedNetwork.Page("\"size\":149,", Keys(1, 100)),
            () => ScriptedNetwork.Page("\"size\":149,", Keys(101, 49)));

        (await ListAsync(network)).Should().Be(149);
    }

    [Fact]
    public async Task A_list_without_entries_is_empty_and_no_failure() =>
        (await ListAsync(ScriptedNetwork.Always(200, """{"size":0,"values":[]}"""))).Should().Be(0);

    private static async Task<int> ListAsync(ScriptedNetwork network)
    {
        using var connection = network.Connect();
        return (await connection.Variables.ListAsync(Scope, Cancellation)).Length;
    }

    private static async Task FailsAsync(ScriptedNetwork network, string says)
    {
        using var connection = network.Connect();
        var failure = (await connection.Variables.Awaiting(v => v.ListAsync(Scope, Cancellation)).Should()
            .ThrowAsync<RemoteFailureException>()).Which;
        failure.Message.Should().Contain(says);
        failure.Effect.Should().Be(Effect.Rejected);
    }

    private static string[] Keys(int first, int count) => [.. Enumerable.Range(first, count).Select(i => $"K{i}")];
}
