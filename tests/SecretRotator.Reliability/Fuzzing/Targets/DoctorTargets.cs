using SecretRotator.Configuration;
using SecretRotator.Doctor.AllowLists;
using SecretRotator.Doctor.PipelineFile;

namespace SecretRotator.Reliability.Fuzzing.Targets;

/// <summary>Files of others that <c>doctor</c> reads.</summary>
internal static class DoctorTargets
{
    private const string PipelineSeed = """
        image: &sdk { name: 'sdk:10.0@sha256:2222222222222222222222222222222222222222222222222222222222222222', run-as-user: 1654 }
        options: { max-time: 30, docker: false }
        definitions:
          services: { db: { image: 'postgres:17', variables: { PASSWORD: test } } }
          steps:
            - step: &build
                name: Build
                services: [db, docker]
                script:
                  - |
                    set -euxo pipefail   # trace
                    curl -fsSL "https://example.com/$X" \
                      | sh
                    cat > f <<'END'
                    env
                    END
                  - pipe: atlassian/aws-s3-deploy:2.0
                    variables: { AWS_ACCESS_KEY_ID: $AWS_ACCESS_KEY_ID, LIST: [a, b] }
        pipelines:
          default: [ { step: *build }, { parallel: { steps: [ { step: { <<: *build, oidc: true } } ] } } ]
          custom:
            rotate: [ { variables: [ { name: NAMES } ] }, { stage: { deployment: Production, steps: [ { step: { image: *sdk, script: [secret-rotator rotate] } } ] } } ]
        """;

    private const string RangesSeed = """
        {"creationDate":"2026-11-01T10:00:00","syncToken":1793527200,"items":[
        {"cidr":"104.192.136.0/21","region":["global"],"product":["bitbucket"],"direction":["egress","ingress"]},
        {"cidr":"::ffff:13.236.8.224/124","region":"eu-west-1","product":["bitbucket"],"direction":["egress"]},
        {"cidr":"2401:1d80:3000::/36","region":[],"product":["bitbucket"],"direction":["egress"]}]}
        """;

    private static readonly AllowListRequest Everything = new(["bitbucket"], "egress", [], [22, 443]);

    public static ImmutableArray<FuzzTarget> All { get; } =
    [
        new("pipeline-file", [PipelineSeed], PipelineFile),
        new("address-ranges", [RangesSeed], AddressRanges),
    ];

    private static bool PipelineFile(byte[] input)
    {
        var findings = PipelineFileReview.Read("bitbucket-pipelines.yml", input).Findings;
        foreach (var finding in findings.Take(FindingList.Shown))
        {
            if (finding.Line is null or < 1 || finding.Column is null or < 1 || finding.Why is null || finding.Fix is null)
                throw new BrokenPromiseException("A finding has no place, no reason or no fix.");
            if (finding.Observed.EnumerateRunes().Any(rune => !Quoted.IsPrintable(rune) && rune.Value != 0xfffd))
                throw new BrokenPromiseException("A finding holds characters that a terminal obeys.");
        }

        return findings.All(finding => finding.Id != PipelineFault.BrokenYaml.Id);
    }

    private static bool AddressRanges(byte[] input)
    {
        try
        {
            var list = AllowList.Of(Everything, "ranges.json", PublishedRanges.Parse("ranges.json", input));
            var text = AllowListForms.Iptables(list);
            if (text.Any(c => c is not ('\n' or (>= ' ' and <= '~')))
                || text.Split('\n').Any(line => line.Contains("/0 ", StringComparison.Ordinal)))
                throw new BrokenPromiseException("A rule lets everybody in, or holds what isn't a rule.");
            return true;
        }
        catch (UsageException refused)
        {
            if (refused.Problems is not [{ File: not null, Hint: not null }])
                throw new BrokenPromiseException("A refusal doesn't name the file or what to do.");
            return false;
        }
    }
}
