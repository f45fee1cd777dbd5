using SecretRotator.Backends;
using SecretRotator.Providers.Bitbucket;
using SecretRotator.Providers.Bitbucket.Calls;

namespace SecretRotator.Providers.Backends.DeployKeys;

/// <summary>A repository's deploy keys as a credential backend: a slot is a public key, named by its fingerprint.</summary>
/// <remarks>
/// Bitbucket neither changes nor disables a key: SET adds one, and to disable it is to delete it. To prove is to see that Bitbucket lists
/// exactly this public key: a login would take an SSH client. Reading a listing locks no one out, so its failed tries are repeated as those
/// of all calls to Bitbucket are.
/// </remarks>
/// <param name="definition">The repository.</param>
/// <param name="connect">Connects to Bitbucket, where that isn't done.</param>
internal sealed class DeployKeyBackend(
    DeployKeyDefinition definition, Func<CancellationToken, Task<BitbucketDeployKeys>> connect) : ICredentialBackend
{
    /// <inheritdoc />
    public SlotId SlotOf(SecretValue credential) => new(PublicKeyOf(credential).Fingerprint);

    /// <inheritdoc />
    public SecretValue Prepare(SecretValue current, SecretValue generated)
    {
        PublicKeyOf(generated);
        return generated.Copy();
    }

    /// <inheritdoc />
    public async Task<BackendState> InspectAsync(SecretValue current, CancellationToken cancellation)
    {
        var key = PublicKeyOf(current);
        var keys = await connect(cancellation);
        var listed = await keys.ListAsync(definition.Repository, cancellation);
        if (keys.MissingScopes() is { IsEmpty: false } missing)
        {
            throw new RemoteFailureException(
                FailureKind.AccessDenied,
                Effect.Rejected,
                $"The Bitbucket credential may not change the deploy keys of {definition.Place}: it lacks {string.Join(" and ", missing)}.",
                "Scopes can't be added to a token: make a new one that has these too, and put it in the old one's place.")
                .At(BitbucketCall.Service, definition.Place);
        }

        return new(
            [.. listed.Where(each => each.Key == key || IsOwn(each.Label)).Select(each => new Slot(new(each.Key.Fingerprint), Enabled: true)
            {
                MadeAt = each.AddedAt,
                UsedAt = each.UsedAt,
                MadeBy = MadeBy(each.Label),
            })],
            keys.Host);
    }

    /// <inheritdoc />
    public async Task<Proof> ProveAsync(SecretValue credential, CancellationToken cancellation)
    {
        var key = PublicKeyOf(credential);
        try
        {
            return (await (await connect(cancellation)).ListAsync(definition.Repository, cancellation)).Any(each => each.Key == key)
                ? Proof.Accepted
                : new(Acceptance.Refused, new Failure(
                    FailureKind.CredentialRefused,
                    $"{key.Fingerprint} is not among the deploy keys that Bitbucket lists for {definition.Place}.",
                    "Add it there again under Security > Access keys, or force the rotation.")
                    .At(BitbucketCall.Service, definition.Place));
        }
        catch (RemoteFailureException failure)
        {
            return new(Acceptance.Unknown, failure.Failure);
        }
    }

    /// <inheritdoc />
    public Task SetAsync(RotationId rotation, SecretValue staged, CancellationToken cancellation) =>
        AddAsync(PublicKeyOf(staged), $"{definition.Label} {rotation}", cancellation);

    /// <inheritdoc />
    public async Task DisableAsync(SlotId slot, SlotId inUse, CancellationToken cancellation)
    {
        slot.ThrowIfInUse(inUse);
        await (await connect(cancellation)).RemoveAsync(definition.Repository, slot.Value, cancellation);
    }

    /// <summary>Adds the key again. Bitbucket may refuse a key that was deleted a short time ago.</summary>
    public Task EnableAsync(SlotId slot, SecretValue credential, CancellationToken cancellation) =>
        AddAsync(PublicKeyOf(credential), definition.Label, cancellation);

    /// <inheritdoc />
    public Task DeleteAsync(SlotId slot, SlotId inUse, CancellationToken cancellation) => DisableAsync(slot, inUse, cancellation);

    private async Task AddAsync(SshPublicKey key, string label, CancellationToken cancellation) =>
        await (await connect(cancellation)).AddAsync(definition.Repository, key, label, cancellation);

    // The public key, which belongs to the private key beside it. A private key in OpenSSH's own format holds its public key in the clear,
    // so a pair that was put together wrongly is noticed. Keys that this tool makes have that format; of other formats the public field
    // alone is read.
    private SshPublicKey PublicKeyOf(SecretValue content)
    {
        using var line = JsonSecret.Read(content, definition.PublicField);
        using var pem = JsonSecret.Read(content, definition.PrivateField);
        SshPublicKey.RefuseEncrypted(pem, $"The field \"{definition.PrivateField}\" of the secret");
#pragma warning disable RS0030 // A public key is no secret, and of the private key only the public part is taken.
        var key = SshPublicKey.Parse(line.RevealText()) ?? throw new SecretContentException(
            $"The field \"{definition.PublicField}\" of the secret is not a public SSH key.",
            "Write the key into it as a line of authorized_keys has it: ssh-keygen -y -f KEY prints it.");
        if (pem.Reveal(key, static (expected, utf8) => Belongs(expected, utf8.Span.Trim(" \t\r\n"u8))))
            return key;
#pragma warning restore RS0030
        throw new SecretContentException(
            $"The fields \"{definition.PrivateField}\" and \"{definition.PublicField}\" of the secret are no pair of SSH keys.",
            "Write the private key's own public key into the secret: ssh-keygen -y -f KEY prints it.");
    }

    private static bool Belongs(SshPublicKey expected, ReadOnlySpan<byte> pem) => pem.StartsWith("-----BEGIN OPENSSH PRIVATE KEY-----"u8)
        ? SshPublicKey.FindIn(pem) == expected
        : pem.StartsWith("-----BEGIN "u8);

    private bool IsOwn(string label) => label == definition.Label || label.StartsWith(definition.Label + " ", StringComparison.Ordinal);

    private RotationId? MadeBy(string label) =>
        IsOwn(label) && label[definition.Label.Length..].Trim() is var id && RotationId.IsOwn(id) ? new(id) : null;
}
