using SecretRotator.Evidence;
using SecretRotator.Reliability.World.Vaults;
using SecretRotator.Rotation;

namespace SecretRotator.Reliability.World;

/// <summary>A promise of the protocol that didn't hold.</summary>
/// <param name="Promise">Which one, such as <c>P1</c>.</param>
/// <param name="What">What was seen, without values.</param>
internal sealed record Broken(string Promise, string What);

/// <summary>
/// Watches a cloud and holds every event against the promises of <c>PROTOCOL.md</c>. It judges by the
/// services' state and by what runs say, and knows nothing of how the product does its work.
/// </summary>
internal sealed class Promises(Cloud cloud) : IWitness
{
    private readonly Dictionary<string, ManagedSecret> _byResource = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, Watched> _watched = new(StringComparer.Ordinal);
    private readonly HashSet<string> _written = new(StringComparer.Ordinal);
    private readonly List<Broken> _broken = [];
    private readonly List<string> _history = [];

    /// <summary>What is known of one secret.</summary>
    private sealed class Watched
    {
        public Shelf Shelf { get; set; } = null!;

        /// <summary>The machines that someone else had a hand in it for, since they took its claim.</summary>
        public HashSet<Machine> Disturbed { get; } = [];

        /// <summary>The version that was current when the claim was taken.</summary>
        public string Base { get; set; } = "";

        /// <summary>Whether vault and targets disagreed already when the claim was taken: an undo brings back no more than that.</summary>
        public bool WasTorn { get; set; }

        /// <summary>Whether vault and targets agreed when a machine let go of its claim.</summary>
        public Dictionary<Machine, (bool Delivered, bool Undone)> Released { get; } = [];

        /// <summary>Machines whose requests changed its targets or its current version.</summary>
        public HashSet<Machine> Writers { get; } = [];

        /// <summary>The contents that any target was ever given by the tool, with the parts of each target.</summary>
        public Dictionary<(VariableTarget Target, string Content), string?> Parts { get; } = [];

        /// <summary>The contents that were current, and until when a target had them while they were: pipelines that began before hold
        /// them.</summary>
        public Dictionary<string, Instant> HeldUntil { get; } = new(StringComparer.Ordinal);

        /// <summary>Whether someone asked for a rotation that ends a grace at once.</summary>
        public bool EndsGraces { get; set; }

        /// <summary>When a person had a hand in it last, or null.</summary>
        public Instant? InterferedAt { get; set; }

        /// <summary>When which version is current was looked at last, by the machines that have done nothing with the secret
        /// since.</summary>
        public Dictionary<Machine, Instant> LookedAt { get; } = [];
    }

    /// <summary>Everything that didn't hold.</summary>
    public IReadOnlyList<Broken> Broken => _broken;

    /// <summary>What happened, for people.</summary>
    public IReadOnlyList<string> History => _history;

    /// <summary>How many checks were made of each promise.</summary>
    public SortedDictionary<string, long> Checks { get; } = new(StringComparer.Ordinal);

    /// <summary>How often a secret came to be current on a new version by this tool.</summary>
    public Dictionary<string, int> Promotions { get; } = new(StringComparer.Ordinal);

    /// <summary>Whether to keep a history: it costs time.</summary>
    public bool KeepsHistory { get; set; }

    /// <summary>Begins to watch a cloud that is furnished.</summary>
    public void Begin()
    {
        foreach (var secret in cloud.Inventory.Secrets)
        {
            _watched[secret.Name] = new Watched { Shelf = cloud.Shelf(secret) };
            Promotions[secret.Name] = 0;
            _byResource[secret.Path] = secret;
            foreach (var target in secret.Targets)
                _byResource[target.ToString()] = secret;
        }
    }

    /// <summary>Notes a value that someone wrote by hand, so that no vault needs to know it.</summary>
    public string Known(string value)
    {
        _written.Add(value);
        return value;
    }

