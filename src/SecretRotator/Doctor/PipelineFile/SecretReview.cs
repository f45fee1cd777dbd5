using System.Text.RegularExpressions;
using SecretRotator.Inventory;
using SecretRotator.Inventory.Yaml;

namespace SecretRotator.Doctor.PipelineFile;

/// <summary>Looks for values that have no business in the file: plaintext that looks like a secret, and stored cloud keys that a token replaces.</summary>
internal static partial class SecretReview
{
    private const RegexOptions Options = RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture;
    private const int Patience = 20_000;
    private const int ShortestSecret = 8;

    /// <summary>Finds values whose shape says whose secret they are, anywhere in the file, comments included.</summary>
    public static void ReviewShapes(string text, FindingList findings)
    {
        var (line, counted) = (1, 0);
        foreach (var (index, kind) in SecretLiteral.KnownShapesIn(text))
        {
            line += text.AsSpan(counted, index - counted).Count('\n');
            counted = index;
            findings.Add(PipelineFault.PlaintextSecret, new Position(line, index - text.AsSpan(0, index).LastIndexOf('\n')), $"This looks like {kind}");
        }
    }

    /// <summary>Finds values in one command line: assigned to names, given to options, standing in addresses.</summary>
    public static void Review(ScriptCommand command, FindingList findings)
    {
        foreach (var match in Assigned().Matches(command.Text).Concat(InAddresses().Matches(command.Text)))
            if (match.Groups["value"] is var value && LooksLikeSecret(value.Value))
                findings.Add(PipelineFault.PlaintextSecret, command.At(value.Index), "This looks like a secret's value, written out");
    }

    /// <summary>Finds values in names and values of YAML.</summary>
    /// <param name="variables">The entries.</param>
    /// <param name="onlyRandom">Whether a value has to look drawn at random: services get throwaway passwords that guard nothing.</param>
    /// <param name="findings">Takes what is found.</param>
    public static void Review(IEnumerable<YamlEntry> variables, bool onlyRandom, FindingList findings)
    {
        foreach (var entry in variables)
            if (entry.Value is YamlNode.Scalar { Text: var text } scalar && Names().IsMatch(entry.Key) && !text.Contains('$', StringComparison.Ordinal)
                && SecretLiteral.KnownShapeIn(text) is null && (onlyRandom ? SecretLiteral.LooksRandom(text) : LooksLikeSecret(text)))
                findings.Add(PipelineFault.PlaintextSecret, scalar.At, $"{Quoted.Of(entry.Key)} has a value that looks like a secret's, written out");
    }

    /// <summary>Finds stored cloud keys in a script. Keys that the script makes itself, from a token, aren't stored ones.</summary>
    public static void ReviewCloudKeys(ScriptFacts script, FindingList findings)
    {
        var texts = script.Commands.Select(command => command.Text).ToArray();
        var makesAwsKeys = texts.Any(text => text.Contains("assume-role", StringComparison.Ordinal) || MadeAwsKey().IsMatch(text));
        var makesGoogleFile = texts.Any(text => text.Contains("create-cred-config", StringComparison.Ordinal) || text.Contains("external_account", StringComparison.Ordinal));
        foreach (var command in script.Commands.Where(command => !Unset().IsMatch(command.Text)))
            foreach (Match match in CloudKeys().Matches(command.Text))
                if (!(makesAwsKeys && match.Value.StartsWith("AWS_", StringComparison.Ordinal)) && !(makesGoogleFile && match.Value.StartsWith("GOOGLE_", StringComparison.Ordinal)))
                    findings.Add(PipelineFault.StaticCloudKey, command.At(match.Index), $"{match.Value} is a stored cloud key");
        foreach (var pipe in script.Pipes)
            foreach (var entry in pipe.Find("variables").Entries())
                ReviewPipeVariable(((YamlNode.Scalar)pipe.Find("pipe")!).Text, entry, findings);
    }

