namespace SecretRotator.Tests.Commands;

public sealed class NotifyTestCommandTests : IDisposable
{
    private readonly CommandFixture _run = new();

    public NotifyTestCommandTests() => _run.AddReceivers();

    public void Dispose() => _run.Dispose();

    [Fact]
    public async Task Every_receiver_gets_a_test_and_the_heartbeat_none()
    {
        (await _run.RunAsync("notify", "test")).Should().Be(0);

        _run.Sessions.Notified.Select(message => (message.Receiver.Name, message.Notification.IsTest)).Should()
            .Equal(("on-call", true), ("auditors", true));
        _run.Out.Should().Contain("on-call (slack) answered: 200");
    }

    [Fact]
    public async Task Only_those_that_are_named_get_one()
    {
        await _run.RunAsync("notify", "test", "--only", "auditors");

        _run.Sessions.Notified.Should().ContainSingle().Which.Receiver.Name.Should().Be("auditors");
    }

    [Fact]
    public async Task A_receiver_that_was_not_told_answers_3_with_cause_and_fix()
    {
        _run.Sessions.NotTold["on-call"] = new(FailureKind.NotFound, "it answered 404", "Make its URL anew.");

        (await _run.RunAsync("notify", "test", "--output", "json")).Should().Be(3);

        var told = _run.Json.GetProperty("notifications");
        (told[0].GetProperty("sent").GetBoolean(),
            told[0].GetProperty("cause").GetString(), told[0].GetProperty("hint").GetString()).Should()
            .Be((false, "it answered 404", "Make its URL anew."));
        told[1].GetProperty("sent").GetBoolean().Should().BeTrue();
    }

    [Fact]
    public async Task An_unknown_receiver_is_a_mistake()
    {
        (await _run.RunAsync("notify", "test", "--only", "oncall")).Should().Be(2);

        _run.Error.Should().Contain("no receiver \"oncall\"").And.Contain("on-call, auditors");
        _run.Sessions.Notified.Should().BeEmpty();
    }

    [Fact]
    public async Task Without_receivers_there_is_nothing_to_test()
    {
        using CommandFixture none = new();

        (await none.RunAsync("notify", "test")).Should().Be(2);
    }
}
