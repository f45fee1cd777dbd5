namespace SecretRotator.Sandbox.Aws;

/// <summary>The users of all accounts whose keys are rotated. What signs with a key is among <see cref="StsState.Credentials"/>.</summary>
internal sealed class IamState
{
    /// <summary>Users by account and name: <c>123456789012/ci-deploy</c>.</summary>
    public SortedDictionary<string, IamUserState> Users { get; set; } = new(StringComparer.Ordinal);

    /// <summary>The key of an id, or null where no user has it.</summary>
    public IamKeyState? Key(string id) => Users.Values.SelectMany(user => user.Keys).FirstOrDefault(key => key.Id == id);
}

internal sealed class IamUserState
{
    public string Arn { get; set; } = "";
    public List<IamKeyState> Keys { get; set; } = [];
}

internal sealed class IamKeyState
{
    public string Id { get; set; } = "";
    public DateTimeOffset Created { get; set; }
    public DateTimeOffset? Used { get; set; }
    public string? UsedService { get; set; }
    public string? UsedRegion { get; set; }
}
