using SecretRotator.Reliability.World;
using SecretRotator.Tests.Models;

namespace SecretRotator.Reliability.Simulation;

/// <summary>What came of a scenario.</summary>
/// <param name="Broken">The promises that didn't hold.</param>
/// <param name="Checks">How many checks were made of each promise.</param>
/// <param name="Struck">The requests that met a fate of their own.</param>
/// <param name="Events">How many events there were.</param>
/// <param name="Trace">A number that any difference between two histories changes.</param>
/// <param name="History">What happened, where it was asked for.</param>
internal sealed record Outcome(
    IReadOnlyList<Broken> Broken, IReadOnlyDictionary<string, long> Checks, IReadOnlyList<(int Machine, int Number)> Struck, int Events,
    ulong Trace, IReadOnlyList<string> History);

/// <summary>Plays a scenario to its end, then lets the weather clear up, and looks whether everything comes right.</summary>
internal sealed class SimulatedDay
{
    private static readonly Duration LongestRun = Duration.FromHours(12);

    private readonly Scenario _scenario;
    private readonly Cloud _cloud;
    private readonly WildNature _nature;
    private readonly Dictionary<int, Machine> _machines = [];
    private readonly Dictionary<string, VersionId> _first = new(StringComparer.Ordinal);
    private ulong _trace;

    private SimulatedDay(Scenario scenario, PlantedBugs? bugs, bool keepsHistory)
    {
        _scenario = scenario;
        _nature = new WildNature(scenario);
        _cloud = new Cloud(scenario.Seed, scenario.Inventory, _nature, bugs, foreignIds: 300);
        _cloud.Promises.KeepsHistory = keepsHistory;
        _cloud.State.Bitbucket.ListingLag = scenario.Weather.ListingLag;
        _cloud.Host = scenario.HasOneHost ? new HidingHost(_cloud) : null;
        _cloud.DescriptionLag = Duration.FromMilliseconds(scenario.Weather.DescriptionLag);
        foreach (var secret in scenario.Inventory.Secrets)
            _first[secret.Name] = new VersionId(_cloud.Shelf(secret).Current);
    }

    private IReadOnlyList<ManagedSecret> Secrets => _scenario.Inventory.Secrets;

    /// <summary>Plays a scenario.</summary>
    public static async Task<Outcome> PlayAsync(Scenario scenario, PlantedBugs? bugs = null, bool keepsHistory = false)
    {
        var day = new SimulatedDay(scenario, bugs, keepsHistory);
        await day.PlayAsync();
        foreach (var machine in day._cloud.Machines)
            machine.Dispose();
        var promises = day._cloud.Promises;
        return new Outcome(promises.Broken, promises.Checks, day._nature.Struck, day._cloud.Time.Happened, day._trace, promises.History);
    }

    private async Task PlayAsync()
    {
        foreach (var actor in _scenario.Actors)
            _cloud.Time.After(actor.After, () => Start(actor));
        foreach (var incident in _scenario.Incidents)
            _cloud.Time.After(incident.After, () => Happen(incident));
        await StepUntilOverAsync();
        foreach (var machine in _machines.Values)
        {
            _cloud.Promises.Must(machine.HasEnded || machine.IsDead, "P3", $"{machine} never ends");
            _cloud.Promises.Ended(machine);
        }

        await ClearUpAsync();
    }

    private async Task StepUntilOverAsync()
    {
        var limit = _cloud.Time.Now + LongestRun;
        while (!_cloud.Time.IsOver && _cloud.Time.Now < limit)
        {
            await _cloud.Time.StepAsync();
            _trace = SeededRandom.Mix(_trace, (ulong)_cloud.Time.Now.ToUnixTimeTicks(), (ulong)_cloud.Machines.Sum(m => m.Requests));
        }
    }

    private void Start(Actor actor)
    {
        _cloud.Promises.Tell(
            $"m{actor.Number} starts ({(actor.IsPipeline ? "pipeline" : "workstation")}, {actor.Wants}, clock "
                + $"{actor.Skew.TotalSeconds:+0;-0}s)");
        var machine = new Machine(
            _cloud, actor.Number, _scenario.Inventory, actor.IsPipeline)
        { Skew = actor.Skew, TakesOver = actor.Wants == Wish.TakeOver };
        _machines[actor.Number] = machine;
        var secret = Secrets[actor.Number % Secrets.Count];
        switch (actor.Wants)
        {
            case Wish.RollBack:
                machine.Start(
                    (job, stop) => job.RollbackAsync(
                        _scenario.Inventory, new RollbackRequest(secret.Name, _first[secret.Name].Value, "simulation", "a drill"), stop));
                break;
            case Wish.Force:
                _cloud.Promises.Forced(secret.Name);
                Rotate(machine, new PlanRequest { Force = [secret.Name], ForcedBy = "simulation", ForceReason = "a drill" });
                break;
            case Wish.TakeOver:
                Rotate(machine, new PlanRequest { TakeOver = [.. Secrets.Where(IsHeldByTheDead).Select(s => s.Name)] });
                break;
            default:
                Rotate(machine, PlanRequest.Everything);
                break;
        }
    }

    private void Rotate(Machine machine, PlanRequest request) =>
        machine.Start((job, stop) => job.RunAsync(_scenario.Inventory, request, null, stop));