    /// <summary>Notes that someone else had a hand in a secret.</summary>
    public void Interfered(ManagedSecret secret)
    {
        Tell($"someone changes {secret.Name} by hand");
        if (_watched.TryGetValue(secret.Name, out var watched))
        {
            watched.InterferedAt = cloud.Time.Now;
            watched.Disturbed.UnionWith(cloud.Machines);
        }
    }

    /// <summary>Notes that an operator forces a rotation, which waits for no grace.</summary>
    public void Forced(string secret) => _watched[secret].EndsGraces = true;

    /// <summary>Looks again after someone changed the vault by hand. What they lost there isn't for the tool to keep.</summary>
    public void LookAgain(ManagedSecret secret)
    {
        var watched = _watched[secret.Name];
        watched.Shelf = cloud.Shelf(secret);
        foreach (var target in secret.Targets)
        {
            if (cloud.Find(target) is { } variable
                && !watched.Shelf.Readable.Any(content => Part(watched, target, content) == variable.Value))
                _written.Add(variable.Value);
        }
    }

    /// <summary>Tells something for the history.</summary>
    public void Tell(string what)
    {
        if (KeepsHistory)
            _history.Add($"{(cloud.Time.Now - VirtualTime.Start).TotalSeconds,10:0.000}s  {what}");
    }

    public void Sent(Request request, Treatment treatment)
    {
        if (KeepsHistory && treatment.Fate != Fate.Works)
            Tell($"{request.From} {request} #{request.Number}: {treatment.Fate}");
        if (request.Service == "backend" && Concerned(request) is { } secret
            && _watched[secret.Name].LookedAt.TryGetValue(request.From, out var at))
            request.Looked = at;
    }

    public void TookEffect(Request request, bool late)
    {
        if (!late && Concerned(request) is { } its)
            NoteLook(request, _watched[its.Name], its);
        if (!request.Writes)
            return;
        if (KeepsHistory)
            Tell($"{request.From} {request}{(late ? " takes effect late" : "")}");
        if (Concerned(request) is not { } secret)
            return;
        var watched = _watched[secret.Name];
        var (before, after) = (watched.Shelf, cloud.Shelf(secret));
        var changes = request.Service == "bitbucket" && !IsClaim(request) || request.Service == "backend"
            || before.Current != after.Current;
        if (changes)
            Changed(request, secret, watched, before, after, late);
        var disturbed = watched.Disturbed.Contains(request.From);
        if (before.Holder != after.Holder && before.Holder == request.From.Self.Format())
            watched.Released[request.From] = (
                disturbed || cloud.Agrees(secret, delivered: true), disturbed || watched.WasTorn || cloud.Agrees(secret, delivered: false));
        if (before.Holder != after.Holder && request.From.TakesOver
            && cloud.Machines.Find(m => m.Self.Format() == before.Holder) is { IsDead: false, HasEnded: false } alive
            && alive != request.From)
        {
            Tell($"{request.From} takes {secret.Name} from {alive}, which is alive, on its operator's word");
            watched.Disturbed.UnionWith(cloud.Machines);
        }

        if (after.Holder == request.From.Self.Format() && before.Holder != after.Holder)
        {
            (watched.WasTorn, watched.Base) = (!cloud.Agrees(secret, delivered: false), after.Current);
            watched.Disturbed.Remove(request.From);
        }

        // A creation whose run has long ended, and undone what it did, finds a key that another run has just freed: no vault keeps its
        // value
        // that long. The next run sees another variable and replaces it; docs/reliability.md says so.
        if (late && request is { Service: "bitbucket", Operation: "post", From.HasEnded: true }
            && secret.Targets.FirstOrDefault(
                target => string.Equals(target.ToString(), request.Resource, StringComparison.OrdinalIgnoreCase)) is { } made
                    && cloud.Find(made) is { } born)
            _written.Add(born.Value);
        watched.Shelf = after;
        NothingIsLost(secret, watched);
        if (cloud.Credentials(secret) is not { } store)
            return;
        if (request is { Service: "backend", Operation: "set" or "enable" } && store.Log[^1].Split(' ')[1] is var user
            && store.Enabled.Contains(user) && !store.ByHand.Contains(user))
            Must(watched.Shelf.Readable.Any(content => content.Contains(store.PasswordOf(user), StringComparison.Ordinal)),
                "P2", $"{request.From} made the backend of {secret.Name} accept a value that no version has");
        NotePersonBetween(request, watched, store);
        NoHolderIsRefused(secret, watched, store);
    }

