using System.Security.Authentication;
using Azure.Core;
using SecretRotator.Providers.Azure;
using SecretRotator.Providers.Bitbucket.Calls;
using SecretRotator.Providers.Http;

namespace SecretRotator.Providers.Backends.Entra;

/// <summary>One call as people see it.</summary>
/// <param name="What">What its failure means, before "the application ID": <c>No client secret could be added to</c>.</param>
/// <param name="Writes">Whether it changes something.</param>
/// <param name="Once">Whether doing it twice does something else.</param>
internal sealed record GraphCall(string What, bool Writes = false, bool Once = false);

/// <summary>Makes the calls of Graph about one application: repeated where that is safe, and failing in one way only.</summary>
/// <remarks>
/// Graph refuses changes that come too close upon each other with 409 and Directory_ConcurrencyViolation, and asks to repeat them after a
/// pause. It has also been seen to send that with 503, which a gateway sends too: then nothing is known.
/// </remarks>
/// <param name="definition">The application.</param>
/// <param name="credential">Who calls.</param>
/// <param name="scope">What the token is asked for.</param>
/// <param name="random">For jitter.</param>
/// <param name="time">Waits between tries.</param>
internal sealed class GraphCalls(
    EntraDefinition definition, TokenCredential credential, string scope, IRandomSource random, TimeProvider time)
{
    private const string Service = "Microsoft Graph";
    private const string Id = "microsoft-graph";

    private static readonly RetryPatience Patience = new()
    {
        FirstPause = TimeSpan.FromSeconds(1),
        FirstThrottledPause = TimeSpan.FromSeconds(2),
        LongestRetryAfter = TimeSpan.FromMinutes(1),
        Drawn = (0.75, 1.25),
    };

    private readonly Retry _retry = new(Patience, random, time);

    /// <summary>Makes a call; <paramref name="send"/> is one try of it, with a token.</summary>
    /// <exception cref="RemoteFailureException">Refused, or without an answer, after all tries.</exception>
    public Task<T> RunAsync<T>(GraphCall call, Func<string, Task<T>> send, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        return _retry.RunAsync(
            new RetriedCall(!call.Once, thrown => Judged(thrown, call)),
            async stop =>
            {
                var token = await TokenAsync(stop);
                return await BitbucketCalls.UnwrappedAsync(_ => send(token), stop);
            },
            cancellation);
    }

    private async Task<string> TokenAsync(CancellationToken cancellation)
    {
        try
        {
            return (await credential.GetTokenAsync(new TokenRequestContext([scope]), cancellation)).Token;
        }
        catch (Exception failure) when (KeyVaultFailure.IsOfCall(failure, cancellation))
        {
            throw new NoGraphTokenException(failure);
        }
    }

    private JudgedTry? Judged(Exception thrown, GraphCall call)
    {
        var what = $"{call.What} the application {definition.Application}";
        var failure = thrown switch
        {
            NoGraphTokenException { InnerException: { } cause } => KeyVaultFailure.Of(cause, what, writes: false),
            GraphRefusal refused => OfAnswer(refused, what, call.Writes),
            ProxyRefusedException or AuthenticationException or HttpRequestException or IOException or OperationCanceledException
                or JsonException or SecretContentException => SilentCall.Failure(thrown, what, call.Writes, Service),
            _ => null,
        };
        if (failure is null)
            return null;
        failure = failure.At(Id, definition.Place);
        return new JudgedTry(
            failure.Effect,
            Next(thrown),
            (thrown as GraphRefusal)?.RetryAfter,
            tries => tries.MayHaveHappened ? failure.With(Effect.Unknown) : failure);
    }

    private static NextTry Next(Exception thrown) => thrown switch
    {
        GraphRefusal { Status: 429 } => NextTry.Throttled,
        GraphRefusal { Status: 409, Code: "Directory_ConcurrencyViolation" } or GraphRefusal { Status: 408 or >= 500 } =>
            NextTry.AfterPause,
        GraphRefusal or NoGraphTokenException or ProxyRefusedException or AuthenticationException or JsonException
            or SecretContentException => NextTry.Never,
        _ => NextTry.AfterPause,
    };

    private RemoteFailureException OfAnswer(GraphRefusal refused, string what, bool writes)
    {
        var said = $"{what}: {Service} answered {refused.Status}{(refused.Code is { } code ? $" ({code})" : "")}.";
        return (refused.Status, refused.Code) switch
        {
            _ when refused.Status < 400 => SilentCall.Failure(new JsonException(), what, writes, Service),
            (408 or >= 500, _) => new(
                FailureKind.Unavailable, writes ? Effect.Unknown : Effect.Rejected, said, "Run the same command again later.", refused),
            (401, _) => No(FailureKind.Unauthenticated, "Check tenant and credential of the identity that calls Graph."),
            (403, _) => No(
                FailureKind.AccessDenied,
                "Give the identity in use Microsoft Graph's application permission Application.ReadWrite.OwnedBy, with admin consent, and "
                    + $"make it an owner: az ad app owner add --id {definition.Application} --owner-object-id OBJECT-ID. "
                    + "docs/backends.md has "
                    + "all commands."),
            (404, _) => No(
                FailureKind.NotFound,
                "Check that the application is registered in the tenant of the identity in use: az ad app show --id "
                    + $"{definition.Application}"),
            (409, _) => No(FailureKind.Conflict, "Someone else changes the application now. Run again in a minute."),
            (429, _) => No(FailureKind.Throttled, "Wait a few minutes, then run again."),
            (400, GraphRefusal.TooMany) => No(FailureKind.Conflict, null),
            (400, { } policy) when policy.StartsWith("Credential", StringComparison.Ordinal) => No(
                FailureKind.Other,
                "A policy of the tenant limits the secrets of applications. Write a shorter lifetime, or have it exempt this one."),
            _ => No(FailureKind.Other, null),
        };

        RemoteFailureException No(FailureKind kind, string? hint) => new(kind, Effect.Rejected, said, hint, refused);
    }
}
