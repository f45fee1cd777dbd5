using System.Security.Cryptography;
using System.Xml.Linq;
using SecretRotator.Sandbox.Faults;

namespace SecretRotator.Sandbox.Aws;

/// <summary>
/// The access keys of AWS IAM: two a user, and a new one is refused for a while, unless <see cref="Condition.CredentialsAtOnce"/>.
/// </summary>
/// <param name="conditions">What is wrong all the time.</param>
internal sealed class IamEmulator(ImmutableHashSet<Condition> conditions) : IEmulator
{
    public const string Name = "iam";

    /// <summary>How long a new key is refused, in the sandbox's time. On the real service it is 5 to 15 seconds.</summary>
    public static readonly TimeSpan Lag = TimeSpan.FromSeconds(2);

    /// <summary>The operations that a fault can name.</summary>
    public static readonly ImmutableArray<string> Operations =
        ["CreateAccessKey", "ListAccessKeys", "GetAccessKeyLastUsed", "UpdateAccessKey", "DeleteAccessKey"];

    private const int KeysOfUser = 2;

    private static readonly AwsQueryProtocol Protocol = new(Name, XNamespace.Get("https://iam.amazonaws.com/doc/2010-05-08/"));

    public string Service => Name;

    public CallName Identify(SandboxRequest request, SandboxState state)
    {
        var form = request.Form();
        return new CallName(
            form.GetValueOrDefault("Action", "unknown"), form.GetValueOrDefault("UserName") ?? form.GetValueOrDefault("AccessKeyId", ""));
    }

    public SandboxAnswer Answer(SandboxRequest request, SandboxState state, SandboxClock clock)
    {
        var form = request.Form();
        var action = form.GetValueOrDefault("Action", "");
        try
        {
            var user = UserOf(form, action, state, Protocol.Caller(request, state, clock));
            return action switch
            {
                "CreateAccessKey" => Create(user, state, clock),
                "ListAccessKeys" => List(user, state),
                "GetAccessKeyLastUsed" => LastUsed(user, KeyOf(form, user)),
                "UpdateAccessKey" => Update(form, state, KeyOf(form, user)),
                "DeleteAccessKey" => Delete(state, user, KeyOf(form, user)),
                _ => throw new Refusal("InvalidAction", $"Could not find operation {action} for version 2010-05-08"),
            };
        }
        catch (Refusal refusal)
        {
            return Protocol.Refuse(refusal);
        }
    }

    public SandboxAnswer Trouble(int status) => Protocol.Refuse(status switch
    {
        403 =>
            new Refusal("AccessDenied", "User is not authorized to perform this action because no identity-based policy allows it", 403),
        404 => new Refusal("NoSuchEntity", "The user cannot be found.", 404),
        409 => new Refusal("LimitExceeded", "Cannot exceed quota for AccessKeysPerUser: 2", 409),
        429 => new Refusal("Throttling", "Rate exceeded"),
        503 => new Refusal("ServiceUnavailable", "Service is unavailable", 503),
        >= 500 => new Refusal("ServiceFailure", "The request processing has failed because of an unknown error.", status),
        _ => new Refusal("ValidationError", "The request was refused.", status),
    });