    private void NoteLook(Request request, Watched watched, ManagedSecret secret)
    {
        var world = VaultWorlds.Of(secret);
        if (request.Service == world.Service && world.ShowsCurrent(request, secret))
            watched.LookedAt[request.From] = cloud.Time.Now - world.Lag(cloud);
        else if (request.Writes || request.Service == "backend")
            watched.LookedAt.Remove(request.From);
    }

    // Vault and backend have no compare-and-set in common: a version that a person makes between the last look at the vault and the write
    // to its slot is locked out.
    private static void NotePersonBetween(Request request, Watched watched, CredentialStore store)
    {
        if (request is { Service: "backend", Looked: { } looked } && watched.InterferedAt > looked
            && store.Log[^1].Split(' ')[1] is var written && written == store.UserOf(watched.Shelf.CurrentContent))
            store.ByHand.Add(written);
    }

    /// <summary>A run wrote evidence.</summary>
    public void Told(Machine machine, EvidenceRecord record)
    {
        if (record is not EvidenceRecord.Ended ended)
            return;
        Tell($"{machine} {ended.Secret}: "
            + $"{ended.Outcome.GetType().Name}{(ended.Outcome is RotationOutcome.NeedsOperator n ? " (" + n.Cause.Message + " | " + string.Join(" ", n.NotUndone) + ")" : ended.Outcome is RotationOutcome.Untouched u ? $" ({u.Decision})" : ended.Outcome is RotationOutcome.RolledBack r ? $" ({r.Cause})" : "")}");
        var watched = _watched[ended.Secret];
        var agreed = watched.Released.TryGetValue(machine, out var whole) ? whole : ((bool Delivered, bool Undone)?)null;
        switch (ended.Outcome)
        {
            case RotationOutcome.Rotated or RotationOutcome.Redelivered or RotationOutcome.Adopted:
                Must(agreed is { Delivered: true } || (agreed is null && (watched.Disturbed.Contains(machine) || IsWholeAnyway())),
                    "P1", $"{machine} says {ended.Outcome.GetType().Name}, and {ended.Secret} "
                        + $"{(agreed is null ? "was never released" : "was torn when it let go")}");
                break;
            case RotationOutcome.RolledBack:
                Must(agreed is not { Undone: false } || !watched.Writers.Contains(machine),
                    "P1", $"{machine} says RolledBack, and {ended.Secret} was torn when it let go");
                Must(agreed is not null || !watched.Writers.Contains(machine),
                    "P3", $"{machine} says RolledBack, and still holds the claim on {ended.Secret}, which it wrote to");
                break;
            case RotationOutcome.Untouched:
                Must(!watched.Writers.Contains(machine), "P5", $"{machine} says Untouched, and wrote to {ended.Secret}");
                Must(watched.Shelf.Holder != machine.Self.Format(),
                    "P3", $"{machine} says Untouched, and its claim on {ended.Secret} stands");
                break;
        }

        // Another run may have finished what this one slept over: what it says is true all the same.
        bool IsWholeAnyway() => watched.Shelf.Holder != machine.Self.Format()
            && cloud.Agrees(cloud.Inventory.Secrets.Single(secret => secret.Name == ended.Secret), delivered: true);
    }

    /// <summary>Checks what can be said once a run is over: its texts hold no value.</summary>
    public void Ended(Machine machine)
    {
        if (machine.Failure is { } failure)
            Must(failure is EvidenceException or OperationCanceledException,
                "P3", $"{machine} ended with an exception: {failure.GetType().Name}: {failure.Message} {failure.StackTrace}");
        var values = cloud.Inventory.Secrets.SelectMany(s => _watched[s.Name].Parts.Values).OfType<string>().Distinct().ToList();
        foreach (var record in machine.Evidence)
        {
            var text = record.ToString();
            Must(!values.Exists(v => text.Contains(v, StringComparison.Ordinal)),
                "P6", $"the evidence of {machine} holds a value: {record.GetType().Name}");
        }
    }