    /// <summary>Finds stored keys that an image is fetched with.</summary>
    public static void ReviewImageKeys(YamlNode image, FindingList findings)
    {
        foreach (var entry in ((image as YamlNode.Mapping)?.Find("aws")).Entries().Where(entry => entry.Key is "access-key" or "secret-key"))
            findings.Add(PipelineFault.StaticCloudKey, entry.KeyAt, $"The image is fetched with a stored \"{entry.Key}\"; \"oidc-role\" needs none");
        if ((image as YamlNode.Mapping)?.Find("password") is YamlNode.Scalar { Text: { Length: > 0 } password } scalar && !password.Contains('$', StringComparison.Ordinal) && SecretLiteral.KnownShapeIn(password) is null)
            findings.Add(PipelineFault.PlaintextSecret, scalar.At, "The registry's password is written out");
    }

    private static void ReviewPipeVariable(string pipe, YamlEntry entry, FindingList findings)
    {
        var isGoogleKeyFile = entry.Key == "KEY_FILE" && pipe.Contains("google", StringComparison.Ordinal);
        var isAzurePassword = entry.Key is "AZURE_PASSWORD" && pipe.Contains("azure", StringComparison.Ordinal);
        if (isGoogleKeyFile || isAzurePassword || CloudKeys().Match(entry.Key) is { Success: true, Index: 0 } whole && whole.Length == entry.Key.Length)
            findings.Add(PipelineFault.StaticCloudKey, entry.KeyAt, $"{entry.Key} is a stored cloud key");
        else if (ScriptFacts.TextsOf(entry.Value).Select(text => CloudKeys().Match(text)).FirstOrDefault(match => match.Success) is { } used)
            findings.Add(PipelineFault.StaticCloudKey, entry.Value.At, $"{used.Value} is a stored cloud key");
    }

    private static bool LooksLikeSecret(string value) =>
        value.Length >= ShortestSecret && value.Any(char.IsAsciiDigit) && value.Any(char.IsAsciiLetter) && value[0] is not ('/' or '.' or '~' or '<' or '$' or '%')
        && !value.Contains("://", StringComparison.Ordinal) && !value.Contains("...", StringComparison.Ordinal) && SecretLiteral.KnownShapeIn(value) is null;

    [GeneratedRegex(
        @"(?:^|[\s;&|(""'])(?:" + ShellWords.SecretName + @"=|--?(?:password|passwd|passphrase|token|secret|api-key|apikey|client-secret|access-token|auth-token)[=\s]\s*)(?:""(?<value>[^""$`\s]+)""|'(?<value>[^'\s]+)'|(?<value>[^\s""'$`;&|()<>]+)(?=$|[\s;&|)]))",
        Options | RegexOptions.IgnoreCase,
        Patience)]
    private static partial Regex Assigned();

    [GeneratedRegex(@"://[^\s/:@""'$]{1,100}:(?<value>[^\s/@:""'$`{}<>]{1,500})@|\bcurl\s(?:[^;&|]*?\s)?(?:-u|--user)[=\s]\s*[""']?[^\s:""'$]{1,100}:(?<value>[^\s""'$`]+)", Options, Patience)]
    private static partial Regex InAddresses();

    [GeneratedRegex("^" + ShellWords.SecretName + @"\z", Options | RegexOptions.IgnoreCase, Patience)]
    private static partial Regex Names();

    [GeneratedRegex(@"\b(?:AWS_ACCESS_KEY_ID|AWS_SECRET_ACCESS_KEY|AZURE_CLIENT_SECRET|AZURE_APP_PASSWORD|ARM_CLIENT_SECRET|GOOGLE_APPLICATION_CREDENTIALS|GOOGLE_CREDENTIALS|GCLOUD_API_KEYFILE|GCLOUD_SERVICE_KEY|GCP_SERVICE_ACCOUNT_KEY)\b", Options, Patience)]
    private static partial Regex CloudKeys();

    [GeneratedRegex(@"\bAWS_(?:ACCESS_KEY_ID|SECRET_ACCESS_KEY)=[""']?(?:\$\(|`)|\bread\s[^;&|]*\bAWS_ACCESS_KEY_ID\b", Options, Patience)]
    private static partial Regex MadeAwsKey();

    [GeneratedRegex(@"^\s*unset\s", Options, Patience)]
    private static partial Regex Unset();
}
