using SecretRotator.Verification;

namespace SecretRotator.Audit;

/// <summary>Makes the report of what was observed. Pure: the same arguments give the same report.</summary>
public static class Auditor
{
    /// <summary>Makes it.</summary>
    /// <param name="seen">What was observed, planned and compared, all of the same moment and the same secrets.</param>
    /// <param name="past">What evidence says about earlier runs.</param>
    /// <param name="evidence">Which evidence that is.</param>
    /// <param name="origin">When, where and by what it is made.</param>
    public static AuditReport Of(Snapshot seen, PastRuns past, EvidenceFacts evidence, ReportOrigin origin)
    {
        var drift = seen.Drift.Findings.ToLookup(finding => finding.Secret, StringComparer.Ordinal);
        ImmutableArray<SecretAudit> secrets =
        [
            .. seen.Plan.Items.Select(item => new SecretAuditor(item, seen, past.Of(item.Secret.Name), drift[item.Secret.Name]).Audit()),
        ];
        var coverage = CoverageOf(seen);
        var report = new AuditReport
        {
            Origin = origin,
            Secrets = secrets,
            Compliance = Compliance.Of(secrets),
            Coverage = coverage,
            Calls = new(seen.Plan.ObservationCost, seen.Plan.ActionCost, seen.Plan.CallsPerHour),
            Unobserved = [.. Unobserved(seen)],
            Calendar = DueCalendar.Of(secrets, seen.Inventory.Freezes, origin.At),
            Findings =
            [
                .. secrets.SelectMany(secret => secret.Findings),
                .. AuditFinding.OfTheCredential(seen.Credential, origin.At),
                .. OfTheRest(coverage, evidence),
            ],
            Evidence = evidence,
            Controls = [],
        };
        var texts = new ControlTexts(report, past);
        var told = Enum.GetValues<ControlFact>().ToDictionary(fact => fact, texts.Of);
        return report with
        {
            Controls =
            [
                .. seen.Inventory.Controls.Select(
                    control => new ControlFacts(control, [.. control.Facts.Select(fact => (fact, told[fact]))])),
            ],
        };
    }

    private static Coverage CoverageOf(Snapshot seen)
    {
        var targets = seen.Inventory.Secrets.SelectMany(secret => secret.Targets)
            .Select(target => (target.Scope, target.Variable.ToUpperInvariant())).ToHashSet();
        var unmanaged = seen.Drift.Unmanaged.CountBy(variable => variable.Scope).ToDictionary();
        var scopes = seen.Observation.Scopes
            .Where(scope => scope.Value is ScopeObservation.Listed && scope.Key is not VariableScope.SshKeyPair)
            .Select(scope => new ScopeCoverage(
                scope.Key,
                ((ScopeObservation.Listed)scope.Value).Variables
                    .Count(variable => variable.Secured && targets.Contains((scope.Key, variable.Key.ToUpperInvariant()))),
                unmanaged.GetValueOrDefault(scope.Key)))
            .OrderBy(scope => scope.Scope.ToString(), StringComparer.Ordinal);
        return new Coverage([.. scopes], seen.Drift.Unmanaged);
    }

    private static IEnumerable<Blindness> Unobserved(Snapshot seen)
    {
        foreach (var (scope, observed) in seen.Observation.Scopes.OrderBy(scope => scope.Key.ToString(), StringComparer.Ordinal))
            if (observed is ScopeObservation.Unlisted unlisted)
                yield return new Blindness(
                    $"{scope.Contents} of {scope}",
                    unlisted.Failure.OrHint($"Check that {scope} exists and that the Bitbucket credential may read its {scope.Contents}."));
        foreach (var item in seen.Plan.Items)
            if (seen.Observation.Secrets.GetValueOrDefault(item.Secret.Name) is SecretObservation.Undescribed undescribed)
                yield return new Blindness(
                    $"secret {item.Secret.Name}",
                    undescribed.Failure.OrHint("Fix the access to the vault, or correct the secret's path in the inventory."));
        if (seen.Credential is { At: null })
            yield return new Blindness(
                "end of the Bitbucket credential",
                new Failure(FailureKind.NotObserved, "No one says when it ends.", CredentialEnd.Renewal));
    }

    private static IEnumerable<AuditFinding> OfTheRest(Coverage coverage, EvidenceFacts evidence)
    {
        const string Fetch = "Fetch the file again from where it was kept, and verify it: secret-rotator evidence verify FILE";
        foreach (var variable in coverage.Unmanaged)
            yield return new AuditFinding(
                FindingRule.Unmanaged, null, null, $"{variable} is secured, and no entry names it.",
                "Add an entry for it, or delete it where nothing needs it.", 1);
        foreach (var broken in evidence.Broken)
            yield return new AuditFinding(FindingRule.EvidenceBroken, null, null, broken, Fetch, 1);
        foreach (var incomplete in evidence.Incomplete)
            yield return new AuditFinding(
                FindingRule.EvidenceIncomplete, null, null, incomplete, "See what the next run finished: secret-rotator plan", 1);
    }
}

/// <summary>What was seen at one moment, and what follows from it.</summary>
/// <param name="Inventory">The inventory.</param>
/// <param name="Observation">What was observed.</param>
/// <param name="Plan">What a run would do.</param>
/// <param name="Drift">How inventory, vaults and Bitbucket differ.</param>
public sealed record Snapshot(RotationInventory Inventory, Observation Observation, RotationPlan Plan, DriftReport Drift)
{
    /// <summary>When the Bitbucket credential ends; null where it isn't kept in a vault.</summary>
    public CredentialEnd? Credential { get; init; }
}