    /// <summary>Checks that everything is whole: vault and targets agree, and no rotation stands open.</summary>
    /// <param name="secret">The secret.</param>
    /// <param name="exceptByHand">Whether targets may hold what a person wrote there: that can't be seen, and only the next rotation fixes
    /// it.</param>
    public void Whole(ManagedSecret secret, bool exceptByHand = false)
    {
        var byHand = exceptByHand && secret.Targets.Any(target => cloud.Find(target) is { } variable && _written.Contains(variable.Value));
        Must(byHand || cloud.Agrees(secret, delivered: true), "P4", $"{secret.Name} isn't whole after a clean run: {Difference(secret)}");
        var holder = cloud.Shelf(secret).Holder;
        Must(holder is null, "P4", $"a clean run leaves a claim on {secret.Name}: {holder}");
        cloud.Credentials(secret)?.ByHand.Clear();
    }

    /// <summary>Checks that nothing is left lying about.</summary>
    public void Tidy(ManagedSecret secret)
    {
        var left = cloud.Shelf(secret).Traces;
        Must(left.IsEmpty, "P4", $"marks are left on {secret.Name} after the next rotation: {string.Join(", ", left)}");
    }

    /// <summary>Checks, once every grace is over, that the backend keeps no credential that no version names, or that the last run named
    /// it.</summary>
    public void NoOrphan(ManagedSecret secret, Machine last)
    {
        if (cloud.Credentials(secret) is not { } store)
            return;
        Must(store.Accepts(cloud.Shelf(secret).CurrentContent), "P8", $"the current credential of {secret.Name} is refused in the end");
        var left = Leftovers(secret).Where(user => !IsNamedBy(last, user)).ToList();
        Must(left.Count == 0, "P10", $"no version of {secret.Name} names {string.Join(", ", left)}, which its backend keeps");
    }

    /// <summary>What a backend keeps although the current version doesn't name it. Where people had a hand in it, any version's name
    /// will do.</summary>
    public IReadOnlyList<string> Leftovers(ManagedSecret secret)
    {
        if (cloud.Credentials(secret) is not { Overlaps: true } store)
            return [];
        var shelf = cloud.Shelf(secret);
        var naming = _watched[secret.Name].InterferedAt is not null ? shelf.Readable : [shelf.CurrentContent];
        return
        [
            .. (store.Issues ? store.All : store.Enabled).Except(naming.Select(store.UserOf)).Where(user => !store.ByHand.Contains(user)),
        ];
    }

    /// <summary>Whether a run told its operator of a credential.</summary>
    public static bool IsNamedBy(Machine run, string user) => run.Evidence.OfType<EvidenceRecord.Ended>().Any(
        record => $"{record.Outcome}".Contains(user + " ", StringComparison.Ordinal));

    /// <summary>Notes a broken promise where something isn't so.</summary>
    public void Must(bool holds, string promise, string what)
    {
        Checks[promise] = Checks.GetValueOrDefault(promise) + 1;
        if (holds)
            return;
        Tell($"BROKEN {promise}: {what}");
        _broken.Add(new Broken(promise, what));
    }

