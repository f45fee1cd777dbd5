using SecretRotator.Backends;

namespace SecretRotator.Reliability.World;

/// <summary>What a backend keeps of one secret's credentials. It survives every process.</summary>
internal sealed class CredentialStore(ModelBackendDefinition definition, VirtualTime time)
{
    private const int MostRefusedLogins = 3;

    private static readonly Duration LockedFor = Duration.FromMinutes(10);

    // The delay of what a backend with several servers has taken: shorter than the longest that its traits name.
    private readonly Duration _lag = definition.Traits.Lag * 0.6;
    private readonly Dictionary<string, (string User, string Password)> _parsed = new(StringComparer.Ordinal);
    private readonly Dictionary<(string User, string Password), int> _accepted = [];
    private int _happened;

    private sealed class Credential
    {
        public string Password { get; set; } = "";

        public bool Enabled { get; set; } = true;

        public Instant ValidFrom { get; set; } = Instant.MinValue;

        public Instant DisabledAt { get; set; } = Instant.MinValue;

        public Instant MadeAt { get; init; }

        public Instant? UsedAt { get; set; }

        public RotationId? MadeBy { get; init; }

        public int Refused { get; set; }

        public Instant LockedUntil { get; set; } = Instant.MinValue;

        public int WrittenAt { get; set; }
    }

    private readonly SortedDictionary<string, Credential> _slots = new(StringComparer.Ordinal);

    /// <summary>Every call that took effect, such as <c>set b</c>.</summary>
    public List<string> Log { get; } = [];

    /// <summary>The slots that a person wrote to or made.</summary>
    public HashSet<string> ByHand { get; } = new(StringComparer.Ordinal);

    public bool Issues => definition.Family == BackendFamily.Issue;

    public bool Overlaps => definition.Traits.Overlaps;

    /// <summary>The slots whose credential is accepted, or will be.</summary>
    public IEnumerable<string> Enabled => _slots.Where(slot => slot.Value.Enabled).Select(slot => slot.Key);

    /// <summary>All of them.</summary>
    public IEnumerable<string> All => _slots.Keys;

    public static string Content(string user, string password) => $$"""{"user":"{{user}}","password":"{{password}}"}""";

    /// <summary>The password of a slot.</summary>
    public string PasswordOf(string user) => _slots[user].Password;

    /// <summary>The identity that a content names.</summary>
    public string UserOf(string content) => Parse(content).User;

    /// <summary>The first credential, of long ago.</summary>
    public string Begin(string user, string password)
    {
        _slots[user] = new Credential { Password = password };
        if (!Issues && Overlaps)
            _slots["b"] = new Credential { Password = "never", Enabled = false };
        return Content(user, password);
    }

    /// <summary>Whether who holds a content is let in, whatever server is asked.</summary>
    public bool Accepts(string content)
    {
        var (user, password) = Parse(content);
        return _slots.TryGetValue(user, out var slot) && slot.Enabled && slot.Password == password && time.Now >= slot.ValidFrom
            && time.Now >= slot.LockedUntil;
    }

    /// <summary>Whether a login with a content worked after the last write to its slot.</summary>
    public bool WasAccepted(string content) =>
        _slots.TryGetValue(Parse(content).User, out var slot) && _accepted.GetValueOrDefault(Parse(content)) > slot.WrittenAt;

    /// <summary>One login.</summary>
    public Acceptance LogIn(string content)
    {
        var (user, password) = Parse(content);
        Log.Add($"prove {user}");
        if (!_slots.TryGetValue(user, out var slot))
            return Acceptance.Refused;
        if (time.Now < slot.LockedUntil)
            return Acceptance.Unknown;
        var isOn = slot.Enabled ? time.Now >= slot.ValidFrom : time.Now < slot.DisabledAt + _lag;
        if (!isOn || slot.Password != password)
        {
            // Only a database locks users out.
            if (!Issues && ++slot.Refused >= MostRefusedLogins)
                (slot.Refused, slot.LockedUntil) = (0, time.Now + LockedFor);
            return Acceptance.Refused;
        }

        (slot.Refused, slot.UsedAt) = (0, time.Now);
        _accepted[(user, password)] = ++_happened;
        return Acceptance.Accepted;
    }

    public BackendState Look() => new(
        [
            .. _slots.Select(slot => new Slot(new(slot.Key), slot.Value.Enabled)
            {
                MadeAt = Issues ? slot.Value.MadeAt : null,
                UsedAt = slot.Value.UsedAt,
                MadeBy = slot.Value.MadeBy,
            }),
        ],
        definition.Place);

    public bool Set(string content, string verb = "set")
    {
        var (user, password) = Parse(content);
        Log.Add($"{verb} {user}");
        if (!_slots.TryGetValue(user, out var slot))
            return false;
        ByHand.Remove(user);
        // What changes nothing ends no proof.
        if (slot.Password != password || !slot.Enabled)
            slot.WrittenAt = ++_happened;
        (slot.Password, slot.Enabled, slot.Refused, slot.LockedUntil) = (password, true, 0, Instant.MinValue);
        return true;
    }

    /// <summary>Makes a credential; null where there are as many as it takes.</summary>
    public string? Issue(string user, string password, RotationId? by)
    {
        Log.Add($"issue {user}");
        if (_slots.Count >= definition.Slots)
            return null;
        _slots[user] = new Credential
        {
            Password = password,
            MadeAt = time.Now,
            MadeBy = definition.NamesMaker ? by : null,
            ValidFrom = time.Now + _lag,
            WrittenAt = ++_happened,
        };
        return Content(user, password);
    }

    public void Disable(string user)
    {
        Log.Add($"disable {user}");
        if (_slots.TryGetValue(user, out var slot) && slot.Enabled)
            (slot.Enabled, slot.DisabledAt, slot.WrittenAt) = (false, time.Now, ++_happened);
    }

    public bool Enable(string user)
    {
        Log.Add($"enable {user}");
        if (!_slots.TryGetValue(user, out var slot))
            return false;
        if (!slot.Enabled)
            (slot.Enabled, slot.ValidFrom, slot.WrittenAt) = (true, time.Now + _lag, ++_happened);
        return true;
    }

    public void Delete(string user)
    {
        Log.Add($"delete {user}");
        _slots.Remove(user);
    }

    private (string User, string Password) Parse(string content)
    {
        if (_parsed.TryGetValue(content, out var parsed))
            return parsed;
        using var whole = SecretValue.FromText(content);
        using var user = JsonSecret.Read(whole, "user");
        using var password = JsonSecret.Read(whole, "password");
        return _parsed[content] = (user.RevealText(), password.RevealText());
    }
}
