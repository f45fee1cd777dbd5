using System.Text.RegularExpressions;
using Amazon;
using Amazon.Runtime;
using Amazon.Runtime.Credentials;
using Amazon.SecurityToken;
using Amazon.SecurityToken.Model;

namespace SecretRotator.Providers.Aws;

/// <summary>No credentials for AWS could be found or used on this machine, so the call that needs them was never sent.</summary>
/// <param name="cause">What the library threw, or null.</param>
/// <param name="needsProgram">Whether the machine's profile names a program for its credentials, which may not be started.</param>
internal sealed class NoAwsIdentityException(Exception? cause, bool needsProgram =
    false) : Exception("No credentials for AWS were found.", cause)
{
    /// <summary>What is wrong, to follow a colon.</summary>
    public string Why => needsProgram
        ? "the profile gets its credentials from a program (credential_process), and no program is started unasked"
        : "none could be found or used";

    /// <summary>What to do about it; null where that depends on who asks.</summary>
    public string? Hint =>
        needsProgram ? "Set aws.useCredentialProcess to true, or name a profile that needs no program (AWS_PROFILE)." : null;
}

/// <summary>
/// Who the tool is in AWS: in a pipeline the role that the step's token admits, elsewhere the identity that the
/// machine has (or the keys that the settings name), taking on the role where the inventory names one.
/// </summary>
/// <param name="settings">How AWS is reached.</param>
/// <param name="handler">Makes the HTTP handler of all calls (proxy, further certificate authorities).</param>
/// <param name="time">Tells when a role's credentials end; null for the machine's.</param>
internal sealed partial class AwsIdentity(AwsSettings settings, Func<HttpMessageHandler> handler, TimeProvider? time = null) : IDisposable
{
    private readonly SharedHttpClient _http = new(handler, settings.Timeout);

    /// <summary>The session's name in CloudTrail. AWS takes 2 to 64 of these characters.</summary>
    public string SessionName =>
        Disallowed().Replace(settings.SessionName, "-") is { Length: >= 2 } name ? name[..Math.Min(64, name.Length)] : "secret-rotator";

    /// <summary>The credentials for a role, or those of the tool itself where no role is named. Nothing is called yet.</summary>
    /// <param name="region">The region whose STS is asked.</param>
    /// <param name="role">The role's ARN, or null.</param>
    public AWSCredentials CredentialsFor(string region, string? role) =>
        role is null ? Ambient()
        : settings.StepToken is { } token
        ? new RoleCredentials(
            Sts(region, new AnonymousAWSCredentials()), sts => WithStepTokenAsync(sts, role, token), time ?? TimeProvider.System)
        : new RoleCredentials(Sts(region, Ambient()), sts => AsOneselfAsync(sts, role), time ?? TimeProvider.System);

    /// <summary>
    /// A token of the role for another service, such as Azure: AWS as the issuer, the role's ARN as the subject, which
    /// never changes (https://docs.aws.amazon.com/STS/latest/APIReference/API_GetWebIdentityToken.html).
    /// </summary>
    /// <exception cref="AmazonSecurityTokenServiceException">Refused, or without an answer.</exception>
    public async Task<string> TokenForAsync(string region, string? role, string audience, CancellationToken cancellation)
    {
        using var sts = Sts(region, CredentialsFor(region, role));
        var answer = await sts.GetWebIdentityTokenAsync(
            new GetWebIdentityTokenRequest { Audience = [audience], SigningAlgorithm = "RS256", DurationSeconds = 300 }, cancellation);
        return answer.WebIdentityToken;
    }

