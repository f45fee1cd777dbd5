using NodaTime.Text;
using SecretRotator.Providers.Bitbucket.Api;

namespace SecretRotator.Providers.HashiCorp;

/// <summary>
/// The few calls about the static roles of a database engine. A role has one version, whose number is the time of its last rotation: the
/// vault keeps no older password.
/// </summary>
/// <param name="calls">Makes them.</param>
/// <param name="definition">The vault.</param>
internal sealed class DatabaseEngine(HashiCorpCalls calls, HashiCorpVaultDefinition definition)
{
    private static readonly Instant Epoch = Instant.FromUnixTimeTicks(0);
    private static readonly Instant Latest = Epoch + Duration.FromNanoseconds(long.MaxValue);

    /// <summary>The number of the version that a rotation made.</summary>
    public static long NumberOf(Instant rotation) => (rotation - Epoch).ToInt64Nanoseconds();

    /// <summary>What is known of a role without its password, as of a secret with one version; null where it doesn't exist.</summary>
    public async Task<KvMetadata?> FindAsync(StaticRole role, CancellationToken cancellation)
    {
        try
        {
            return await calls.RunAsync(
                Get(role.Definition, $"The database role {role.Name} in vault {definition.Name} could not be described", role),
                answer =>
                {
                    var version = VersionIn(answer);
                    return new KvMetadata(version.Number, MaxVersions: 0, DeleteVersionAfter: null, [version]);
                },
                cancellation);
        }
        catch (RemoteFailureException missing) when (missing.Kind == FailureKind.NotFound)
        {
            return null;
        }
    }

    /// <summary>Reads user and password: the fields of the answer that hold them. The caller disposes what it gets.</summary>
    public async Task<SecretVersion> ReadAsync(StaticRole role, long number, CancellationToken cancellation)
    {
        var call = Get(
            role.Credential, $"The password of the database role {role.Name} in vault {definition.Name} could not be read", role);
        return await calls.RunAsync(
            call,
            answer =>
            {
                var version = VersionIn(answer);
                if (version.Number != number)
                    throw new RemoteFailureException(
                        FailureKind.NotFound, Effect.Rejected, $"{call.What}: it was rotated meanwhile.", "Run the same command again.")
                        .At(HashiCorpVaultDefinition.KindWord, role.Credential);
                return new SecretVersion(new VersionId(number.ToString(CultureInfo.InvariantCulture)), ContentOf(answer), version.Created);
            },
            cancellation);
    }

    /// <summary>Asks for a new password. It isn't repeated where it may have happened: the database would be given another one.</summary>
    /// <exception cref="RemoteFailureException">Refused, or not known to have happened.</exception>
    public async Task RotateAsync(StaticRole role, CancellationToken cancellation)
    {
        var call = new HashiCorpCall(
            HttpMethod.Post, role.Rotation, $"The database role {role.Name} in vault {definition.Name} could not be rotated",
            role.Credential)
        {
            Body = () => new WipedJson("{}"u8.ToArray()),
            Writes = true,
            Once = true,
        };
        (await calls.RunAsync(call, cancellation)).Dispose();
    }

    // In the order of the names, whatever else the answer holds: the same role has the same content on every read.
    private static SecretValue ContentOf(HashiCorpAnswer answer)
    {
        using var whole = SecretValue.FromUtf8(answer.Json);
        try
        {
            using var data = JsonSecret.Read(whole, "data");
            using var buffer = new SecretBuffer(answer.Json.Length);
            foreach (var field in new[] { "password", "rsa_private_key", "username" })
            {
                if (TryRead(data, field) is not { } value)
                    continue;
                using (value)
                    value.Look((buffer, field), static (to, utf8) =>
                    {
                        to.buffer.Append(to.buffer.Length == 0 ? "{"u8 : ","u8);
                        JsonSecret.AppendString(to.buffer, System.Text.Encoding.ASCII.GetBytes(to.field));
                        to.buffer.Append((byte)':');
                        JsonSecret.AppendString(to.buffer, utf8);
                        return true;
                    });
            }

            buffer.Append((byte)'}');
            return buffer.ToValue();
        }
        catch (SecretContentException)
        {
            throw new JsonException();
        }
    }

    private static SecretValue? TryRead(SecretValue data, string field)
    {
        try
        {
            return JsonSecret.Read(data, field);
        }
        catch (SecretContentException) when (field != "username")
        {
            return null;
        }
    }

    // One that the vault has never rotated has the password that someone else gave it.
    private static KvVersion VersionIn(HashiCorpAnswer answer)
    {
        if (answer.Data(KvJson.Default.DataAnswerStaticRoleEntry).LastVaultRotation is not { } lastRotation)
            return new KvVersion(1, Epoch, Deletion: null, Destroyed: false);
        return OffsetDateTimePattern.Rfc3339.Parse(lastRotation) is { Success: true, Value: var time }
            && time.ToInstant() is var at && at > Epoch && at < Latest
            ? new KvVersion(NumberOf(at), at, Deletion: null, Destroyed: false)
            : throw new JsonException();
    }

    private static HashiCorpCall Get(string path, string what, StaticRole role) => new(HttpMethod.Get, path, what, role.Credential);
}

/// <summary>What is told of a static role: when the vault rotated it last; null for never. Its password isn't among these: it must not
/// become a string.</summary>
internal sealed record StaticRoleEntry(string? LastVaultRotation);
