using System.Text.RegularExpressions;
using SecretRotator.Configuration;
using SecretRotator.Configuration.Yaml;

namespace SecretRotator.Doctor.PipelineFile;

/// <summary>Looks for values that have no business in the file: plaintext that looks like a secret, and stored cloud keys that a token
/// replaces.</summary>
internal static class SecretReview
{
    /// <summary>Finds values whose shape says whose secret they are, anywhere in the file, comments included.</summary>
    public static void ReviewShapes(string text, FindingList findings)
    {
        var (line, counted) = (1, 0);
        foreach (var (index, kind) in SecretLiteral.KnownShapesIn(text))
        {
            line += text.AsSpan(counted, index - counted).Count('\n');
            counted = index;
            findings.Add(
                PipelineFault.PlaintextSecret, new Position(line, index - text.AsSpan(0, index).LastIndexOf('\n')),
                $"This looks like {kind}");
        }
    }

    /// <summary>Finds values in one command line and in the here-documents that it reads: assigned to names, given to options, contained in
    /// addresses.</summary>
    public static void Review(ScriptCommand command, ThrowawayValues throwaways, FindingList findings)
    {
        ReviewLine(command, [Assigned, GivenToOptions, GivenToTools, Headers, Registries, InAddresses], throwaways, findings);
        foreach (var line in command.Documents.SelectMany(document => document.Lines()))
            ReviewLine(line, [Assigned, Entries, Headers, Registries, InAddresses], throwaways, findings);
    }

    /// <summary>Finds a value in the default, or among the allowed values, of a custom pipeline's variable.</summary>
    public static void ReviewDefault(YamlNode.Mapping variable, FindingList findings)
    {
        if (variable.Find("name") is not YamlNode.Scalar { Text: var name } || !Names.IsMatch(name))
            return;
        foreach (var value in variable.Find("allowed-values").Items().Prepend(variable.Find("default")).OfType<YamlNode.Scalar>())
            if (SecretValueShape.Matches(name, value.Text) && !value.Text.Contains('$', StringComparison.Ordinal))
                findings.Add(
                    PipelineFault.PlaintextSecret, value.At,
                    $"The variable {Quoted.Of(name)} comes with a value that looks like a secret's, written out", group: value.Text);
    }

    private static void ReviewLine(ScriptCommand line, IEnumerable<Regex> patterns, ThrowawayValues throwaways, FindingList findings)
    {
        foreach (var match in patterns.SelectMany(pattern => pattern.Matches(line.Text)))
        {
            var (name, value) = (match.Groups["name"].Value, match.Groups["value"]);
            if (SecretValueShape.Matches(name, value.Value) && !(match.Groups["random"].Success && !SecretLiteral.LooksRandom(value.Value))
                && !throwaways.Contain(name, value.Value, line.Text))
                findings.Add(
                    PipelineFault.PlaintextSecret, line.At(value.Index), "This looks like a secret's value, written out", group: line.Text);
        }
    }

    /// <summary>Finds values in names and values of YAML.</summary>
    /// <param name="variables">The entries.</param>
    /// <param name="onlyRandom">Whether a value has to look drawn at random: services get throwaway passwords that guard nothing.</param>
    /// <param name="findings">Takes what is found.</param>
    public static void Review(IEnumerable<YamlEntry> variables, bool onlyRandom, FindingList findings)
    {
        foreach (var entry in variables)
            if (entry.Value is YamlNode.Scalar { Text: var text } scalar && Names.IsMatch(entry.Key)
                && !text.Contains('$', StringComparison.Ordinal)
                && SecretLiteral.KnownShapeIn(text) is null
                && (onlyRandom ? SecretLiteral.LooksRandom(text) : SecretValueShape.Matches(entry.Key, text)))
                findings.Add(
                    PipelineFault.PlaintextSecret, scalar.At, $"{Quoted.Of(entry.Key)} has a value that looks like a secret's, written out",
                    group: text);
    }

    /// <summary>Finds stored cloud keys in a script. Keys that the script makes itself, from a token, aren't stored ones.</summary>
    public static void ReviewCloudKeys(ScriptFacts script, FindingList findings)
    {
        var lines = script.Commands.SelectMany(
            command => command.Documents.Where(document => document.Expands).SelectMany(document => document.Lines()).Prepend(command))
                .ToArray();
        var makesAwsKeys = lines.Any(line => MakesAwsKeys.IsMatch(line.Text));
        var makesGoogleFile = lines.Any(
            line => line.Text.Contains("create-cred-config", StringComparison.Ordinal)
                || line.Text.Contains("external_account", StringComparison.Ordinal));
        var isGoogleKeyTold = false;
        foreach (var line in lines)
        {
            var text = Looks.Replace(line.Text, match => new string(' ', match.Length));
            var isAzureKeyTold = false;
            foreach (Match match in UsedCloudKeys.Matches(text))
            {
                var key = match.Groups["key"];
                if ((makesAwsKeys && key.Value.StartsWith("AWS_", StringComparison.OrdinalIgnoreCase))
                    || (makesGoogleFile && key.Value.StartsWith("GOOGLE_", StringComparison.Ordinal)))
                    continue;
                findings.Add(PipelineFault.StaticCloudKey, line.At(key.Index), $"{key.Value} is a stored cloud key");
                isAzureKeyTold |= key.Value.StartsWith('A');
                isGoogleKeyTold |= key.Value.StartsWith('G');
            }

            if (!isAzureKeyTold && AzureLogin.Match(text) is { Success: true } azure)
                findings.Add(PipelineFault.StaticCloudKey, line.At(azure.Groups["at"].Index), "az login takes a stored password");
            if (!isGoogleKeyTold && GoogleLogin.Match(text) is { Success: true } google)
                findings.Add(
                    PipelineFault.StaticCloudKey, line.At(google.Groups["at"].Index),
                    "gcloud auth activate-service-account takes a stored key");
        }

        foreach (var pipe in script.Pipes)
            foreach (var entry in pipe.Find("variables").Entries())
                ReviewPipeVariable(((YamlNode.Scalar)pipe.Find("pipe")!).Text, entry, findings);
    }