    /// <summary>What every client of AWS has in common here.</summary>
    /// <param name="config">What else it has.</param>
    /// <param name="region">The region that it asks.</param>
    /// <param name="endpoint">Where the service answers, or null for its address in the region.</param>
    /// <param name="repeats">Whether it repeats calls by itself, as the settings say.</param>
    /// <exception cref="ArgumentException">The endpoint would carry secrets over a network in the clear.</exception>
    public T Configure<T>(T config, string region, Uri? endpoint, bool repeats = false)
        where T : ClientConfig
    {
        if (endpoint is null)
        {
            config.RegionEndpoint = RegionEndpoint.GetBySystemName(region);
        }
        else
        {
            if (endpoint.Scheme != Uri.UriSchemeHttps && !(endpoint.Scheme == Uri.UriSchemeHttp && endpoint.IsLoopback))
                throw new ArgumentException(
                    $"{endpoint.Scheme}://{endpoint.Authority} is no endpoint for secrets: use https, or http on loopback.",
                    nameof(endpoint));
            config.ServiceURL = endpoint.ToString();
            config.AuthenticationRegion = region;
        }

        // The settings say where AWS is; a variable of the SDK's own could send secrets elsewhere, unseen.
        config.IgnoreConfiguredEndpointUrls = true;
        config.HttpClientFactory = _http;
        config.Timeout = settings.Timeout;
        config.MaxErrorRetry = repeats ? settings.Retries : 0;
        if (!repeats)
            config.MaxStaleConnectionRetries = 0;
        config.RetryMode = RequestRetryMode.Standard;
        config.LogResponse = false;
        config.DisableLogging = true;
        return config;
    }

    public void Dispose() => _http.Dispose();

    private AWSCredentials Ambient()
    {
        if (settings.Keys is not { } keys)
            return new AmbientCredentials(() => DefaultAWSCredentialsIdentityResolver.GetCredentials(), settings.UseCredentialProcess);
#pragma warning disable RS0030 // The SDK signs with text.
        return keys.SessionToken is { } token
            ? new SessionAWSCredentials(keys.AccessKeyId, keys.SecretAccessKey.RevealText(), token.RevealText())
            : new BasicAWSCredentials(keys.AccessKeyId, keys.SecretAccessKey.RevealText());
#pragma warning restore RS0030
    }

    private AmazonSecurityTokenServiceClient Sts(string region, AWSCredentials credentials) =>
        new(credentials, Configure(new AmazonSecurityTokenServiceConfig(), region, settings.StsEndpoint, repeats: true));

    private async Task<Credentials> WithStepTokenAsync(IAmazonSecurityTokenService sts, string role, SecretValue token)
    {
#pragma warning disable RS0030 // The token goes to STS, which it was made for.
        var request = new AssumeRoleWithWebIdentityRequest
        {
            RoleArn = role,
            RoleSessionName = SessionName,
            WebIdentityToken = token.RevealText(),
        };
#pragma warning restore RS0030
        return (await sts.AssumeRoleWithWebIdentityAsync(request)).Credentials;
    }

    private async Task<Credentials> AsOneselfAsync(IAmazonSecurityTokenService sts, string role) =>
        (await sts.AssumeRoleAsync(new AssumeRoleRequest { RoleArn = role, RoleSessionName = SessionName })).Credentials;

    [GeneratedRegex("[^A-Za-z0-9_+=,.@-]", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: Timeout.Infinite)]
    private static partial Regex Disallowed();

    /// <summary>What the SDK finds on the machine, looked for when it is needed: a run that plans only for Azure needs none.</summary>
    /// <param name="find">Looks for it. It makes an object; a program, if any, is only started for the credentials themselves.</param>
    /// <param name="startsPrograms">Whether a profile's program may be started.</param>
    internal sealed class AmbientCredentials(Func<AWSCredentials> find, bool startsPrograms) : AWSCredentials
    {
        private readonly Lazy<AWSCredentials> _found = new(find);

        public override ImmutableCredentials GetCredentials() => GetCredentialsAsync().GetAwaiter().GetResult();

        public override async Task<ImmutableCredentials> GetCredentialsAsync()
        {
            try
            {
                var found = _found.Value;
                if (!startsPrograms && NeedsProgram(found))
                    throw new NoAwsIdentityException(null, needsProgram: true);
                return await found.GetCredentialsAsync();
            }
            catch (Exception none) when (none is not (OutOfMemoryException or NoAwsIdentityException))
            {
                throw new NoAwsIdentityException(none);
            }
        }

        // A profile with a role_arn rests on another one (source_profile), and that one perhaps on a program.
        private static bool NeedsProgram(AWSCredentials? found) =>
            found is ProcessAWSCredentials || (found is AssumeRoleAWSCredentials role && NeedsProgram(role.SourceCredentials));
    }
}
