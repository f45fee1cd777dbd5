namespace SecretRotator.Providers.Bitbucket.Credentials;

/// <summary>
/// Tells a credential of one kind that is shown as another. Bitbucket answers 401 to all of them alike.
/// </summary>
/// <remarks>
/// Atlassian's staff named the beginnings that may be relied on: API tokens ATAT, access tokens ATCT, app passwords ATBB
/// (https://community.atlassian.com/forums/Bitbucket-questions/Can-we-confirm-BitBucket-s-token-prefixes/qaq-p/3093481).
/// Forms may change, so this only explains a refusal, and never refuses anything itself. It shows nothing of a credential.
/// </remarks>
internal static class CredentialForm
{
    /// <summary>What is wrong with the form, and what to do; null where nothing is known to be.</summary>
    public static (string What, string Hint)? Doubt(BitbucketCredential credential)
    {
        if (Form(credential.Secret) == Kind.Variable)
            return Unexpanded("The credential");
        return credential switch
        {
            BitbucketCredential.AccessToken { Token: var token } => Form(token) switch
            {
                Kind.ApiToken => (
                    "The credential has the form of a person's API token (ATAT…), but is shown as an access token, without an e-mail "
                        + "address.",
                    "Set BITBUCKET_EMAIL to the token owner's Atlassian account, and put the token into BITBUCKET_API_TOKEN instead of "
                        + "BITBUCKET_ACCESS_TOKEN, or leave it in the vault."),
                Kind.AppPassword => AppPassword,
                _ => null,
            },
            BitbucketCredential.ApiToken { Email: var email, Token: var token } => Form(token) switch
            {
                Kind.AccessToken => (
                    "The credential has the form of an access token (ATCT…), but is shown as a person's API token, with an e-mail address.",
                    "Take BITBUCKET_EMAIL out, and put the token into BITBUCKET_ACCESS_TOKEN, or leave it in the vault."),
                Kind.AppPassword => AppPassword,
                _ when IsVariable(email) => Unexpanded("BITBUCKET_EMAIL"),
                _ when !email.Contains('@') => (
                    "BITBUCKET_EMAIL has no @: it isn't an e-mail address, which an API token is shown with.",
                    "Set it to the e-mail address of the token owner's Atlassian account, not to the user name."),
                _ => null,
            },
            BitbucketCredential.OAuthClient { ClientId: var id, ClientSecret: var secret } => Form(secret) switch
            {
                Kind.ApiToken or Kind.AccessToken or Kind.AppPassword => (
                    "The OAuth consumer's secret has the form of a token (AT…), not of a consumer's secret.",
                    "Take BITBUCKET_OAUTH_CLIENT_ID out, and put an access token into BITBUCKET_ACCESS_TOKEN."),
                _ when IsVariable(id) => Unexpanded("BITBUCKET_OAUTH_CLIENT_ID"),
                _ => null,
            },
            _ => null,
        };
    }

    private static (string What, string Hint) AppPassword => (
        "The credential has the form of an app password (ATBB…). Bitbucket takes none since July 2026.",
        "Make an access token of the repository, project or workspace (BITBUCKET_ACCESS_TOKEN), or an API token (BITBUCKET_EMAIL, "
            + "BITBUCKET_API_TOKEN).");

    private static (string What, string Hint) Unexpanded(string what) => (
        $"{what} is the literal name of a variable behind a $, such as $NAME: that variable doesn't exist where this runs, or wasn't "
            + "expanded.",
        "Give it the value itself: check that the variable exists in the step's repository, environment and workspace, and that no "
            + "single quotes are around it.");

    private static Kind Form(SecretValue secret)
    {
#pragma warning disable RS0030 // Only its form is reported.
        return secret.Reveal(0, static (_, utf8) => Form(utf8.Span));
#pragma warning restore RS0030
    }

    private static Kind Form(ReadOnlySpan<byte> utf8) => utf8 switch
    {
        _ when utf8.StartsWith("ATAT"u8) => Kind.ApiToken,
        _ when utf8.StartsWith("ATCT"u8) => Kind.AccessToken,
        _ when utf8.StartsWith("ATBB"u8) => Kind.AppPassword,
        [(byte)'$', (byte)'{', .. var name, (byte)'}'] when IsName(name) => Kind.Variable,
        [(byte)'$', .. var name] when IsName(name) => Kind.Variable,
        _ => Kind.None,
    };

    // Upper case, as variables of pipelines are: a generated secret hardly consists of it.
    private static bool IsName(ReadOnlySpan<byte> utf8)
    {
        foreach (var letter in utf8)
            if (letter is not ((>= (byte)'A' and <= (byte)'Z') or (>= (byte)'0' and <= (byte)'9') or (byte)'_'))
                return false;
        return !utf8.IsEmpty && utf8[0] is not (>= (byte)'0' and <= (byte)'9');
    }

    private static bool IsVariable(string text) => Form(System.Text.Encoding.UTF8.GetBytes(text)) == Kind.Variable;

    private enum Kind
    {
        None,
        ApiToken,
        AccessToken,
        AppPassword,
        Variable,
    }
}
