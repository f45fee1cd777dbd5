using SecretRotator.Providers.Aws;
using SecretRotator.Sandbox;
using SecretRotator.Sandbox.Faults;

namespace SecretRotator.Reliability.Fuzzing.Targets;

/// <summary>Texts that stand in vaults and in variables, and that anyone may have changed there.</summary>
internal static class TextTargets
{
    private const string Version = "aaaaaaaa-0000-4000-8000-000000000001";

    public static ImmutableArray<FuzzTarget> All { get; } =
    [
        new(
            "marks",
            [
                $"v={Version} since=2026-11-23T01:00:00.000Z at=2026-11-24T01:00:00.000Z targets=0123456789abcdef level=listed "
                    + $"rotation={Version}",
                $"{Version} {Version} 2026-11-23T01:00:00.000Z process/0123456789abcdef/417/99/me@host",
                $"{Version} {Version} 2026-11-23T01:00:00.000Z pipeline/acme/payments-api/{Version}/417",
                new OwnLabel(
                    Instant.FromUtc(2026, 11, 23, 1, 0), new LabelPurpose.Stages(Version), new Holder.Pipeline("acme", "api", Version, 417))
                        .Format(),
                new OwnLabel(
                    Instant.FromUtc(2026, 11, 23, 1, 0), new LabelPurpose.Carries(new(Version)),
                    new Holder.Process("0123456789abcdef", 1, 2, "me")).Format(),
                $"{Version} secret-rotator:20261123T010000000Z:tx:pipeline/acme/api/{Version}/1",
                $"{Version} secret-rotator:20261123T010000000Z:rtx:pipeline/acme/api/{Version}/1",
            ],
            Marks),
        new("fault-spec", ["bitbucket.put@DB_PASSWORD#2..=503", "aws.PutSecretValue#1=delay:5s", "azure.GetSecret=lost"], Fault),
        new(
            "json-secret",
            [
                $$"""{"password":"{{Canary.Received}}","user":"db","port":5432,"nested":{"password":[1,2,{"a":null}] } }""",
                """{"password":null}""",
                "{\"pass\\u0077ord\":\"\\ud83d\\ude00\\n\"}",
            ],
            Json),
    ];

    // What is read must be what was written: it would be written back, and compared with what stands there.
    private static bool Marks(byte[] input)
    {
        var text = Encoding.UTF8.GetString(input);
        if (DeliveryMark.Parse(text) is { } mark && DeliveryMark.Parse(mark.Format()) != mark)
            throw new BrokenPromiseException("A mark is not what it says when it is written again.");
        if (ClaimText.Parse(text) is { } claim && ClaimText.Parse(claim.Format()) != claim)
            throw new BrokenPromiseException("A claim is not what it says when it is written again.");
        if (Holder.Parse(text) is { } holder && Holder.Parse(holder.Format()) != holder)
            throw new BrokenPromiseException("A holder is not who it says when it is written again.");
        if (OwnLabel.Parse(text, [Version]) is { } label && label.Format() is { Length: <= 256 }
            && OwnLabel.Parse(label.Format(), [Version]) is null)
            throw new BrokenPromiseException("A label can't be read when it is written again.");
        try
        {
            if (ClaimHandle.Parse(text).Format() != text)
                throw new BrokenPromiseException("A handle is not the same when it is written again.");
        }
        catch (ArgumentException)
        {
            // Refused, as promised.
        }

        return DeliveryMark.Parse(text) is not null;
    }

    private static bool Fault(byte[] input)
    {
        try
        {
            FaultSpec.Parse(Encoding.UTF8.GetString(input));
            return true;
        }
        catch (SandboxFailureException)
        {
            return false;
        }
    }

    private static bool Json(byte[] input)
    {
        using var content = SecretValue.FromUtf8(input);
        try
        {
            using var field = JsonSecret.Read(content, "password");
            using var replacement = SecretValue.FromText(Canary.Sent + "\"\\\n\u0001é");
            using var replaced = JsonSecret.Replace(
                content, new Dictionary<string, SecretValue>(StringComparer.Ordinal) { ["password"] = replacement });
            using var read = JsonSecret.Read(replaced, "password");
            if (!read.FixedTimeEquals(replacement))
                throw new BrokenPromiseException("A field doesn't hold what was put into it.");
            MustBeJson(replaced);
            return true;
        }
        catch (SecretContentException refused)
        {
            if (refused.Message.Contains(Canary.Received[..8], StringComparison.Ordinal) || refused.InnerException is not null)
                throw new BrokenPromiseException("A refusal repeats what the secret holds.");
            return false;
        }
    }

    private static void MustBeJson(SecretValue value)
    {
#pragma warning disable RS0030 // A worthless value.
        using var document = value.Reveal(0, static (_, utf8) => JsonDocument.Parse(utf8.ToArray()));
#pragma warning restore RS0030
    }
}
