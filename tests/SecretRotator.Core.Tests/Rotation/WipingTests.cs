namespace SecretRotator.Tests.Rotation;

public sealed class WipingTests
{
    /// <summary>Lets every single call of a rotation, a delivery and a resumed rotation fail, once and for good.</summary>
    [Theory]
    [InlineData("rotation")]
    [InlineData("delivery")]
    [InlineData("resumed")]
    [InlineData("resumed after the promotion")]
    [InlineData("overtaken")]
    [InlineData("rollback")]
    [InlineData("resumed delivery")]
    [InlineData("resumed and overtaken")]
    public async Task Every_value_that_a_run_held_is_wiped_when_it_ends_however_it_ends(string kind)
    {
        var calls = (await RunAsync(kind, int.MaxValue, CallFate.Works, forGood: false)).Calls;
        for (var k = 1; k <= calls; k++)
        {
            foreach (var (fate, forGood) in new[]
            {
                (CallFate.Refused, false),
                (CallFate.Refused, true),
                (CallFate.AnswerLost, false),
                (CallFate.RequestLost, true),
            })
                await RunAsync(kind, k, fate, forGood);
        }
    }

    private static async Task<(int Calls, ModelCloud ModelCloud)> RunAsync(string kind, int at, CallFate fate, bool forGood)
    {
        var cloud = new ModelCloud();
        var secret = Inventories.Plain("db", Inventories.Payments, Inventories.Workspace);
        cloud.Deliver(secret, "old-value", Duration.FromDays(40));
        var machine = await PrepareAsync(kind, cloud, secret);
        cloud.Calls.Clear();
        var number = 0;
        cloud.Fate = (call, _) =>
        {
            var n = Interlocked.Increment(ref number);
            if (kind.EndsWith("overtaken") && call.StartsWith("claim "))
                MoveCurrent(cloud.Secrets[secret.Path]);
            return n == at || (forGood && n > at) ? fate : CallFate.Works;
        };
        if (kind == "rollback")
            await new RotationJob(machine.Tools).RollbackAsync(
                Inventories.Of(secret), new("db", "older", "me", "why"), machine.Cancellation.Token);
        else
            await machine.RotateAsync(Inventories.Of(secret));

        machine.Values.Should()
            .OnlyContain(value => IsWiped(value), $"call {at} of a {kind} ({cloud.Calls.ElementAtOrDefault(at - 1)}) was {fate}");
        return (cloud.Calls.Count, cloud);
    }

    private static async Task<ModelMachine> PrepareAsync(string kind, ModelCloud cloud, SecretRotator.Inventory.ManagedSecret secret)
    {
        var machine = new ModelMachine(cloud);
        if (kind.EndsWith("delivery"))
            MoveCurrent(cloud.Secrets[secret.Path]);
        cloud.Secrets[secret.Path].Versions["older"] = ("older-value", ModelCloud.Start - Duration.FromDays(90));
        if (!kind.StartsWith("resumed"))
            return machine;
        var killed = kind == "resumed after the promotion" ? "promote path/db" : "put payments:DB";
        cloud.Fate = (call, _) => call == killed ? CallFate.DiesAfter : CallFate.Works;
        await machine.RotateAsync(Inventories.Of(secret));
        cloud.Fate = (_, _) => CallFate.Works;
        return machine.Successor();
    }

    private static void MoveCurrent(ModelSecret secret)
    {
        secret.Versions["elsewhere"] = ("made-elsewhere", ModelCloud.Start - Duration.FromDays(1));
        secret.Current = "elsewhere";
    }

    private static bool IsWiped(SecretValue value)
    {
        try
        {
            value.RevealText();
            return false;
        }
        catch (ObjectDisposedException)
        {
            return true;
        }
    }
}
