namespace SecretRotator.Providers.Bitbucket.Calls;

/// <summary>What a call may be repeated after.</summary>
internal enum CallNature
{
    /// <summary>It changes nothing: a failure has no effect, and repeating is free.</summary>
    Read,

    /// <summary>Doing it twice is as good as once (PUT, DELETE): repeated, but a missing answer leaves the effect unknown.</summary>
    Repeatable,

    /// <summary>Doing it twice does something else (POST): repeated only when it is certain that nothing was done.</summary>
    Once,
}

/// <summary>One call as people and the flow see it.</summary>
/// <param name="Nature">What it may be repeated after.</param>
/// <param name="Doing">What it does to which thing, after "to": <c>change the variable payments-api:DB_PASSWORD</c>.</param>
/// <param name="Place">The scope that it is about, whose repository or workspace the credential must see.</param>
/// <param name="Finishing">Whether it finishes or undoes what was begun, see <see cref="CallPacer"/>.</param>
/// <param name="Sent">The value that is sent, so that no message repeats it.</param>
internal sealed record BitbucketCall(CallNature Nature, string Doing, VariableScope Place, bool Finishing = false, SecretValue? Sent = null)
{
    /// <summary>Bitbucket, as failures name it.</summary>
    public const string Service = "bitbucket";

    /// <summary>Asked before every try, or null.</summary>
    public Lease? Lease { get; init; }

    /// <summary>The scopes that such a call needs, for people.</summary>
    public string Scopes { get; init; } = Nature == CallNature.Read
        ? "\"pipeline\" (API token: \"read:pipeline:bitbucket\")"
        : "\"pipeline:variable\" (API token: \"admin:pipeline:bitbucket\")";

    /// <summary>The failure of a listing that isn't certainly complete.</summary>
    public RemoteFailureException Incomplete(string flaw) => new RemoteFailureException(
        FailureKind.Garbled,
        Effect.Rejected,
        $"Bitbucket was asked to {Doing}, and the list isn't certainly complete: {flaw}.",
        "Run again. If it stays so, look at the list in Bitbucket's settings, and tell Atlassian's support.").At(Service, Place.ToString());
}
