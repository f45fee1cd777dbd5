using SecretRotator.Bitbucket;
using SecretRotator.Configuration.Schedules;
using SecretRotator.Providers.Bitbucket.Api;
using SecretRotator.Providers.Bitbucket.Calls;

namespace SecretRotator.Providers.Bitbucket;

// What the tool knows of its schedules, one plain variable of the home repository for each name: SECRET_ROTATOR_SCHEDULE_NIGHTLY_ROTATION.
// Bitbucket takes no second variable of a key, so of two runs that note the same name at once one is refused.
internal sealed partial class BitbucketSchedules
{
    private const string Prefix = "SECRET_ROTATOR_SCHEDULE_";

    private string RecordsAddress => VariableAddresses.OfVariables(home);

    /// <inheritdoc />
    public async Task<ImmutableArray<PostedRecord>> ListRecordsAsync(CancellationToken cancellation)
    {
        var call = new BitbucketCall(CallNature.Read, $"list the records of schedules in {home}", home);
        var entries = await new PagedListing<ClaimEntry>(
            calls, call, api.ListClaimsAsync, RecordsAddress, entry => BitbucketUuid.Normal(entry.Uuid))
            .ReadAsync(cancellation);
        return [.. entries.Where(IsRecord).Select(Posted)];
    }

    /// <inheritdoc />
    public async Task<PostedRecord> NoteAsync(PostedRecord? former, ScheduleRecord record, CancellationToken cancellation)
    {
        var (key, text) = (KeyOf(record.Name), record.Format());
        if (former is not null)
        {
            var put = new BitbucketCall(CallNature.Repeatable, $"change the record {key} in {home}", home, Finishing: true);
            await calls.RunAsync(
                put, () => VariableContent.Plain(key, text),
                async (content, token) => BitbucketVariables.Named(
                    await api.PutVariableAsync(RecordsAddress, BitbucketUuid.InPath(former.Uuid), content, token)), cancellation);
            return former with { Record = record };
        }

        var post = new BitbucketCall(CallNature.Once, $"note the schedule {record.Name} as the variable {key} in {home}", home);
        try
        {
            var created = await calls.RunAsync(
                post, () => VariableContent.Plain(key, text),
                async (content, token) => BitbucketVariables.Named(await api.CreateVariableAsync(RecordsAddress, content, token)),
                cancellation);
            return new(BitbucketUuid.Normal(created.Uuid)!, record);
        }
        catch (RemoteFailureException taken) when (taken.Kind == FailureKind.Conflict)
        {
            throw new RemoteFailureException(
                FailureKind.Conflict, Effect.Rejected,
                $"Another run noted the schedule {record.Name} a moment ago (the variable {key} in {home}), so this one leaves it alone.",
                "Run again when the other one has ended.");
        }
    }

    /// <inheritdoc />
    public async Task ForgetAsync(PostedRecord record, CancellationToken cancellation)
    {
        var call = new BitbucketCall(
            CallNature.Repeatable, $"delete the record {KeyOf(record.Record.Name)} in {home}", home, Finishing: true);
        await calls.DeleteAsync(
            call, token => api.DeleteAsync($"{RecordsAddress}/{BitbucketUuid.InPath(record.Uuid)}", token), cancellation);
    }

    private static bool IsRecord(ClaimEntry entry) => entry.Key?.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase) is true;

    // A name has lower-case letters, digits and hyphens, and no underscore: the key leads back to it.
    private static string KeyOf(string name) => Prefix + name.ToUpperInvariant().Replace('-', '_');

    private PostedRecord Posted(ClaimEntry entry)
    {
        var name = entry.Key![Prefix.Length..].ToLowerInvariant().Replace('_', '-');
        return ScheduleRecord.Parse(name, entry.Value) is { } record
            ? new(BitbucketUuid.Normal(entry.Uuid)!, record)
            : throw new RemoteFailureException(
                FailureKind.Garbled,
                Effect.Rejected,
                $"The variable {ErrorBody.OneLine(entry.Key)} in {home} holds something else than this tool's record of a schedule, so "
                    + "whose schedule it is can't be determined.",
                MarkText.MayBeNewer + "Delete the variable; a schedule that is as its file says is then adopted, and others of that name "
                    + "have to be deleted by hand.");
    }
}
