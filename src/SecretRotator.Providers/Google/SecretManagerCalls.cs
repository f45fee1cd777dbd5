using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text.Json.Serialization.Metadata;
using SecretRotator.Providers.Google.Identity;
using SecretRotator.Providers.Http;

namespace SecretRotator.Providers.Google;

/// <summary>The calls of Secret Manager that the tool makes, failing in one way only: with a
/// <see cref="RemoteFailureException"/>.</summary>
/// <remarks>
/// A PATCH with an etag may be repeated: once one of its tries has taken effect, none of the others can. An <c>:addVersion</c> makes a
/// version each time, so it is repeated only where a try did nothing.
/// </remarks>
/// <param name="definition">The vault.</param>
/// <param name="endpoint">Where it answers, instead of its own address; or null.</param>
/// <param name="http">Sends. It must hand out whole answers only, and wipe them (<see cref="BufferedResponseHandler"/>).</param>
/// <param name="tokens">Give the identity.</param>
/// <param name="random">For jitter.</param>
/// <param name="time">Waits between tries.</param>
/// <param name="lease">Asked before every try of a change, or null.</param>
internal sealed class SecretManagerCalls(
    GoogleVaultDefinition definition, Uri? endpoint, HttpClient http, IGoogleAccessTokens tokens, IRandomSource random, TimeProvider time,
    Lease? lease = null)
{
    private const string Service = "google-secret-manager";

    // About 500 bytes each, far below the longest answer that is taken. A listing that never ends would never end the run either.
    private const int PageSize = 500;
    private const int MostPages = 100;

    private static readonly RetryPatience Patience = new()
    {
        FirstPause = TimeSpan.FromMilliseconds(500),
        FirstThrottledPause = TimeSpan.FromSeconds(2),
        LongestRetryAfter = TimeSpan.FromMinutes(1),
        Drawn = (0.5, 1),
    };

    private readonly Retry _retry = new(Patience, random, time);

    /// <summary>The same calls under a claim's lease.</summary>
    public SecretManagerCalls Under(Lease? held) => held is null ? this : new(definition, endpoint, http, tokens, random, time, held);

    /// <summary>A secret, without its versions.</summary>
    public Task<SecretEntry> GetAsync(string name, CancellationToken cancellation) => RunAsync(
        new(HttpMethod.Get, SecretOf(name), $"{Named(name)} could not be looked at", name), SecretManagerJson.Default.SecretEntry, IsWhole,
        cancellation);

    /// <summary>Replaces all annotations of a secret, provided that it has that etag still.</summary>
    /// <returns>The secret as it is now.</returns>
    public Task<SecretEntry> AnnotateAsync(
        string name, string etag, ImmutableSortedDictionary<string, string> annotations, CancellationToken cancellation) => RunAsync(
        new(HttpMethod.Patch, SecretOf(name) + "?updateMask=annotations", $"The annotations of {Named(name)} could not be written", name)
        {
            Body = () => Json(new SecretEntry(Etag: etag, Annotations: annotations), SecretManagerJson.Default.SecretEntry),
        }, SecretManagerJson.Default.SecretEntry, IsWhole, cancellation);

    /// <summary>Makes a secret that has no version yet.</summary>
    public Task<SecretEntry> CreateAsync(string name, SecretEntry content, CancellationToken cancellation) => RunAsync(
        new(HttpMethod.Post, $"v1/{definition.Parent}/secrets?secretId={name}", $"{Named(name)} could not be made", name)
        {
            Body = () => Json(content, SecretManagerJson.Default.SecretEntry),
        }, SecretManagerJson.Default.SecretEntry, IsWhole, cancellation);

    /// <summary>All versions of a secret, the newest one first.</summary>
    public async Task<ImmutableArray<GoogleVersion>> ListAsync(string name, CancellationToken cancellation)
    {
        var versions = ImmutableArray.CreateBuilder<GoogleVersion>();
        var what = $"The versions of {Named(name)} could not be listed";
        var next = "";
        for (var pages = 0; pages < MostPages; pages++)
        {
            var address = $"{SecretOf(name)}/versions?pageSize={PageSize}{next}";
            var page = await RunAsync(
                new(HttpMethod.Get, address, what, name), SecretManagerJson.Default.VersionPage,
                page => (page.Versions ?? []).All(version => GoogleVersion.From(version, name) is not null), cancellation);
            versions.AddRange((page.Versions ?? []).Select(version => GoogleVersion.From(version, name)!));
            if (string.IsNullOrEmpty(page.NextPageToken))
                return versions.Select(version => version.Number).Distinct().Count() == versions.Count
                    ? [.. versions.OrderByDescending(version => version.Number)]
                    : throw Garbled(what, name);
            next = $"&pageToken={Uri.EscapeDataString(page.NextPageToken)}";
        }

        throw Garbled(what, name);
    }

    /// <summary>Adds a version, which is current at once.</summary>
    public async Task<GoogleVersion> AddAsync(string name, SecretValue value, CancellationToken cancellation) => GoogleVersion.From(
        await RunAsync(
            new(HttpMethod.Post, SecretOf(name) + ":addVersion", $"A version of {Named(name)} could not be added", name)
            {
                Body = () => SecretPayload.Content(value),
                IsIdempotent = false,
            },
            SecretManagerJson.Default.VersionEntry, version => GoogleVersion.From(version, name) is not null, cancellation),
        name)!;

    /// <summary>Reads the value of a version. The caller wipes it.</summary>
    public Task<SecretValue> AccessAsync(string name, int number, CancellationToken cancellation)
    {
        var what = $"Version {number} of {Named(name)} could not be read";
        return RunAsync(new(HttpMethod.Get, VersionOf(name, number) + ":access", what, name), async (content, stop) =>
        {
            await using var body = await content.ReadAsStreamAsync(stop);
            var answer = GC.AllocateUninitializedArray<byte>((int)body.Length, pinned: true);
            try
            {
                await body.ReadExactlyAsync(answer, stop);
                var (version, value) = SecretPayload.Read(answer);
                if (GoogleVersion.NumberIn(version, name) == number)
                    return value;
                value.Dispose();
                throw new JsonException();
            }
            catch (BinaryPayloadException)
            {
                throw new RemoteFailureException(
                    FailureKind.Other, Effect.Rejected, "It is binary, and a Bitbucket variable is text.",
                    "Store it in the vault in a text form, such as base64.");
            }
            finally
            {
                CryptographicOperations.ZeroMemory(answer);
            }
        }, cancellation);
    }

    /// <summary>Makes a version unreadable until someone enables it again.</summary>
    /// <param name="name">The secret.</param>
    /// <param name="number">The version.</param>
    /// <param name="etag">The state that it must have still, or null for any.</param>
    /// <param name="cancellation">Stops the call.</param>
    public Task DisableAsync(string name, int number, string? etag, CancellationToken cancellation) => RunAsync(
        new(HttpMethod.Post, VersionOf(name, number) + ":disable", $"Version {number} of {Named(name)} could not be disabled", name)
        {
            Body = () => Json(new VersionOrder(etag), SecretManagerJson.Default.VersionOrder),
        },
        SecretManagerJson.Default.VersionEntry, version => GoogleVersion.From(version, name) is { Enabled: false }, cancellation);

    /// <summary>Those of some permissions that the identity has on a secret; none where the secret doesn't exist.</summary>
    public async Task<ImmutableHashSet<string>> TestPermissionsAsync(
        string name, IReadOnlyList<string> permissions, CancellationToken cancellation)
    {
        var answer = await RunAsync(
            new(HttpMethod.Post, SecretOf(name) + ":testIamPermissions", $"The permissions on {Named(name)} could not be told", name)
            {
                Body = () => Json(new PermissionList(permissions), SecretManagerJson.Default.PermissionList),
                Writes = false,
            },
            SecretManagerJson.Default.PermissionList, _ => true, cancellation);
        return ImmutableHashSet.CreateRange(StringComparer.Ordinal, answer.Permissions ?? []);
    }

    private static bool IsWhole(SecretEntry secret) =>
        secret is { Name: not null, Etag.Length: > 0 } && secret.Annotations?.Values.Any(value => value is null) != true;

    private string SecretOf(string name) => $"v1/{definition.Parent}/secrets/{name}";

    private string VersionOf(string name, int number) => $"{SecretOf(name)}/versions/{number}";

    private string Named(string name) => $"{name} in vault {definition.Name}";

    private static RemoteFailureException Garbled(string what, string name) =>
        GoogleFailures.Of(new JsonException(), what, writes: false, CancellationToken.None)!.At(Service, name);

    private static ByteArrayContent Json<T>(T value, JsonTypeInfo<T> type) =>
        new(JsonSerializer.SerializeToUtf8Bytes(value, type)) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };

    private Task<T> RunAsync<T>(Call call, JsonTypeInfo<T> type, Func<T, bool> isAnswer, CancellationToken cancellation)
        where T : class =>
        RunAsync(call, async (content, stop) =>
        {
            await using var body = await content.ReadAsStreamAsync(stop);
            return await JsonSerializer.DeserializeAsync(body, type, stop) is { } answer && isAnswer(answer)
                ? answer
                : throw new JsonException();
        }, cancellation);

    private Task<T> RunAsync<T>(Call call, Func<HttpContent, CancellationToken, Task<T>> read, CancellationToken cancellation)
    {
        string? refusedToken = null;
        return _retry.RunAsync(
            new RetriedCall(call.IsIdempotent, Judged) { Lease = call.Writes ? lease : null },
            async stop =>
            {
                var token = await tokens.GetAsync(refusedToken, stop);
                using var request = new HttpRequestMessage(call.Method, new Uri(endpoint ?? definition.Address, call.Address));
                request.Content = call.Body?.Invoke();
                request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
                if (tokens.QuotaProject is { } project)
                    request.Headers.TryAddWithoutValidation("x-goog-user-project", project);
                using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, stop);
                if (answer.IsSuccessStatusCode)
                    return await read(answer.Content, stop);
                var refused = await GoogleRefusal.OfAsync(answer, stop);
                // Once: a token may have been revoked, or ended on the way.
                var renews = refused.Status == 401 && refusedToken is null;
                refusedToken = refused.Status == 401 ? token : null;
                throw renews ? new TokenRefusedException(refused) : refused;
            },
            cancellation);

        JudgedTry? Judged(Exception thrown)
        {
            var cause = thrown is TokenRefusedException { InnerException: { } refused } ? refused : thrown;
            if (GoogleFailures.Of(cause, call.What, call.Writes, cancellation)?.At(Service, call.Name) is not { } failure)
                return null;
            return new JudgedTry(
                failure.Effect,
                thrown is TokenRefusedException ? NextTry.AtOnce : GoogleFailures.Next(thrown),
                (cause as GoogleRefusal)?.RetryAfter,
                tries => tries.Tell(failure));
        }
    }

    /// <summary>One call as people see it.</summary>
    /// <param name="Method">The method.</param>
    /// <param name="Address">The address below the service's.</param>
    /// <param name="What">What its failure means.</param>
    /// <param name="Name">The secret.</param>
    private sealed record Call(HttpMethod Method, string Address, string What, string Name)
    {
        /// <summary>Makes the body of one try, or null for none.</summary>
        public Func<HttpContent>? Body { get; init; }

        public bool Writes { get; init; } = Method != HttpMethod.Get;

        public bool IsIdempotent { get; init; } = true;
    }

    private sealed class TokenRefusedException(GoogleRefusal refused) : Exception("The access token was refused.", refused);
}
