using SecretRotator.Rotation;

namespace SecretRotator.Tests.Rotation;

/// <summary>
/// Every call of a rotation with a backend, with every fate: at no instant is a credential refused that the vault or a target names, and
/// once the runs after it have ended there is none that no version names (P8, P9 and P10 of PROTOCOL.md).
/// </summary>
public sealed class BackendMatrixTests
{
    private const int MostRuns = 6;

    private static readonly CallFate[] Fates =
        [CallFate.Refused, CallFate.AnswerLost, CallFate.RequestLost, CallFate.DiesBefore, CallFate.DiesAfter];

    public static TheoryData<BackendFamily, bool, string> Situations => new()
    {
        { BackendFamily.Set, true, "due" },
        { BackendFamily.Set, true, "due, with an old one in grace" },
        { BackendFamily.Set, true, "forced, with an old one in grace" },
        { BackendFamily.Set, true, "grace over" },
        { BackendFamily.Set, true, "rolled back within the grace" },
        { BackendFamily.Set, true, "rolled back after the grace" },
        { BackendFamily.Set, true, "changed elsewhere" },
        { BackendFamily.Set, false, "due" },
        { BackendFamily.Issue, true, "due" },
        { BackendFamily.Issue, true, "due, with an old one in grace" },
        { BackendFamily.Issue, true, "forced, with an old one in grace" },
        { BackendFamily.Issue, true, "grace over" },
        { BackendFamily.Issue, true, "to be deleted" },
        { BackendFamily.Issue, true, "rolled back within the grace" },
        { BackendFamily.Issue, true, "rolled back while it is disabled" },
    };

    [Theory]
    [MemberData(nameof(Situations))]
    public async Task Nobody_who_holds_a_valid_credential_is_refused_and_none_is_left_over(
        BackendFamily family, bool overlaps, string situation)
    {
        var (whole, _) = await PlayAsync(family, overlaps, situation, fate: null);
        whole.Should().NotBeEmpty();
        var broken = new List<string>();
        var numbers = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var call in whole)
        {
            var number = numbers[call] = numbers.GetValueOrDefault(call) + 1;
            foreach (var fate in Fates)
            {
                var (_, why) = await PlayAsync(family, overlaps, situation, (call, number, fate));
                if (why is not null)
                    broken.Add($"{call} #{number} {fate}: {why}");
            }
        }

        broken.Should().BeEmpty();
    }

    private static async Task<(List<string> Calls, string? Broken)> PlayAsync(
        BackendFamily family, bool overlaps, string situation, (string Call, int Number, CallFate Fate)? fate)
    {
        var scene = new BackendScene(family, overlaps);
        string? broken = null;
        var (request, rollBackTo) = await PrepareAsync(scene, situation);
        scene.Cloud.OnEffect = _ => broken ??= scene.FindBroken();
        scene.Cloud.Calls.Clear();
        scene.Cloud.Fate = (call, number) => fate is var (name, nth, what) && call == name && number == nth ? what : CallFate.Works;
        RotationOutcome? outcome = null;
        try
        {
            outcome = rollBackTo is null ? await scene.RunAsync(request) : await scene.RollBackAsync(rollBackTo);
        }
        catch (ProcessDiedException)
        {
        }

        List<string> calls = [.. scene.Cloud.Calls];
        scene.Cloud.Fate = (_, _) => CallFate.Works;
        broken ??= outcome is RotationOutcome.Rotated or RotationOutcome.RolledBack && overlaps ? scene.FindBroken() : null;
        for (var run = 0; run < MostRuns && broken is null; run++)
        {
            scene.Machine = scene.Machine.Successor();
            scene.Cloud.Clock.Advance(Duration.FromMinutes(20));
            outcome = await scene.RunAsync();
            if (outcome is RotationOutcome.Untouched && scene.Vault.Open is null)
                break;
        }

        broken ??= scene.FindBroken();
        if (broken is null && !scene.Kept.Accepts(scene.Vault.CurrentContent))
            broken = "what is current is refused in the end";
        if (broken is null && !scene.Cloud.Agrees(scene.Secret))
            broken = "vault and targets don't agree in the end";
        if (broken is null && scene.Orphans().ToList() is { Count: > 0 } orphans)
            broken = $"no version names {string.Join(", ", orphans)} in the end ({outcome})";
        return (calls, broken);
    }

    private static async Task<(PlanRequest? Request, string? RollBackTo)> PrepareAsync(BackendScene scene, string situation)
    {
        if (situation == "due")
            return (null, null);
        var first = scene.Vault.Current;
        (await scene.RunAsync()).Should().BeOfType<RotationOutcome.Rotated>();
        scene.Machine = scene.Machine.Successor();
        switch (situation)
        {
            case "due, with an old one in grace":
                scene.Cloud.Clock.Advance(Duration.FromDays(40));
                return (null, null);
            case "forced, with an old one in grace":
                scene.Cloud.Clock.Advance(Duration.FromMinutes(30));
                return (BackendScene.Force, null);
            case "grace over":
                scene.Cloud.Clock.Advance(Duration.FromHours(2));
                return (null, null);
            case "to be deleted":
                await RetireAsync(scene);
                scene.Cloud.Clock.Advance(Duration.FromDays(8));
                return (null, null);
            case "rolled back within the grace":
                scene.Cloud.Clock.Advance(Duration.FromMinutes(30));
                return (null, first);
            case "rolled back after the grace" or "rolled back while it is disabled":
                await RetireAsync(scene);
                scene.Cloud.Clock.Advance(Duration.FromMinutes(30));
                return (null, first);
            default:
                // A person writes a version by hand, with the credential that is in use.
                scene.Vault.Versions["by-hand"] = (scene.Vault.CurrentContent, scene.Cloud.Clock.GetCurrentInstant());
                scene.Vault.Current = "by-hand";
                scene.Cloud.Clock.Advance(Duration.FromDays(1));
                return (null, null);
        }
    }

    private static async Task RetireAsync(BackendScene scene)
    {
        scene.Cloud.Clock.Advance(Duration.FromHours(2));
        (await scene.RunAsync()).Should().BeOfType<RotationOutcome.Retired>();
        scene.Machine = scene.Machine.Successor();
    }
}
