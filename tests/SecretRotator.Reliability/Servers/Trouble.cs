namespace SecretRotator.Reliability.Servers;

/// <summary>A failure that is injected into one run.</summary>
/// <param name="OnRetire">Whether it meets the run that ends the old credential; otherwise the one that makes the new one.</param>
internal abstract record Trouble(bool OnRetire)
{
    private static readonly string[] Rotating =
    [
        "bitbucket.put#1..=503", "bitbucket.put#2..=503", "bitbucket.put#1..=lost", "bitbucket.put#2=lost", "bitbucket.list#2..=503",
        "aws.PutSecretValue#1..=503", "aws.PutSecretValue#1=lost", "aws.GetSecretValue#3..=503", "aws.UpdateSecretVersionStage#1..=503",
        "aws.UpdateSecretVersionStage#1..=lost", "aws.TagResource#1..=503",
    ];

    /// <summary>All of them, those of the sandbox and those of the database in turn.</summary>
    public static ImmutableArray<Trouble> All { get; } =
    [
        .. Rotating.Select(Trouble (spec) => new Sandbox(spec, OnRetire: false)).Zip(Cuts())
            .SelectMany(pair => new[] { pair.First, pair.Second }),
        new Sandbox("aws.UpdateSecretVersionStage#1..=503", OnRetire: true),
        new Cut(Connection: 0, FromClient: true, Pieces: 3, OnRetire: true),
        new Cut(Connection: 0, FromClient: false, Pieces: 4, OnRetire: true),
    ];

    // Connections of a rotation: two to check (the administrator, the current user), one to set, one to prove.
    private static IEnumerable<Trouble> Cuts() =>
        Enumerable.Range(0, 4).SelectMany(connection => new Trouble[]
        {
            new Cut(connection, FromClient: true, Pieces: 2, OnRetire: false),
            new Cut(connection, FromClient: false, Pieces: 3, OnRetire: false),
            new Cut(connection, FromClient: true, Pieces: 4, OnRetire: false),
        });

    /// <summary>A fault of the sandbox, in the grammar of <c>docs/sandbox.md</c>.</summary>
    public sealed record Sandbox(string Spec, bool OnRetire) : Trouble(OnRetire);

    /// <summary>A connection to the database that is cut.</summary>
    /// <param name="Connection">Its number in the run, from 0.</param>
    /// <param name="FromClient">Whether it is cut while the client sends; otherwise its answer is lost.</param>
    /// <param name="Pieces">After how many pieces.</param>
    public sealed record Cut(int Connection, bool FromClient, int Pieces, bool OnRetire) : Trouble(OnRetire);
}
