using System.Security.Cryptography;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using SecretRotator.Sandbox.Faults;
using SecretRotator.Sandbox.Tokens;

namespace SecretRotator.Sandbox.Aws;

/// <summary>
/// AWS STS in its query protocol: roles by web identity (the step's token is checked: signature, issuer, audience,
/// subject, expiry) or by a signed call, the caller's identity, and tokens for other services.
/// </summary>
/// <param name="conditions">What is wrong with the trust.</param>
internal sealed partial class StsEmulator(ImmutableHashSet<Condition> conditions) : IEmulator
{
    public const string Name = "sts";

    /// <summary>The operations that a fault can name.</summary>
    public static readonly ImmutableArray<string> Operations =
        ["AssumeRoleWithWebIdentity", "AssumeRole", "GetCallerIdentity", "GetWebIdentityToken"];

    /// <summary><c>wrong-subject</c>: the role's trust policy admits another repository or environment than the step's.</summary>
    public static readonly Condition WrongSubject = new("wrong-subject");

    /// <summary><c>unregistered-provider</c>: the workspace's issuer is not registered in the AWS account.</summary>
    public static readonly Condition UnregisteredProvider = new("unregistered-provider");

    // Of a repository that doesn't exist.
    private const string AnotherSubject = "{ffffffff-0000-4000-8000-000000000000}:*";

    private static readonly AwsQueryProtocol Protocol = new(Name, XNamespace.Get("https://sts.amazonaws.com/doc/2011-06-15/"));

    public string Service => Name;

    public CallName Identify(SandboxRequest request, SandboxState state)
    {
        var form = request.Form();
        return new CallName(form.GetValueOrDefault("Action", "unknown"), form.GetValueOrDefault("RoleArn", ""));
    }

    public SandboxAnswer Answer(SandboxRequest request, SandboxState state, SandboxClock clock)
    {
        var form = request.Form();
        var action = form.GetValueOrDefault("Action", "");
        try
        {
            return action switch
            {
                "AssumeRoleWithWebIdentity" => Protocol.Success(action, ByWebIdentity(form, state, clock.Real), changed: true),
                "AssumeRole" => Protocol.Success(action, BySignedCall(form, state.Sts, Caller(), clock.Real), changed: true),
                "GetCallerIdentity" => WhoIsIt(action, Caller(), state),
                "GetWebIdentityToken" => Protocol.Success(action, Token(form, state, Caller(), clock.Real), changed: true),
                _ => throw new Refusal("InvalidAction", $"Could not find operation {action} for version 2011-06-15"),
            };
        }
        catch (Refusal refusal)
        {
            return Protocol.Refuse(refusal);
        }

        AwsCaller Caller() => Protocol.Caller(request, state, clock);
    }

    public SandboxAnswer Trouble(int status) => Protocol.Refuse(status switch
    {
        403 => new Refusal("AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity", 403),
        429 => new Refusal("Throttling", "Rate exceeded"),
        503 => new Refusal("ServiceUnavailable", "Service is unavailable", 503),
        >= 500 => new Refusal(
            "InternalFailure", "The request processing has failed because of an unknown error, exception or failure.", status),
        _ => new Refusal("ValidationError", "The request was refused.", status),
    });

