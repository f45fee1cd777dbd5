using SecretRotator.Providers.Bitbucket.Api;

namespace SecretRotator.Providers.HashiCorp;

/// <summary>A secret's marks.</summary>
/// <param name="Marks">The marks.</param>
/// <param name="Number">The version of their document, which the next write must follow; 0 where there is none yet.</param>
/// <param name="DeletesItself">Whether that version will be gone after a while, and with it the marks of a rotation.</param>
internal sealed record SeenMarks(RotationMarks Marks, long Number, bool DeletesItself = false);

/// <summary>The few calls to one KV engine that the tool makes. Each is one request.</summary>
/// <param name="calls">Makes them.</param>
/// <param name="definition">The engine.</param>
/// <param name="lease">Asked before every try of a change, or null.</param>
internal sealed class KvEngine(HashiCorpCalls calls, HashiCorpVaultDefinition definition, Lease? lease = null)
{
    /// <summary>The same calls under a claim's lease.</summary>
    public KvEngine Under(Lease? held) => new(calls, definition, held);

    /// <summary>What is known of a path without its values; null where it doesn't exist.</summary>
    public async Task<KvMetadata?> FindAsync(string path, CancellationToken cancellation)
    {
        try
        {
            return await calls.RunAsync(
                Get($"metadata/{path}", $"{path} in vault {definition.Name} could not be described", path),
                KvMetadata.Read, cancellation);
        }
        catch (RemoteFailureException missing) when (IsPlain404(missing))
        {
            return null;
        }
    }

    /// <summary>Reads a version of a secret. The caller disposes what it gets.</summary>
    public async Task<SecretVersion> ReadAsync(string path, long number, KvForm form, CancellationToken cancellation)
    {
        var call = Get(
            $"data/{path}?version={Text(number)}",
            $"Version {number} of {path} in vault {definition.Name} could not be read", path);
        return await calls.RunAsync(
            call,
            answer =>
            {
                var read = KvRead.Parse(answer.Json, number);
                return KvContent.Read(answer.Json[read.Data], form) is { } content
                    ? new SecretVersion(new VersionId(Text(number)), content, read.Version.Created)
                    : throw new RemoteFailureException(
                        FailureKind.InvalidContent,
                        Effect.Rejected,
                        $"Version {number} of {path} in vault {definition.Name} has other members than the one text "
                            + $"\"{KvContent.Member}\", "
                            + "and the inventory says that the secret is one text.",
                        $"List the fields below \"value\" in the inventory, or keep the text alone: vault kv put -mount={definition.Mount} "
                            + $"{path} {KvContent.Member}=…").At(HashiCorpVaultDefinition.KindWord, path);
            },
            cancellation);
    }

    /// <summary>Reads a staged version; null where it isn't there, was deleted, or isn't the rotation's.</summary>
    public async Task<SecretVersion?> ReadStagedAsync(string path, long number, RotationId rotation, CancellationToken cancellation)
    {
        var call = Get(
            $"data/{path}{HashiCorpVaultDefinition.Companion}?version={Text(number)}",
            $"The staged value of {path} in vault {definition.Name} could not be read", path);
        try
        {
            return await calls.RunAsync(
                call,
                answer =>
                {
                    var read = KvRead.Parse(answer.Json, number);
                    if (KvContent.ReadStaged(answer.Json[read.Data]) is not var (by, content))
                        return null;
                    if (by == rotation.Value)
                        return new SecretVersion(new VersionId(rotation.Value), content, read.Version.Created);
                    content.Dispose();
                    return null;
                },
                cancellation);
        }
        catch (RemoteFailureException missing) when (missing.Kind == FailureKind.NotFound)
        {
            return null;
        }
    }

    /// <summary>Reads a secret's marks.</summary>
    public async Task<SeenMarks> MarksAsync(string path, CancellationToken cancellation)
    {
        var name = path + HashiCorpVaultDefinition.Marks;
        var call = Get($"data/{name}", $"The marks of {path} in vault {definition.Name} could not be read", path);
        try
        {
            using var answer = await calls.RunAsync(call, cancellation);
            KvRead read;
            try
            {
                read = KvRead.Parse(answer.Json);
            }
            catch (JsonException)
            {
                throw HashiCorpFailures.Garbled(call);
            }

            try
            {
                return new SeenMarks(
                    RotationMarks.Parse(answer.Json[read.Data]), read.Version.Number, read.Version.Deletion is not null);
            }
            catch (JsonException)
            {
                throw new RemoteFailureException(
                    FailureKind.Garbled,
                    Effect.Rejected,
                    $"{name} in vault {definition.Name} is not as SecretRotator wrote it, so the state of {path} can't be determined.",
                    MarkText.MayBeNewer
                        + "See what wrote it: vault kv metadata get. docs/hashicorp-vault.md tells how to clean up by hand.")
                    .At(HashiCorpVaultDefinition.KindWord, path);
            }
        }
        catch (RemoteFailureException missing) when (IsPlain404(missing))
        {
            return new SeenMarks(RotationMarks.None, 0);
        }
        catch (RemoteFailureException deleted) when (deleted.InnerException is HashiCorpRefusal { Gone: { } gone })
        {
            return new SeenMarks(RotationMarks.None, gone.Number);
        }
    }