    private bool IsHeldByTheDead(ManagedSecret secret) =>
        _cloud.Shelf(secret).Holder is { } holder && _machines.Values.Any(m => m.Self.Format() == holder && (m.IsDead || m.HasEnded));

    private void Happen(Incident incident)
    {
        if (incident.Kind is IncidentKind.Kill or IncidentKind.Cancel or IncidentKind.Sleep)
        {
            if (_machines.TryGetValue(incident.On, out var machine) && machine is { IsDead: false, HasEnded: false })
                Strike(machine, incident);
            return;
        }

        _cloud.Promises.Tell($"{incident}");
        switch (incident.Kind)
        {
            case IncidentKind.Edit:
                _cloud.EditByHand(Secrets[incident.On], Secrets[incident.On].Targets[0]);
                break;
            case IncidentKind.Delete:
                _cloud.DeleteByHand(Secrets[incident.On], Secrets[incident.On].Targets[^1]);
                break;
            case IncidentKind.RotateElsewhere:
                _cloud.RotateElsewhere(Secrets[incident.On]);
                _cloud.Promises.LookAgain(Secrets[incident.On]);
                break;
            case IncidentKind.ChangeAtBackend:
                _cloud.ChangeAtBackend(Secrets[incident.On]);
                break;
            default:
                var troubled = incident.Kind == IncidentKind.NoCreation ? "bitbucket.post" : Scenario.Services[incident.On];
                _nature.Troubles[troubled] = incident.Kind switch
                {
                    IncidentKind.Burst =>
                    Fate.Busy,
                    IncidentKind.Outage => Fate.Dropped,
                    _ => Fate.Denied
                };
                _cloud.Time.After(incident.For, () => _nature.Troubles.Remove(troubled));
                break;
        }
    }

    private void Strike(Machine machine, Incident incident)
    {
        _cloud.Promises.Tell($"{machine}: {incident.Kind}");
        switch (incident.Kind)
        {
            case IncidentKind.Kill:
                machine.Die();
                break;
            case IncidentKind.Cancel:
                machine.Receive(machine.Cancellation.Cancel);
                break;
            default:
                machine.AsleepUntil = _cloud.Time.Now + incident.For;
                break;
        }
    }

    // Once nothing goes wrong any more, every secret comes right, and every due one is rotated.
    private async Task ClearUpAsync()
    {
        _nature.IsCalm = true;
        _cloud.SettleListings();
        _cloud.DescriptionLag = Duration.Zero;
        _cloud.Time.Skip(Duration.FromHours(6));
        foreach (var target in Secrets.SelectMany(s => s.Targets).Where(_cloud.DeletedByHand.Contains))
            _cloud.CreateByHand(target);
        foreach (var secret in Secrets.Where(s => s.Backend is not null))
            _cloud.UndoByHand(secret);
        for (var run = 0; run < 2; run++)
        {
            await CleanRunAsync(101 + run);
            _cloud.Time.Skip(Duration.FromHours(1));
        }

        foreach (var secret in Secrets)
            _cloud.Promises.Whole(secret, exceptByHand: true);
        _cloud.Time.Skip(Duration.FromDays(31));
        var before = Secrets.ToDictionary(s => s.Name, s => _cloud.Shelf(s).Current, StringComparer.Ordinal);
        await CleanRunAsync(103);
        foreach (var secret in Secrets)
        {
            _cloud.Promises.Must(
                _cloud.Shelf(secret).Current != before[secret.Name], "liveness", $"{secret.Name} is due and isn't rotated");
            _cloud.Promises.Whole(secret);
            _cloud.Promises.Tidy(secret);
        }

        // Once graces are over, and what was disabled is deleted, backends keep what vaults name.
        if (Secrets.All(secret => secret.Backend is null))
            return;
        foreach (var (pause, number) in new[] { (Duration.FromHours(2), 104), (Duration.FromDays(8), 105) })
        {
            _cloud.Time.Skip(pause);
            await CleanRunAsync(number);
        }

        foreach (var secret in Secrets)
            _cloud.Promises.NoOrphan(secret, _cloud.Machines[^1]);
    }

    private async Task CleanRunAsync(int number)
    {
        var (machine, code) = await RunAsync(number);
        // The credential of a staged version may be gone; and what can't be told from a stranger's is named, and its operator deletes it.
        if (code != ExitCode.Done && Secrets.Any(secret => _cloud.Credentials(secret) is { Issues: true })
            && (code == ExitCode.RolledBack | Secrets.Aggregate(false, (deleted, secret) => _cloud.DeleteNamed(secret, machine) | deleted)))
            (machine, code) = await RunAsync(number + 100);
        _cloud.Promises.Must(code == ExitCode.Done, "liveness", $"the clean run {machine} ended with {code}");
    }

    private async Task<(Machine Run, ExitCode Code)> RunAsync(int number)
    {
        _cloud.Promises.Tell($"all is calm; a clean run begins, m{number}");
        var machine = new Machine(_cloud, number, _scenario.Inventory);
        Rotate(machine, PlanRequest.Everything);
        await StepUntilOverAsync();
        _cloud.Promises.Ended(machine);
        return (machine, machine.Result is null ? ExitCode.Unexpected : ExitCodes.Of(machine.Result));
    }
}
