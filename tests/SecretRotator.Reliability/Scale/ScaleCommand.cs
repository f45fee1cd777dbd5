using System.CommandLine;
using System.Globalization;
using NodaTime;
using SecretRotator.Evidence;
using SecretRotator.Inventory;
using SecretRotator.Planning;
using SecretRotator.Reliability.World;
using SecretRotator.Rotation;

namespace SecretRotator.Reliability.Scale;

/// <summary>
/// <c>scale</c>: many secrets, all due, few calls an hour. What the first plan says of the last rotation, and when it was done, side by
/// side.
/// </summary>
internal static class ScaleCommand
{
    private const int SecretsInARepository = 10;

    public static Command Make()
    {
        var secrets = new Option<int>("--secrets") { DefaultValueFactory = _ => 2_000 };
        var calls = new Option<int>("--calls") { DefaultValueFactory = _ => 800 };
        var worker = new Option<bool>("--worker") { Hidden = true };
        var command = new Command("scale", "Rotates many secrets with few Bitbucket calls an hour.") { secrets, calls, worker };
        command.SetAction(async (parsed, _) => parsed.GetValue(worker)
            ? await OneThread.RunAsync(() => MeasureAsync(parsed.GetValue(secrets), parsed.GetValue(calls)))
            : await TellAsync(parsed.GetValue(secrets), parsed.GetValue(calls)));
        return command;
    }

    private static async Task<int> TellAsync(int secrets, int calls)
    {
        using var worker = OneThread.Start(
            ["scale", "--worker", "--secrets", secrets.ToString(CultureInfo.InvariantCulture), "--calls", calls.ToString(CultureInfo.InvariantCulture)]);
        Console.Write(await worker.StandardOutput.ReadToEndAsync());
        await worker.WaitForExitAsync();
        return worker.ExitCode;
    }

    private static async Task<int> MeasureAsync(int secrets, int calls)
    {
        var inventory = Inventory(secrets, calls);
        var counted = new CallCount();
        var cloud = new Cloud(seed: 1, inventory, counted);
        counted.Time = cloud.Time;
        var left = secrets;
        for (var run = 1; left > 0 && run < 100; run++)
        {
            var before = counted.Made.Count;
            var began = cloud.Time.Now;
            using var machine = new Machine(cloud, run, inventory) { Parallelism = 8 };
            machine.Start((job, stop) => job.RunAsync(inventory, PlanRequest.Everything, null, stop));
            while (!machine.HasEnded && !cloud.Time.IsOver)
                await cloud.Time.StepAsync();
            if (machine.Failure is { } failure)
                throw failure;
            var plan = machine.Result!.Plan;
            var rotated = machine.Result.Results.Count(each => each.Outcome is RotationOutcome.Rotated);
            left -= rotated;
            Console.WriteLine($"run {run}: observing {plan.ObservationCost.Bitbucket}, calls {counted.Made.Count - before}, rotated {rotated}, left {left}, took {(cloud.Time.Now - began).TotalSeconds:0} s");
            if (rotated == 0)
                break;
            var next = false;
            cloud.Time.After(Duration.FromHours(1), () => next = true);
            while (!next)
                await cloud.Time.StepAsync();
        }

        foreach (var broken in cloud.Promises.Broken)
            Console.WriteLine(broken);
        return cloud.Promises.Broken.Count == 0 ? 0 : 1;
    }

    private static RotationInventory Inventory(int secrets, int calls)
    {
        var all = SimulatedInventory.Of(Enumerable.Range(0, secrets).Select(Secret));
        return all with { Limits = all.Limits with { RotationsPerRun = 10_000, BitbucketCallsPerHour = calls } };
    }

    // Overdue by different times, so that those that wait longest are spread over the repositories.
    private static ManagedSecret Secret(int number)
    {
        var repository = $"service-{number / SecretsInARepository}";
        var secret = SimulatedInventory.Secret($"s{number:d5}", SimulatedInventory.Aws, targets: 1);
        VariableScope scope = number % 2 == 0
            ? new VariableScope.Repository("acme", repository)
            : new VariableScope.Environment("acme", repository, "production");
        return secret with
        {
            RotateEvery = Period.FromDays(5 + (number * 7919 % 31)),
            Targets = [secret.Targets[0] with { Scope = scope }],
        };
    }

    private sealed class CallCount : INature
    {
        private static readonly Duration Half = Duration.FromMilliseconds(75);

        public VirtualTime? Time { get; set; }

        public List<Instant> Made { get; } = [];

        public Treatment Treat(Request request)
        {
            if (request.Service == "bitbucket")
                Made.Add(Time!.Now);
            return new(Fate.Works, Half, Half);
        }
    }
}