    /// <summary>Finds stored keys that an image is fetched with.</summary>
    public static void ReviewImageKeys(YamlNode image, FindingList findings)
    {
        foreach (var entry in image.Find("aws").Entries().Where(entry => entry.Key is "access-key" or "secret-key"))
            findings.Add(
                PipelineFault.StaticCloudKey, entry.KeyAt, $"The image is fetched with a stored \"{entry.Key}\"; \"oidc-role\" needs none");
        if (image.Find("password") is YamlNode.Scalar { Text: { Length: > 0 } password } scalar
            && !password.Contains('$', StringComparison.Ordinal) && SecretLiteral.KnownShapeIn(password) is null)
            findings.Add(PipelineFault.PlaintextSecret, scalar.At, "The registry's password is written out");
    }

    private static void ReviewPipeVariable(string pipe, YamlEntry entry, FindingList findings)
    {
        var isGoogleKeyFile = entry.Key == "KEY_FILE" && pipe.Contains("google", StringComparison.Ordinal);
        var isAzurePassword = entry.Key is "AZURE_PASSWORD" && pipe.Contains("azure", StringComparison.Ordinal);
        if (isGoogleKeyFile || isAzurePassword
            || CloudKeys.Match(entry.Key) is { Success: true, Index: 0 } whole && whole.Length == entry.Key.Length)
            findings.Add(PipelineFault.StaticCloudKey, entry.KeyAt, $"{entry.Key} is a stored cloud key");
        else if (entry.Value.Texts().Select(text => CloudKeys.Match(text)).FirstOrDefault(match => match.Success) is { } used)
            findings.Add(PipelineFault.StaticCloudKey, entry.Value.At, $"{used.Value} is a stored cloud key");
    }

    private const string Value =
        @"(?:""(?<value>[^""$`\s]+)""|'(?<value>[^'\s]+)'|(?<value>[^\s""'$`;&|()<>\\]+)(?=$|[\s;&|)>,]|\\[nrt]|\\?[""'](?:$|[\s;&|)>,}\\])))";

    // NAME=value, in quotes with others or not; -Dname=value; --build-arg NAME=value; "name": "value".
    private static readonly Regex Assigned = ReviewPattern.Of(
        @"(?:^|[\s;&|(""',{])(?:-[DP](?:[\w-]+\.)*)?(?<name>" + ShellWords.SecretName + ")=" + Value
        + @"|\\?[""'](?<name>[\w.-]*?" + ShellWords.SecretName + @")\\?[""']\s*:\s*\\?[""'](?<value>[^\s""'$`\\]+)\\?[""']",
        RegexOptions.IgnoreCase);

    // "--secret" names a secret more often than it holds one.
    private static readonly Regex GivenToOptions = ReviewPattern.Of(
        @"(?:^|[\s""'])--?(?:password|passwd|passphrase|token|api-key|apikey|client-secret|access-token|auth-token|secret-key|secret-access-key|(?<random>secret))[=\s]\s*" + Value, RegexOptions.IgnoreCase);

    // Short options that take a password, tool by tool.
    private static readonly Regex GivenToTools = ReviewPattern.Of(
        @"\b(?:(?:docker|podman|buildah|nerdctl|helm\s+registry|oras|crane\s+auth|oc|az|az\s+acr)\s+login\b[^;&|]*?\s-p[=\s]?|sshpass\s+(?:-\w+\s+)*?-p|(?:mysql|mysqldump|mysqladmin|mariadb|mariadb-dump)\s(?:[^;&|]*?\s)?-p(?=\S)"
        + @"|redis-cli\s(?:[^;&|]*?\s)?-a\s|sqlcmd\s(?:[^;&|]*?\s)?-P\s?|ldap\w+\s(?:[^;&|]*?\s)?-w\s|mongo(?:sh|dump|restore|import|export)?\s(?:[^;&|]*?\s)?-p\s"
        + @"|(?:unzip|zip)\s(?:[^;&|]*?\s)?-P\s|7z\w?\s(?:[^;&|]*?\s)?-p(?=\S)|(?:keytool|jarsigner)\s(?:[^;&|]*?\s)?-(?:store|key)pass\s|openssl\s[^;&|]*?\bpass:"
        + @"|nuget\s(?:[^;&|]*?\s)?(?:-k|-ApiKey)\s|lftp\s(?:[^;&|]*?\s)?-u\s+[^\s,]+,|aws\s+configure\s+set\s+(?:\S+\.)?aws_secret_access_key\s)\s*" + Value);

