using System.Text.RegularExpressions;
using Amazon.IdentityManagement;
using Amazon.IdentityManagement.Model;
using Amazon.Runtime;
using SecretRotator.Backends;
using SecretRotator.Providers.Aws;

namespace SecretRotator.Providers.Backends.AwsIam;

/// <summary>Issues the access keys of one IAM user, and proves them by asking STS whose they are.</summary>
/// <remarks>
/// A key carries no mark and creating one takes no token, so that the call is never repeated unless IAM refused it: what an unanswered one
/// left shows by the time at which it was made.
/// </remarks>
/// <param name="definition">Whose keys.</param>
/// <param name="aws">AWS, as the inventory's vaults are reached.</param>
/// <param name="random">For jitter.</param>
/// <param name="time">Waits between tries.</param>
internal sealed partial class AwsIamBackend(AwsIamDefinition definition, AwsVaultFactory aws, IRandomSource random, TimeProvider time)
    : ICredentialBackend
{
    // A user has two keys; more pages than one are a service that leads in circles.
    private const int MostPages = 5;

    private readonly AwsTries _tries = new(random, time);
    private readonly AwsIamFailures _failures = new(definition);

    private IAmazonIdentityManagementService Iam => aws.Iam(definition.Region, definition.Role);

    private (string Id, string Secret) Fields => (definition.IdField, definition.SecretField);

    /// <inheritdoc />
    public SlotId SlotOf(SecretValue credential)
    {
        var text = PlainField.Of(credential, definition.IdField);
        return KeyId().IsMatch(text)
            ? new SlotId(text)
            : throw new SecretContentException(
                $"The field \"{definition.IdField}\" of the secret holds no id of an access key.",
                $"Write the id into the field in the vault: aws iam list-access-keys --user-name {definition.UserName}");
    }

    /// <inheritdoc />
    public async Task<BackendState> InspectAsync(SecretValue current, CancellationToken cancellation)
    {
        SlotOf(current);
        IssuedFields.Rehearse(current, Fields);
        return new BackendState([.. await SlotsAsync(cancellation)], AwsIamProvider.AddressOf(Iam.Config).Authority);
    }

    /// <inheritdoc />
    public async Task<Proof> ProveAsync(SecretValue credential, CancellationToken cancellation)
    {
        var key = SlotOf(credential);
        using var secret = JsonSecret.Read(credential, definition.SecretField);
#pragma warning disable RS0030 // The SDK signs with text.
        var text = secret.RevealText();
#pragma warning restore RS0030
        if (text.Length == 0)
            throw new SecretContentException(
                $"The field \"{definition.SecretField}\" of the secret is empty.", "Write the key's secret into the field in the vault.");
        try
        {
            var whose = await aws.WhoseAsync(definition.Region, new BasicAWSCredentials(key.Value, text), cancellation);
            return IsOurs(whose.Arn) ? Proof.Accepted : _failures.OfAnother(key, whose.Arn);
        }
        catch (Exception failure) when (failure is not OperationCanceledException || !cancellation.IsCancellationRequested)
        {
            return _failures.OfProof(failure, key);
        }
    }

    /// <inheritdoc />
    public async Task<SecretValue> IssueAsync(RotationId rotation, SecretValue current, CancellationToken cancellation)
    {
        IssuedFields.Rehearse(current, Fields);
        AccessKey made;
        try
        {
            made = (await CallAsync(
                $"creating an access key of {definition.UserName}", "iam:CreateAccessKey", writes: true,
                () => Iam.CreateAccessKeyAsync(new CreateAccessKeyRequest { UserName = definition.UserName }, CancellationToken.None),
                cancellation,
                answer => answer.AccessKey is { AccessKeyId: { } id, SecretAccessKey.Length: > 0 } && KeyId().IsMatch(id),
                once: true)).AccessKey;
        }
        catch (RemoteFailureException full) when (AwsIamFailures.CodeOf(full) == AwsIamFailures.LimitExceeded)
        {
            throw await FullAsync(full, cancellation);
        }

        using var id = SecretValue.FromText(made.AccessKeyId);
        using var secret = SecretValue.FromText(made.SecretAccessKey);
        return IssuedFields.Filled(current, Fields, id, secret);
    }

    /// <inheritdoc />
    public async Task DisableAsync(SlotId slot, SlotId inUse, CancellationToken cancellation)
    {
        slot.ThrowIfInUse(inUse);
        await IfThereAsync(() => TurnAsync(slot, StatusType.Inactive, "deactivating", cancellation));
    }

    /// <inheritdoc />
    public Task EnableAsync(SlotId slot, SecretValue credential, CancellationToken cancellation) =>
        TurnAsync(slot, StatusType.Active, "activating", cancellation);

    /// <inheritdoc />
    public async Task DeleteAsync(SlotId slot, SlotId inUse, CancellationToken cancellation)
    {
        slot.ThrowIfInUse(inUse);
        await IfThereAsync(() => CallAsync(
            $"deleting the access key {slot} of {definition.UserName}", "iam:DeleteAccessKey", writes: true,
            () => Iam.DeleteAccessKeyAsync(
                new DeleteAccessKeyRequest { UserName = definition.UserName, AccessKeyId = slot.Value }, CancellationToken.None),
            cancellation));
    }

    private static async Task IfThereAsync(Func<Task> change)
    {
        try
        {
            await change();
        }
        catch (RemoteFailureException gone) when (gone.Kind == FailureKind.NotFound)
        {
        }
    }

    private Task<UpdateAccessKeyResponse> TurnAsync(SlotId slot, StatusType status, string doing, CancellationToken cancellation) =>
        CallAsync(
            $"{doing} the access key {slot} of {definition.UserName}", "iam:UpdateAccessKey", writes: true,
            () => Iam.UpdateAccessKeyAsync(
                new UpdateAccessKeyRequest { UserName = definition.UserName, AccessKeyId = slot.Value, Status = status },
                CancellationToken.None),
            cancellation);

    private async Task<ImmutableArray<AccessKeyMetadata>> ListAsync(CancellationToken cancellation)
    {
        var act = $"listing the access keys of {definition.UserName}";
        var keys = ImmutableArray.CreateBuilder<AccessKeyMetadata>();
        string? marker = null;
        for (var page = 0; page < MostPages; page++)
        {
            var request = new ListAccessKeysRequest { UserName = definition.UserName, Marker = marker };
            var answer = await CallAsync(
                act, "iam:ListAccessKeys", writes: false, () => Iam.ListAccessKeysAsync(request, cancellation), cancellation,
                answer => answer.IsTruncated is not null
                    && (answer.AccessKeyMetadata ?? [])
                        .All(key => key is { AccessKeyId.Length: > 0, Status: not null, CreateDate: not null }));
            keys.AddRange(answer.AccessKeyMetadata ?? []);
            marker = answer.Marker;
            if (answer.IsTruncated != true)
                return keys.ToImmutable();
        }

        throw _failures.Garbled(act, writes: false);
    }

    private async Task<Slot[]> SlotsAsync(CancellationToken cancellation) =>
        await Task.WhenAll((await ListAsync(cancellation)).Select(key => LookAsync(key, cancellation)));

    private async Task<Slot> LookAsync(AccessKeyMetadata key, CancellationToken cancellation)
    {
        var answer = await CallAsync(
            $"asking when the access key {key.AccessKeyId} of {definition.UserName} was used", "iam:GetAccessKeyLastUsed", writes: false,
            () => Iam.GetAccessKeyLastUsedAsync(new GetAccessKeyLastUsedRequest { AccessKeyId = key.AccessKeyId }, cancellation),
            cancellation,
            answer => answer.AccessKeyLastUsed is not null);
        var used = answer.AccessKeyLastUsed;
        return new Slot(new SlotId(key.AccessKeyId), key.Status == StatusType.Active)
        {
            MadeAt = At(key.CreateDate),
            UsedAt = At(used.LastUsedDate),
            UsedFor = used.LastUsedDate is null ? null : $"{used.ServiceName} in {used.Region}",
        };
    }

    private async Task<RemoteFailureException> FullAsync(RemoteFailureException full, CancellationToken cancellation)
    {
        var keys = "both";
        try
        {
            keys = string.Join(" and ", (await SlotsAsync(cancellation)).Select(Described));
        }
        catch (RemoteFailureException)
        {
            // The refusal is what counts.
        }

        var failure = full.Failure with
        {
            Message = $"{definition.UserName} has two access keys already, and IAM keeps no more, so none was created.",
            Hint = $"It has {keys}. Delete the one that nothing uses: aws iam delete-access-key --user-name {definition.UserName} "
                + "--access-key-id ID",
        };
        return new RemoteFailureException(failure, full.InnerException);
    }

    private static string Described(Slot slot) => string.Create(
        CultureInfo.InvariantCulture,
        $"{slot.Id} ({(slot.Enabled ? "" : "deactivated, ")}made {slot.MadeAt:uuuu-MM-dd}, "
            + $"{(slot.UsedAt is { } used ? $"used {used:uuuu-MM-dd} for {slot.UsedFor}" : "never used")})");

    // A name is unique in its account, whatever path its ARN has.
    private bool IsOurs(string? arn) =>
        arn?.Split(':') is [_, _, "iam", _, var account, var user] && user.StartsWith("user/", StringComparison.Ordinal)
        && user[(user.LastIndexOf('/') + 1)..] == definition.UserName && account == (definition.Account ?? account);

    private Task<T> CallAsync<T>(
        string act, string action, bool writes, Func<Task<T>> call, CancellationToken cancellation, Func<T, bool>? isAnswer = null,
        bool once = false)
    {
        // What was sent isn't given up: a change of whose answer nothing is known is worse than a moment's wait.
        cancellation.ThrowIfCancellationRequested();
        return _tries.RunAsync(
            call, failure => _failures.Of(failure, act, action, writes), () => _failures.Garbled(act, writes), cancellation, isAnswer,
            once: once);
    }

    private static Instant? At(DateTime? time) => time is { } known ? Instant.FromDateTimeUtc(known.ToUniversalTime()) : null;

    // https://docs.aws.amazon.com/IAM/latest/APIReference/API_AccessKey.html, and all that AWS makes are of these characters.
    [GeneratedRegex(@"^[A-Z0-9]{16,128}\z", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: Timeout.Infinite)]
    private static partial Regex KeyId();
}