    /// <summary>Writes a secret's marks, behind those that were seen.</summary>
    /// <exception cref="OtherVersionException">Others were written meanwhile, or an earlier try has landed.</exception>
    public async Task<SeenMarks> WriteMarksAsync(string path, RotationMarks marks, long follows, CancellationToken cancellation)
    {
        var utf8 = marks.Format();
        var version = await WriteAsync(
            path + HashiCorpVaultDefinition.Marks, $"The marks of {path} in vault {definition.Name} could not be written", path,
            () => KvContent.PlainBody(utf8, follows), cancellation);
        return new SeenMarks(RotationMarks.Parse(utf8), version.Number, version.Deletion is not null);
    }

    /// <summary>Makes a version of a secret, behind another one.</summary>
    /// <exception cref="OtherVersionException">Another one is current, or an earlier try has landed.</exception>
    public async Task<long> PutAsync(string path, SecretValue content, KvForm form, long follows, CancellationToken cancellation) =>
        (await WriteAsync(
            path, $"A version of {path} in vault {definition.Name} could not be written", path,
            () => KvContent.Body(content, form, follows), cancellation)).Number;

    /// <summary>Stages a value, behind another version of the companion.</summary>
    /// <exception cref="OtherVersionException">Another one is current, or an earlier try has landed.</exception>
    public Task StageAsync(string path, SecretValue content, RotationId rotation, long follows, CancellationToken cancellation) =>
        WriteAsync(
            path + HashiCorpVaultDefinition.Companion, $"The new value of {path} in vault {definition.Name} could not be staged", path,
            () => KvContent.StagedBody(content, rotation.Value, follows), cancellation);

    /// <summary>Takes the place of a staged value that may still arrive.</summary>
    /// <exception cref="OtherVersionException">It has arrived.</exception>
    public Task StageNothingAsync(string path, long follows, CancellationToken cancellation) =>
        WriteAsync(
            path + HashiCorpVaultDefinition.Companion, $"The staged value of {path} in vault {definition.Name} could not be dropped", path,
            () => KvContent.PlainBody("{}"u8, follows), cancellation);

    /// <summary>Deletes versions so that they can be undeleted. Those that are deleted or aren't there are left as they are.</summary>
    public async Task DeleteAsync(string path, string what, IEnumerable<long> versions, CancellationToken cancellation)
    {
        var body = Encoding.ASCII.GetBytes($"{{\"versions\":[{string.Join(',', versions.Select(Text))}]}}");
        var call = new HashiCorpCall(HttpMethod.Post, $"{definition.Mount}/delete/{path}", what, path)
        {
            Body = () => new WipedJson([.. body]),
            Writes = true,
            Lease = lease,
        };
        using var answer = await calls.RunAsync(call, cancellation);
        if (!answer.Json.IsEmpty)
            throw HashiCorpFailures.Garbled(call);
    }

    /// <summary>The settings of the mount.</summary>
    public Task<MountConfig> ConfigAsync(CancellationToken cancellation) => calls.RunAsync(
        Get("config", $"The settings of the mount {definition.Mount} in vault {definition.Name} could not be read", null),
        answer => answer.Data(KvJson.Default.DataAnswerMountConfig),
        cancellation);

    /// <summary>What is mounted where the engine should be; null where the token may not know.</summary>
    public async Task<MountInfo?> MountAsync(CancellationToken cancellation)
    {
        try
        {
            return await calls.RunAsync(
                new HashiCorpCall(
                    HttpMethod.Get, $"sys/internal/ui/mounts/{definition.Mount}",
                    $"What is mounted at {definition.Mount} in vault {definition.Name} could not be told", null),
                answer => answer.Data(KvJson.Default.DataAnswerMountInfo), cancellation);
        }
        catch (RemoteFailureException)
        {
            return null;
        }
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static bool IsPlain404(RemoteFailureException missing) =>
        missing.InnerException is HashiCorpRefusal { Status: 404, Reason: RefusalReason.Other };

    private HashiCorpCall Get(string path, string what, string? resource) =>
        new(HttpMethod.Get, $"{definition.Mount}/{path}", what, resource);

    private Task<KvVersion> WriteAsync(string path, string what, string resource, Func<HttpContent> body, CancellationToken cancellation) =>
        calls.RunAsync(
            new HashiCorpCall(HttpMethod.Post, $"{definition.Mount}/data/{path}", what, resource)
            {
                Body = body,
                Writes = true,
                Lease = lease,
            },
            answer => VersionEntry.Read(answer.Data(KvJson.Default.DataAnswerVersionEntry)),
            cancellation);
}