    /// <summary>Makes a key of a user that is accepted from a time on.</summary>
    public static (string Id, string Secret) Add(SandboxState state, string arn, DateTimeOffset created, DateTimeOffset? worksFrom)
    {
        var user = state.Iam.Users.GetOrAdd(
            $"{arn.Split(':')[4]}/{arn[(arn.LastIndexOf('/') + 1)..]}", () => new IamUserState { Arn = arn });
        var id = "AKIA" + RandomNumberGenerator.GetString("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 16);
        var secret = Convert.ToBase64String(RandomNumberGenerator.GetBytes(30));
        user.Keys.Add(new IamKeyState { Id = id, Created = created });
        state.Sts.Credentials[id] = new AwsCredentialState
        {
            SecretAccessKey = secret,
            Account = arn.Split(':')[4],
            Arn = arn,
            WorksFrom = worksFrom,
        };
        return (id, secret);
    }

    private static IamUserState UserOf(Dictionary<string, string> form, string action, SandboxState state, AwsCaller caller)
    {
        var owner = action == "GetAccessKeyLastUsed"
            ? state.Iam.Users.Values.FirstOrDefault(user => user.Keys.Exists(key => key.Id == form.GetValueOrDefault("AccessKeyId")))
            : state.Iam.Users.GetValueOrDefault($"{caller.Account}/{form.GetValueOrDefault("UserName", "")}");
        if (owner is null || !owner.Arn.Contains($":{caller.Account}:", StringComparison.Ordinal))
            throw new Refusal("NoSuchEntity", $"The user with name {form.GetValueOrDefault("UserName")} cannot be found.", 404);
        return owner.Arn == caller.Arn
            ? throw new Refusal(
                "AccessDenied",
                $"User: {caller.Arn} is not authorized to perform: iam:{action} on resource: {owner.Arn} because no identity-based policy "
                    + $"allows the iam:{action} action",
                403)
            : owner;
    }

    private static IamKeyState KeyOf(Dictionary<string, string> form, IamUserState user)
    {
        var id = form.GetValueOrDefault("AccessKeyId", "");
        return user.Keys.Find(key => key.Id == id)
            ?? throw new Refusal("NoSuchEntity", $"The Access Key with id {id} cannot be found.", 404);
    }

    private SandboxAnswer Create(IamUserState user, SandboxState state, SandboxClock clock)
    {
        if (user.Keys.Count >= KeysOfUser)
            throw new Refusal("LimitExceeded", "Cannot exceed quota for AccessKeysPerUser: 2", 409);
        var (id, secret) = Add(
            state, user.Arn, clock.Now, conditions.Contains(Condition.CredentialsAtOnce) ? null : clock.Now + Lag);
        return Protocol.Success(
            "CreateAccessKey",
            [
                Protocol.Element(
                    "AccessKey",
                    NameOf(user),
                    Protocol.Element("AccessKeyId", id),
                    Protocol.Element("Status", "Active"),
                    Protocol.Element("SecretAccessKey", secret),
                    Protocol.Element("CreateDate", clock.Now)),
            ],
            changed: true);
    }

    private static SandboxAnswer List(IamUserState user, SandboxState state) => Protocol.Success(
        "ListAccessKeys",
        [
            Protocol.Element(
                "AccessKeyMetadata",
                [
                    .. user.Keys.Select(key => Protocol.Element(
                        "member",
                        NameOf(user),
                        Protocol.Element("AccessKeyId", key.Id),
                        Protocol.Element("Status", state.Sts.Credentials[key.Id].Inactive ? "Inactive" : "Active"),
                        Protocol.Element("CreateDate", key.Created))),
                ]),
            Protocol.Element("IsTruncated", "false"),
        ]);

    private static SandboxAnswer LastUsed(IamUserState user, IamKeyState key) => Protocol.Success(
        "GetAccessKeyLastUsed",
        [
            Protocol.Element(
                "AccessKeyLastUsed",
                [
                    Protocol.Element("Region", key.UsedRegion ?? "N/A"),
                    .. key.Used is { } used ? [Protocol.Element("LastUsedDate", used)] : Array.Empty<XElement>(),
                    Protocol.Element("ServiceName", key.UsedService ?? "N/A"),
                ]),
            NameOf(user),
        ]);

    private static SandboxAnswer Update(Dictionary<string, string> form, SandboxState state, IamKeyState key)
    {
        state.Sts.Credentials[key.Id].Inactive = form.GetValueOrDefault("Status") switch
        {
            "Active" => false,
            "Inactive" => true,
            _ => throw new Refusal("ValidationError", "1 validation error detected: Value at 'status' failed to satisfy constraint"),
        };
        return Protocol.Success("UpdateAccessKey", null, changed: true);
    }

    private static SandboxAnswer Delete(SandboxState state, IamUserState user, IamKeyState key)
    {
        user.Keys.Remove(key);
        state.Sts.Credentials.Remove(key.Id);
        return Protocol.Success("DeleteAccessKey", null, changed: true);
    }

    private static XElement NameOf(IamUserState user) => Protocol.Element("UserName", user.Arn[(user.Arn.LastIndexOf('/') + 1)..]);
}
