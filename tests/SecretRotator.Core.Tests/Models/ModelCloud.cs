using NodaTime.Testing;

namespace SecretRotator.Tests.Models;

/// <summary>
/// A vault and a Bitbucket in memory, which keep what the real ones keep, and a fate for every call. What stands
/// here survives the process; a <see cref="ModelMachine"/> doesn't.
/// </summary>
internal sealed class ModelCloud
{
    public static readonly Instant Start = Instant.FromUtc(2026, 11, 23, 2, 0);

    private int _uuids;

    public FakeClock Clock { get; } = new(Start);

    public Dictionary<string, ModelSecret> Secrets { get; } = new(StringComparer.Ordinal);

    public Dictionary<VariableScope, List<ModelVariable>> Variables { get; } = [];

    /// <summary>The systems that accept credentials, by the names of their secrets.</summary>
    public Dictionary<string, ModelCredentials> Backends { get; } = new(StringComparer.Ordinal);

    /// <summary>What happens after each call that took effect, told its name.</summary>
    public Action<string> OnEffect { get; set; } = _ => { };

    /// <summary>The fate of each call by its name, such as <c>put payments:DB</c>, and its number among the calls of that name, from
    /// 1.</summary>
    public Func<string, int, CallFate> Fate { get; set; } = (_, _) => CallFate.Works;

    /// <summary>Lets something happen at each call whose name begins so. All calls work.</summary>
    public void At(string call, Action happens) => Fate = (made, _) =>
    {
        if (made.StartsWith(call, StringComparison.Ordinal))
            happens();
        return CallFate.Works;
    };

    public List<string> Calls { get; } = [];

    /// <summary>What claims were asked for.</summary>
    public List<ClaimRequest> Claims { get; } = [];

    public List<ModelPipeline> Pipelines { get; } = [];

    /// <summary>Keys that no step of a pipeline answers for.</summary>
    public HashSet<string> UnlistedKeys { get; } = new(StringComparer.Ordinal);

    /// <summary>The nonces that pipelines were given.</summary>
    public List<string> Nonces { get; } = [];

    /// <summary>What happens to a pipeline before it runs.</summary>
    public Action<ModelPipeline> OnPipeline { get; set; } = _ => { };

    /// <summary>Whether the claim is the staged version, as on AWS, or stands apart from it, as on Azure.</summary>
    public bool ClaimStages { get; set; } = true;

    /// <summary>Whether every PUT had an earlier try without an answer.</summary>
    public bool MayLandAgain { get; set; }

    public string NewUuid() => $"00000000-0000-4000-8000-{++_uuids:d12}";

    public CallFate Call(string name)
    {
        int number;
        lock (Calls)
        {
            Calls.Add(name);
            number = Calls.Count(c => c == name);
        }

        return Fate(name, number);
    }

    /// <summary>A secret that was delivered <paramref name="age"/> ago to all of its targets that exist.</summary>
    public void Deliver(ManagedSecret secret, string content, Duration age)
    {
        var since = Clock.GetCurrentInstant() - age;
        foreach (var target in secret.Targets)
        {
            Variables.TryAdd(target.Scope, []);
            if (target.MayCreate)
                continue;
            using var whole = SecretValue.FromText(content);
            using var value = TargetValue.Of(target, whole);
            var (uuid, key, secured) = TargetValue.Holding(target, new(NewUuid(), target.Variable, Secured: true), value);
            Variables[target.Scope].Add(new ModelVariable(uuid, key, value.RevealText(), secured));
        }

        var version = NewUuid();
        Secrets[secret.Path] = new ModelSecret
        {
            Current = version,
            Versions = { [version] = (content, since) },
            Delivered = new DeliveryMark(new(version), since, since, Digest(secret), VerificationLevel.Listed, new(version)),
        };
    }

    public string Digest(ManagedSecret secret) => TargetsDigest.Of(secret, secret.Targets.Select(t => t.Scope).Distinct().ToDictionary(
        s => s, ScopeObservation (s) => new ScopeObservation.Listed([.. Variables[s].Select(v => v.Observed)])));

    /// <summary>Makes another value current, as someone else would.</summary>
    public void MoveCurrent(ManagedSecret secret, string content = "made-elsewhere")
    {
        var (vault, version) = (Secrets[secret.Path], NewUuid());
        vault.Versions[version] = (content, Clock.GetCurrentInstant());
        (vault.Previous, vault.Current) = (vault.Current, version);
    }

    public ModelVariable? Find(VariableTarget target) => Variables[target.Scope].Find(v => v.Key == target.Variable);

    /// <summary>The current content, and whether every target holds its part of it and is secured.</summary>
    public bool Agrees(ManagedSecret secret)
    {
        using var content = SecretValue.FromText(Secrets[secret.Path].CurrentContent);
        foreach (var target in secret.Targets)
        {
            using var value = TargetValue.Of(target, content);
            if (Find(target) is not { Secured: true } variable || variable.Value != value.RevealText())
                return false;
        }

        return true;
    }
}
