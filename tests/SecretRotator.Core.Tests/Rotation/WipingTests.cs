using NodaTime;
using SecretRotator.Tests.Models;

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
        var calls = (await RunAsync(kind, int.MaxValue, Fate.Works, forGood: false)).Calls;
        for (var k = 1; k <= calls; k++)
        {
            foreach (var (fate, forGood) in new[] { (Fate.Refused, false), (Fate.Refused, true), (Fate.AnswerLost, false), (Fate.RequestLost, true) })
                await RunAsync(kind, k, fate, forGood);
        }
    }

    private static async Task<(int Calls, World World)> RunAsync(string kind, int at, Fate fate, bool forGood)
    {
        var world = new World();
        var secret = Inventories.Plain("db", Inventories.Payments, Inventories.Workspace);
        world.Deliver(secret, "old-value", Duration.FromDays(40));
        var machine = await PrepareAsync(kind, world, secret);
        world.Calls.Clear();
        var number = 0;
        world.Fate = (call, _) =>
        {
            var n = Interlocked.Increment(ref number);
            if (kind.EndsWith("overtaken") && call.StartsWith("claim "))
                MoveCurrent(world.Secrets[secret.Path]);
            return n == at || (forGood && n > at) ? fate : Fate.Works;
        };
        if (kind == "rollback")
            await new RotationJob(machine.Tools).RollbackAsync(
                Inventories.Of(secret), new("db", "older", "me", "why"), machine.Cancellation.Token);
        else
            await machine.RotateAsync(Inventories.Of(secret));

        machine.Values.Should().OnlyContain(value => IsWiped(value), $"call {at} of a {kind} ({world.Calls.ElementAtOrDefault(at - 1)}) was {fate}");
        return (world.Calls.Count, world);
    }

    private static async Task<Machine> PrepareAsync(string kind, World world, SecretRotator.Inventory.ManagedSecret secret)
    {
        var machine = new Machine(world);
        if (kind.EndsWith("delivery"))
            MoveCurrent(world.Secrets[secret.Path]);
        world.Secrets[secret.Path].Versions["older"] = ("older-value", World.Start - Duration.FromDays(90));
        if (!kind.StartsWith("resumed"))
            return machine;
        var killed = kind == "resumed after the promotion" ? "promote path/db" : "put payments:DB";
        world.Fate = (call, _) => call == killed ? Fate.DiesAfter : Fate.Works;
        await machine.RotateAsync(Inventories.Of(secret));
        world.Fate = (_, _) => Fate.Works;
        return machine.Successor();
    }

    private static void MoveCurrent(ModelSecret secret)
    {
        secret.Versions["elsewhere"] = ("made-elsewhere", World.Start - Duration.FromDays(1));
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