    private static readonly Regex Headers = ReviewPattern.Of(
        @"\b(?:Authorization:\s*(?:Bearer|Basic|Token|ApiKey)\s+|(?:X-)?(?:Api-?Key|Auth-Token|Vault-Token|Private-Token|Access-Token):\s*)(?<value>[^\s""'$`{}<>\\]+)(?=$|[\s""'\\])", RegexOptions.IgnoreCase);

    // .npmrc, and npm config set; .netrc.
    private static readonly Regex Registries = ReviewPattern.Of(
        @"(?:^|[\s""'/:])(?:_authToken|_auth|_password)\s*[=\s]\s*[""']?(?<value>[^\s""'$`{}<>\\]+)(?=$|[\s""'\\])|\bmachine\s+\S+\s+login\s+\S+\s+password\s+(?<value>[^\s""'$`{}<>\\]+)(?=$|[\s""'\\])");

    // A line of a file: name = value, name: value, <name>value</name>.
    private static readonly Regex Entries = ReviewPattern.Of(
        @"^\s*(?:-\s+|export\s+)?(?<name>[\w.-]*?" + ShellWords.SecretName
            + @")(?:\s+=\s*|=\s+|\s*:\s+)[""']?(?<value>[^\s""'$`{}<>]+)[""']?\s*(?:#.*)?$|<(?<name>" + ShellWords.SecretName
            + @")>(?<value>[^\s$<>{}]+)</", RegexOptions.IgnoreCase);

    // Databases on the machine itself, and hosts whose names no one outside knows, get throw-away values.
    private static readonly Regex InAddresses = ReviewPattern.Of(
        @"://[^\s/:@""'$]{0,100}:(?<value>[^\s/@:""'$`{}<>]{1,500})@(?!127\.|0\.0\.0\.0|\[::1\]|host\.docker\.internal|[\w-]+(?:[:/""'\s?]|$))|\bcurl\s(?:[^;&|]*?\s)?(?:-u|--user)[=\s]\s*[""']?[^\s:""'$]{1,100}:(?<value>[^\s""'$`]+)");

    private static readonly Regex Names = ReviewPattern.Of("^" + ShellWords.SecretName + @"\z", RegexOptions.IgnoreCase);

    private const string CloudKey =
        "(?:AWS_ACCESS_KEY_ID|AWS_SECRET_ACCESS_KEY|AZURE_CLIENT_SECRET|AZURE_APP_PASSWORD|ARM_CLIENT_SECRET|AZCOPY_SPN_CLIENT_SECRET|GOOGLE_APPLICATION_CREDENTIALS|GOOGLE_CREDENTIALS|GCLOUD_API_KEYFILE|GCLOUD_SERVICE_KEY|GCP_SERVICE_ACCOUNT_KEY)";

    private static readonly Regex CloudKeys = ReviewPattern.Of(@"\b" + CloudKey + @"\b");

    // Used, set, handed on to a container, or written to AWS's own settings; a key that is only mentioned doesn't count.
    private static readonly Regex UsedCloudKeys = ReviewPattern.Of(
        @"\$\{?(?<key>" + CloudKey + @")(?![A-Za-z0-9_])(?!:?\+)|(?<![A-Za-z0-9_])(?<key>" + CloudKey
            + @")=(?![""']?(?:\$\(|`))|\s(?:-e|--env|--build-arg|export)[=\s]\s*(?<key>" + CloudKey + @")(?![A-Za-z0-9_=])"
        + @"|\baws\s+configure\s+set\s+(?:\S+\.)?(?<key>aws_access_key_id|aws_secret_access_key)\s+(?![""']?(?:\$\(|`))|^\s*(?<key>aws_access_key_id|aws_secret_access_key)\s*=\s*\S");

    private static readonly Regex MakesAwsKeys = ReviewPattern.Of(
        @"\bassume-role|\bexport-credentials\b|\bAWS_(?:ACCESS_KEY_ID|SECRET_ACCESS_KEY)=[""']?(?:\$\(|`)|\bread\s[^;&|]*\bAWS_ACCESS_KEY_ID\b");

    private static readonly Regex AzureLogin = ReviewPattern.Of(@"\baz\s+login\b[^;&|]*?\s(?<at>-p|--password)[=\s]");

    private static readonly Regex GoogleLogin = ReviewPattern.Of(@"\bgcloud\s+(?:-\S+\s+)*auth\s+(?<at>activate-service-account)\b");

    // What only looks whether a key is there, or takes it away.
    private static readonly Regex Looks = ReviewPattern.Of(
        @"\[\[?\s[^\]]*\]\]?|\btest\s+-[a-z]\s+\S+|\bunset\s+[^;&|]*|\benv\s+(?:-u\s+\w+\s*|--unset=\w+\s*)+");
}