    private XElement[] ByWebIdentity(Dictionary<string, string> form, SandboxState state, DateTimeOffset now)
    {
        var (role, session) = RoleAndSession(form);
        var token = SignedToken.Parse(form.GetValueOrDefault("WebIdentityToken", ""))
            ?? throw new Refusal(
                "InvalidIdentityToken", "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)");
        var issuer = token.Claim("iss");
        var trust = state.Sts.Roles.GetValueOrDefault(role);
        var subject = conditions.Contains(WrongSubject) ? AnotherSubject : trust?.Subject;
        if (conditions.Contains(UnregisteredProvider)
            || !state.Sts.Roles.Any(known => known.Value.Issuer == issuer && Account(known.Key) == Account(role)))
            throw new Refusal("InvalidIdentityToken", $"No OpenIDConnect provider found in your account for {issuer}");
        if (!TokenSigner.Signed(state, token))
            throw new Refusal("InvalidIdentityToken", "Couldn't retrieve verification key from your identity provider,  please "
                + "reference AssumeRoleWithWebIdentity documentation for requirements");
        if (token.Number("exp") is not { } end || end <= now.ToUnixTimeSeconds())
            throw new Refusal("ExpiredTokenException", $"Token expired: current date/time {now.ToUnixTimeSeconds()} must be before "
                + $"the expiration date/time {token.Number("exp")}");
        if (trust is not null && !trust.Audiences.Contains(token.Claim("aud") ?? "", StringComparer.Ordinal))
            throw new Refusal("InvalidIdentityToken", "Incorrect token audience");
        if (trust is null || trust.Issuer != issuer || !IsLike(token.Claim("sub") ?? "", subject!))
            throw new Refusal("AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity", 403);
        return
        [
            .. Assume(state.Sts, role, session, form, now),
            Protocol.Element("Provider", $"arn:aws:iam::{Account(role)}:oidc-provider/{issuer!["https://".Length..]}"),
            Protocol.Element("Audience", token.Claim("aud")!),
            Protocol.Element("SubjectFromWebIdentityToken", token.Claim("sub")!),
        ];
    }

    private static XElement[] BySignedCall(Dictionary<string, string> form, StsState sts, AwsCaller caller, DateTimeOffset now)
    {
        var (role, session) = RoleAndSession(form);
        return sts.Roles.GetValueOrDefault(role) is { AdmitsOwnAccount: true } && Account(role) == caller.Account
            ? Assume(sts, role, session, form, now)
            : throw new Refusal(
                "AccessDenied", $"User: {caller.Arn} is not authorized to perform: sts:AssumeRole on resource: {role}", 403);
    }

    private static XElement[] Assume(StsState sts, string role, string session, Dictionary<string, string> form, DateTimeOffset now)
    {
        var seconds = int.TryParse(form.GetValueOrDefault("DurationSeconds", "3600"), CultureInfo.InvariantCulture, out var asked)
            ? asked
            : 0;
        if (seconds is < 900 or > 43200)
            throw new Refusal("ValidationError", "The requested DurationSeconds is not within 900 and 43200.");
        foreach (var over in sts.Credentials.Where(known => known.Value.Expires <= now).Select(known => known.Key).ToList())
            sts.Credentials.Remove(over);
        var end = now.AddSeconds(seconds);
        var id = "ASIA" + RandomNumberGenerator.GetString("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 16);
        var made = sts.Credentials[id] = new AwsCredentialState
        {
            SecretAccessKey = Convert.ToBase64String(RandomNumberGenerator.GetBytes(30)),
            SessionToken = Convert.ToBase64String(RandomNumberGenerator.GetBytes(96)),
            Account = Account(role),
            Arn = $"arn:aws:sts::{Account(role)}:assumed-role/{role[(role.LastIndexOf('/') + 1)..]}/{session}",
            Expires = end,
        };
        return
        [
            Protocol.Element(
                "AssumedRoleUser", Protocol.Element("Arn", made.Arn), Protocol.Element("AssumedRoleId", $"AROASANDBOXSANDBOX00:{session}")),
            Protocol.Element(
                "Credentials",
                Protocol.Element("AccessKeyId", id),
                Protocol.Element("SecretAccessKey", made.SecretAccessKey),
                Protocol.Element("SessionToken", made.SessionToken!),
                Protocol.Element("Expiration", end)),
        ];
    }

    // A user's key was used, which IAM remembers.
    private static SandboxAnswer WhoIsIt(string action, AwsCaller caller, SandboxState state) => Protocol.Success(
        action,
        [Protocol.Element("Arn", caller.Arn), Protocol.Element("UserId", caller.AccessKey), Protocol.Element("Account", caller.Account)],
        changed: state.Iam.Key(caller.AccessKey) is not null);

    private static XElement[] Token(Dictionary<string, string> form, SandboxState state, AwsCaller caller, DateTimeOffset now)
    {
        var audience = form.GetValueOrDefault("Audience.member.1")
            ?? throw new Refusal("ValidationError", "1 validation error detected: Value at 'audience' failed to satisfy "
                + "constraint: Member must not be null");
        var seconds = int.TryParse(form.GetValueOrDefault("DurationSeconds", "300"), CultureInfo.InvariantCulture, out var asked)
            ? asked
            : 300;
        var end = now.AddSeconds(seconds);
        var session = AssumedRole().Match(caller.Arn);
        var claims = new JsonObject
        {
            ["iss"] = IssuerOf(caller.Account),
            ["aud"] = audience,
            ["sub"] = session.Success ? $"arn:aws:iam::{caller.Account}:role/{session.Groups[1].Value}" : caller.Arn,
            ["iat"] = now.ToUnixTimeSeconds(),
            ["exp"] = end.ToUnixTimeSeconds(),
        };
        return [Protocol.Element("WebIdentityToken", TokenSigner.Sign(state, claims)), Protocol.Element("Expiration", end)];
    }

    private static (string Role, string Session) RoleAndSession(Dictionary<string, string> form)
    {
        var (role, session) = (form.GetValueOrDefault("RoleArn", ""), form.GetValueOrDefault("RoleSessionName", ""));
        if (!RoleArn().IsMatch(role))
            throw new Refusal("ValidationError", $"{role} is invalid");
        return Session().IsMatch(session)
            ? (role, session)
            : throw new Refusal("ValidationError", $"1 validation error detected: Value '{session}' at 'roleSessionName' failed to "
                + $"satisfy constraint: Member must satisfy regular expression pattern: [\\w+=,.@-]*");
    }

    private static bool IsLike(string text, string pattern)
    {
        var expression = Regex.Escape(pattern).Replace("\\*", ".*", StringComparison.Ordinal).Replace("\\?", ".", StringComparison.Ordinal);
        return Regex.IsMatch(text, $"^{expression}$", RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));
    }

    private static string Account(string arn) => arn.Split(':') is [_, _, _, _, var account, ..] ? account : "";

    /// <summary>The issuer of an account's <c>GetWebIdentityToken</c>; real ones have an id of their own in this place.</summary>
    public static string IssuerOf(string account) => $"https://sandbox-{account}.tokens.sts.global.api.aws";

    [GeneratedRegex(
        "^arn:aws[a-z-]*:iam::[0-9]{12}:role/[\\w+=,.@/-]{1,512}$", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex RoleArn();

    [GeneratedRegex("^[\\w+=,.@-]{2,64}$", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Session();

    [GeneratedRegex("^arn:aws:sts::[0-9]{12}:assumed-role/([^/]+)/", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex AssumedRole();
}
