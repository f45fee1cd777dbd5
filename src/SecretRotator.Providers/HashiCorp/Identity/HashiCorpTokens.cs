namespace SecretRotator.Providers.HashiCorp.Identity;

/// <summary>
/// The token that the calls to one vault show. A login gives it, when it is first needed; it is renewed, or another one is asked for,
/// before it ends, and revoked at the end. Where that is refused, because the step outlived its own token, what is left of the old one is
/// used up first: an undo may need it. A token of the environment is used as it is: it has another owner, who keeps it alive.
/// </summary>
/// <param name="calls">Logs in.</param>
/// <param name="settings">What it logs in with.</param>
/// <param name="notice">Told what a person should know though it stops nothing.</param>
/// <param name="time">Tells when tokens end.</param>
internal sealed class HashiCorpTokens(LoginCalls calls, HashiCorpSettings settings, Action<string> notice, TimeProvider time)
    : IHashiCorpToken, IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan RevocationLimit = TimeSpan.FromSeconds(10);

    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly List<Held> _issued = [];
    private Held? _held;
    private SecretValue? _ambient;

    /// <inheritdoc />
    public async ValueTask<SecretValue> GetAsync(CancellationToken cancellation)
    {
        await _gate.WaitAsync(cancellation);
        try
        {
            if (!LogsIn)
                return _ambient ??= Ambient();
            if (_held is not { } held)
                return (_held = Hold(await LogInAsync(cancellation))).Take();
            if (!held.IsWornOut(time))
                return held.Take();
            try
            {
                _held = await ExtendedAsync(held, cancellation) ?? Hold(await LogInAsync(cancellation));
            }
            catch (RemoteFailureException) when (held.IsUsable(time, Pause))
            {
                held.Rest(time, Pause);
            }

            return _held.Take();
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>What the token is and may do, as far as the vault tells.</summary>
    /// <exception cref="RemoteFailureException">There is none, or the vault refuses it.</exception>
    public async Task<LookupData> LookUpAsync(CancellationToken cancellation) =>
        await calls.LookUpAsync(await GetAsync(cancellation), cancellation);

    /// <summary>Revokes what logins gave, within ten seconds.</summary>
    public void Dispose()
    {
        using var limit = new CancellationTokenSource(RevocationLimit, time);
        Task.WhenAll(_issued.Where(held => held.CanBeRevoked(time)).Select(held => RevokeAsync(held, limit.Token))).GetAwaiter()
            .GetResult();
        foreach (var held in _issued)
            held.Dispose();
        if (_ambient is not null && _ambient != settings.Token)
            _ambient.Dispose();
        _gate.Dispose();
    }

    /// <summary>Whether a login gives it; otherwise the environment has it.</summary>
    public bool LogsIn => calls.Vault.Auth is HashiCorpAuth.AppRole
        || (calls.Vault.Auth is HashiCorpAuth.Jwt && (settings.StepToken is not null || settings.InPipeline));

    private Task<LoginToken> LogInAsync(CancellationToken cancellation) => calls.Vault.Auth switch
    {
        HashiCorpAuth.Jwt jwt =>
            calls.WithJwtAsync(jwt, Showable(settings.StepToken, "step's OIDC token", "Set `oidc: true` on the step."), cancellation),
        HashiCorpAuth.AppRole role when settings.RoleId is { } id => calls.WithAppRoleAsync(
            role, id, Showable(settings.SecretId, "secret id of the AppRole", NoAppRole), cancellation),
        _ => throw None("There is no role id of an AppRole", NoAppRole),
    };

    private const string NoAppRole = "Set VAULT_ROLE_ID and VAULT_SECRET_ID in the environment.";

    // Null where the token can't be renewed, or so near its end in any case that another login is better.
    private async Task<Held?> ExtendedAsync(Held held, CancellationToken cancellation)
    {
        if (!held.CanBeRenewed(time))
            return null;
        try
        {
            using var renewed = await calls.RenewAsync(held.Token.Text, cancellation);
            return held.Extend(renewed.Life, time) ? held : null;
        }
        catch (RemoteFailureException) when (!cancellation.IsCancellationRequested)
        {
            return null;
        }
    }

    private Held Hold(LoginToken token)
    {
        var held = new Held(token, time.GetTimestamp());
        _issued.Add(held);
        return held;
    }

    private async Task RevokeAsync(Held held, CancellationToken cancellation)
    {
        try
        {
            await calls.RevokeAsync(held.Token.Text, cancellation);
        }
        catch (Exception failed) when (failed is RemoteFailureException or OperationCanceledException)
        {
            var why = failed is RemoteFailureException refused
                ? refused.Message
                : $"{calls.Vault.Product} {calls.Vault.Name} didn't revoke its token within {RevocationLimit.TotalSeconds:0} seconds.";
            notice($"{why} It is good until it ends by "
                + $"itself{(held.Left(time) is { } left ? $", in {Math.Ceiling(left.TotalMinutes):0} min" : "")}.");
        }
    }

    private SecretValue Ambient()
    {
        if (settings.Token is not null)
            return Showable(settings.Token, "token in VAULT_TOKEN", NoToken);
        try
        {
            return settings.TokenFile is { } file && File.Exists(file)
                ? Showable(SecretValue.FromText(File.ReadAllText(file).Trim()), "token in ~/.vault-token", NoToken)
                : throw None("There is no token in the environment", NoToken);
        }
        catch (Exception unread) when (unread is IOException or UnauthorizedAccessException)
        {
            throw None("The token in ~/.vault-token can't be read", NoToken);
        }
    }

    private string NoToken => calls.Vault.Auth is HashiCorpAuth.Jwt
        ? "Outside pipelines, log in with `vault login` or `bao login`, or set VAULT_TOKEN."
        : "Set VAULT_TOKEN, or log in with `vault login` or `bao login`.";

    private SecretValue Showable(SecretValue? secret, string what, string hint) =>
        secret is null ? throw None($"There is no {what}", hint)
        : LoginToken.IsShowable(secret) ? secret
        : throw None($"The {what} is empty, or has a blank, a line break or another character that none has", hint);

    private RemoteFailureException None(string what, string hint) => new RemoteFailureException(
        FailureKind.Unauthenticated, Effect.Rejected, $"{what}, with which {calls.Vault.Product} {calls.Vault.Name} could be called.", hint)
        .At(HashiCorpVaultDefinition.KindWord, null);

    /// <summary>A token that a login gave.</summary>
    private sealed class Held(LoginToken token, long since) : IDisposable
    {
        private readonly TimeSpan? _atFirst = token.Life;
        private TimeSpan? _life = token.Life;
        private long _since = since;
        private TimeSpan? _worn = Early(token.Life);
        private int _used;

        public LoginToken Token => token;

        // The last use is kept for the revocation; a token with a single one needs none.
        private bool HasUses => token.Uses == 0 || _used == 0 || _used < token.Uses - 1;

        public SecretValue Take()
        {
            _used++;
            return token.Text;
        }

        public TimeSpan? Left(TimeProvider time) => _life is { } life ? life - time.GetElapsedTime(_since) : null;

        public bool IsWornOut(TimeProvider time) => !HasUses || (_worn is { } worn && time.GetElapsedTime(_since) >= worn);

        public bool IsUsable(TimeProvider time, TimeSpan atLeast) => (token.Uses == 0 || _used < token.Uses) && !(Left(time) < atLeast);

        public bool CanBeRenewed(TimeProvider time) =>
            token is { IsRenewable: true, IsBatch: false } && HasUses && Left(time) > TimeSpan.Zero;

        public bool CanBeRevoked(TimeProvider time) => !token.IsBatch && IsUsable(time, TimeSpan.Zero);

        /// <summary>Takes the life that a renewal gave; false where it nears its longest, so that another login is due.</summary>
        public bool Extend(TimeSpan? life, TimeProvider time)
        {
            (_life, _since, _worn) = (life, time.GetTimestamp(), Early(life));
            _used++;
            return life is null || life * 2 > _atFirst;
        }

        public void Rest(TimeProvider time, TimeSpan pause) => _worn = time.GetElapsedTime(_since) + pause;

        public void Dispose() => token.Dispose();

        // Two thirds of its life, and five minutes before its end at the earliest.
        private static TimeSpan? Early(TimeSpan? life) => life is not { } all ? null
            : all / 3 < TimeSpan.FromMinutes(5) ? all * 2 / 3 : all - TimeSpan.FromMinutes(5);
    }
}
