using SecretRotator.Providers.Bitbucket;
using SecretRotator.Providers.Bitbucket.Credentials;
using SecretRotator.Providers.Doctor;
using SecretRotator.Rotation;

namespace SecretRotator.Doctor.BitbucketAccess;

/// <summary>Whether Bitbucket takes the credential, and whether that reaches every scope of the inventory. It only reads.</summary>
/// <param name="inventory">Names the scopes.</param>
/// <param name="find">Finds the credential; the check wipes it.</param>
/// <param name="connect">Makes a connection whose answers are noted.</param>
/// <param name="reports">Whether reports go to a commit.</param>
/// <param name="environments">The deployment environments of the steps that rotate.</param>
/// <param name="parallelism">How many scopes are asked for at once.</param>
internal sealed class BitbucketCheck(
    RotationInventory inventory,
    Func<CancellationToken, Task<BitbucketCredential>> find,
    Func<BitbucketCredential, AnswerNotes, BitbucketConnection> connect,
    bool reports,
    ImmutableArray<string> environments,
    int parallelism) : ICheck
{
    /// <inheritdoc />
    public CheckArea Area => CheckArea.Bitbucket;

    /// <inheritdoc />
    public async Task<IReadOnlyList<CheckResult>> RunAsync(CancellationToken cancellation)
    {
        BitbucketCredential credential;
        try
        {
            credential = await find(cancellation);
        }
        catch (Exception failure) when (failure is UsageException or RemoteFailureException)
        {
            return
            [
                CheckResult.Fail(
                    Area, "credential-accepted", FailureMessages.Of(failure),
                    "Without a credential no variable can be listed or changed.",
                    "docs/bitbucket.md explains where to set a credential."),
            ];
        }

        using (credential)
        {
            var notes = new AnswerNotes();
            using var connection = connect(credential, notes);
            return await AskAsync(connection, credential, notes, cancellation);
        }
    }

    private async Task<IReadOnlyList<CheckResult>> AskAsync(
        BitbucketConnection connection, BitbucketCredential credential, AnswerNotes notes, CancellationToken cancellation)
    {
        var questions = new ScopeQuestions(connection);
        var scopes = Scopes();

        // One question first: a credential that Bitbucket refuses, or a network that leads nowhere, needs no further ones.
        var first = await questions.AskAsync(scopes[0], cancellation);
        if (first.Failure is { Failure.ConcernsAll: true } failure)
            return [ScopeQuestions.Refused(failure), CredentialScopes.Judge(notes.Scopes, credential, reports)];

        ScopeSight[] sights = [first, .. await CheckRunner.EachAsync(scopes[1..], parallelism, questions.AskAsync, cancellation)];
        return
        [
            CheckResult.Pass(
                Area, "credential-accepted",
                $"Bitbucket takes the credential{(notes.Kind is { } kind ? $" and calls it {kind.Replace('_', ' ')}" : "")}."),
            CredentialScopes.Judge(notes.Scopes, credential, reports),
            .. Reached(sights),
            .. await new EnvironmentQuestions(connection, inventory.Home).AskAsync(environments, cancellation),
            .. await questions.PipelinesAsync(
                [.. sights.Where(sight => sight.Failure is null).Select(sight => sight.Scope)], parallelism, cancellation),
            Budget(notes),
        ];
    }

    // Some vaults' claims are kept in the home repository.
    private ImmutableArray<VariableScope> Scopes() =>
    [
        .. inventory.Secrets.SelectMany(secret => secret.Targets).Select(target => target.Scope)
            .Concat(inventory.Vaults.Values.Any(vault => vault.KeepsClaimsInHome) ? [inventory.Home] : [])
            .DefaultIfEmpty(inventory.Home)
            .Distinct(),
    ];

    private IEnumerable<CheckResult> Reached(IReadOnlyCollection<ScopeSight> sights)
    {
        var reached = sights.Where(sight => sight.Failure is null).Select(sight => sight.Scope.ToString()!).Distinct(StringComparer.Ordinal)
            .ToImmutableArray();
        if (!reached.IsEmpty)
            yield return CheckResult.Pass(
                Area, "scope-reached",
                $"The variables of {HumanText.Count(reached.Length, "scope")} can be listed: {CheckResult.Named(reached)}.");

        // Several scopes of one repository tell the same: once is enough.
        foreach (var finding in sights.Select(sight => sight.Finding).OfType<CheckResult>().Distinct())
            yield return finding;
    }

    private CheckResult Budget(AnswerNotes notes) => (notes.Limit, notes.NearLimit) switch
    {
        (null, _) => CheckResult.Unknown(
            Area, "call-budget", "Bitbucket didn't tell its call limit, as it does to access tokens only.",
            "Usually 1,000 calls an hour are allowed; plan shows what a run costs."),
        (var limit, true) => CheckResult.Warn(
            Area, "call-budget", $"Few of the credential's {limit} calls an hour are left.",
            "A run waits for the rest of the hour, or fails with 429 in the middle and is put back.",
            "Give this job a credential of its own, or lower limits.bitbucket-calls-per-hour in the inventory."),
        (var limit, _) => limit < inventory.Limits.BitbucketCallsPerHour
            ? CheckResult.Warn(
                Area, "call-budget",
                $"Bitbucket allows {limit} calls an hour, the inventory plans with {inventory.Limits.BitbucketCallsPerHour}.",
                "Runs pace themselves by the smaller number, but plans look cheaper than they are.",
                $"Write bitbucket-calls-per-hour: {limit} under limits in the inventory, or less.")
            : CheckResult.Pass(Area, "call-budget", $"Bitbucket allows {limit} calls an hour, and most are left."),
    };
}