    private void Changed(Request request, ManagedSecret secret, Watched watched, Shelf before, Shelf after, bool late)
    {
        var from = request.From;
        if (!late)
        {
            Must(before.Holder == from.Self.Format() || (before.Holder != from.Self.Format() && watched.Disturbed.Contains(from)),
                "P5", $"{from} changed {secret.Name} ({request}) while the claim was {before.Holder ?? "no one's"}");
            // What an interrupted rotation left is cleared away before anything is decided.
            if (request is not { Service: "backend", Operation: "delete" })
                watched.Writers.Add(from);
        }
        else if (request.Service != "backend" && before.Holder is not null && before.Holder != from.Self.Format())
        {
            watched.Disturbed.UnionWith(cloud.Machines.Where(m => m != from));
        }

        if (before.Current == after.Current)
            return;
        Promotions[secret.Name]++;
        Must(late || !VaultWorlds.Of(secret).ComparesOnPromotion || before.Current == watched.Base,
            "P5", $"{from} covered a version of {secret.Name} that someone else had made current");
        if (cloud.Credentials(secret) is { } store && !store.ByHand.Contains(store.UserOf(after.CurrentContent)))
            Must(store.WasAccepted(after.CurrentContent),
                "P8", $"{from} made a version of {secret.Name} current that wasn't accepted after the last write");
        Must(after.Staged.Contains(after.CurrentContent),
            "P4", $"{from} made a version of {secret.Name} current that isn't the staged one");
    }

    // What a target holds must be readable in the vault, unless a person wrote it there.
    private void NothingIsLost(ManagedSecret secret, Watched watched)
    {
        foreach (var target in secret.Targets)
        {
            if (cloud.Find(target) is not { } variable || _written.Contains(variable.Value))
                continue;
            Must(watched.Shelf.Readable.Any(content => Part(watched, target, content) == variable.Value),
                "P2", $"{target} holds a value that no version of {secret.Name} has");
        }
    }

    // Whoever reads the vault or a target now, and whoever read a target before the last rotation and may run still.
    private void NoHolderIsRefused(ManagedSecret secret, Watched watched, CredentialStore store)
    {
        if (!store.Overlaps || secret.Grace is not { } grace)
            return;
        var shelf = watched.Shelf;
        Must(IsLetIn(shelf.CurrentContent), "P9", $"the current credential of {secret.Name} is refused");
        foreach (var target in secret.Targets)
        {
            if (cloud.Find(target) is not { } variable || _written.Contains(variable.Value))
                continue;
            var held = shelf.Readable.Where(content => Part(watched, target, content) == variable.Value).ToList();
            Must(held.Count == 0 || held.Exists(IsLetIn), "P9", $"{target} holds a credential that is refused");
            // What a rotation sent that was undone has no grace.
            if (held.Contains(shelf.CurrentContent))
                watched.HeldUntil[shelf.CurrentContent] = cloud.Time.Now;
        }

        foreach (var (content, until) in watched.HeldUntil)
        {
            if (!watched.EndsGraces && watched.InterferedAt is null && cloud.Time.Now < until + grace.Longest)
                Must(IsLetIn(content),
                    "P9", $"a pipeline that began before the last rotation of {secret.Name} is refused within its grace");
        }

        bool IsLetIn(string content) => store.Accepts(content) || store.ByHand.Contains(store.UserOf(content));
    }

    private static string? Part(Watched watched, VariableTarget target, string content)
    {
        if (!watched.Parts.TryGetValue((target, content), out var part))
            watched.Parts[(target, content)] = part = Cloud.Part(target, content);
        return part;
    }

    private string Difference(ManagedSecret secret)
    {
        var shelf = cloud.Shelf(secret);
        return string.Join(", ", secret.Targets.Select(target => $"{target} " + (cloud.Find(target) switch
        {
            null => "is missing",
            { Secured: false } => "isn't secured",
            var variable when variable.Value == Cloud.Part(target, shelf.CurrentContent) => "is current",
            var variable when _written.Contains(variable.Value) => "was written by hand",
            _ => "holds another version",
        })));
    }

    private static bool IsClaim(Request request) => request.Resource.Contains("SECRET_ROTATOR_CLAIM_", StringComparison.Ordinal);

    private ManagedSecret? Concerned(Request request)
    {
        var resource = request.Resource;
        if (IsClaim(request))
            return cloud.Inventory.Secrets.FirstOrDefault(
                s => VaultWorlds.Of(s).ClaimKey(s) is { } key && resource.EndsWith(key, StringComparison.Ordinal));
        if (request.Service == "bitbucket")
            return _byResource.GetValueOrDefault(resource);
        var companion = resource.IndexOf("-staged", StringComparison.Ordinal);
        if (companion > 0)
            resource = resource[..companion];
        // A deleted variable is only known by its uuid any more: nothing was changed.
        return _byResource.GetValueOrDefault(resource);
    }
}
