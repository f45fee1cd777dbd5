using System.Text.RegularExpressions;
using SecretRotator.Providers.Doctor;

namespace SecretRotator.Doctor.PipelineFile;

/// <summary>Looks for what no script should do, whatever step it is in: see the kinds of <see cref="PipelineFault"/>.</summary>
internal static class CommandReview
{
    private const string UncheckedCertificate = "The server's certificate isn't looked at";
    private const string Download = @"(?:curl|wget)(?:\.exe)?\b";
    private const string PowerShellDownload = @"(?:iwr|irm|Invoke-WebRequest|Invoke-RestMethod|DownloadString)\b";

    /// <summary>Reviews one command line.</summary>
    /// <param name="command">The command line.</param>
    /// <param name="holdsSecrets">Whether the step around it seems to hold secrets.</param>
    /// <param name="findings">Takes what is found.</param>
    public static void Review(ScriptCommand command, bool holdsSecrets, FindingList findings)
    {
        Find(Downloads.Match(command.Skeleton),
            PipelineFault.DownloadToShell, "What is downloaded here is run at once", command, findings);
        Find(Sockets.Match(command.Text), PipelineFault.DockerSocket, "The runner's Docker socket is used here", command, findings);
        Find(Privileges.Match(command.Skeleton),
            PipelineFault.Privileged, "A container is started with the host's privileges", command, findings);
        if (!LocalHost.IsMatch(command.Text))
        {
            Find(UncheckedFlags.Match(command.Skeleton), PipelineFault.TlsUnchecked, UncheckedCertificate, command, findings);
            ReviewSwitches(command, findings);
        }

        foreach (var line in command.Documents.SelectMany(document => document.Lines()))
            ReviewSwitches(line, findings);
        foreach (Match dump in Dumps.Matches(command.Skeleton))
            if (dump.Groups["at"] is var at && !SimpleCommand.IsKept(command.Skeleton, at.Index)
                && EndsInLogOrFile(SimpleCommand.At(command.Skeleton, at.Index), command.Skeleton))
                Find(dump, PipelineFault.EnvironmentDump, "All variables of the step are shown or written here", command, findings);
        if (holdsSecrets)
            Find(Traces.Match(command.Skeleton),
                PipelineFault.ShellTrace, "Commands are traced in a step that holds secrets", command, findings);
        foreach (Match print in Prints.Matches(command.Skeleton))
            ReviewPrint(print, command, findings);
    }

    /// <summary>Looks for switches that turn a check off, in one line of a script or in a text that is given to a program.</summary>
    public static void ReviewSwitches(ScriptCommand line, FindingList findings)
    {
        Find(UncheckedVariables.Match(line.Text), PipelineFault.TlsUnchecked, UncheckedCertificate, line, findings);
        Find(UncheckedHosts.Match(line.Text), PipelineFault.HostKeyUnchecked, "The host's key isn't looked at", line, findings);
    }

    /// <summary>Whether a text turns the check of a certificate or of a host's key off; the kind of fault, or null.</summary>
    public static PipelineFault? FindSwitch(string text) =>
        UncheckedHosts.IsMatch(text)
            ? PipelineFault.HostKeyUnchecked
            : UncheckedVariables.IsMatch(text) ? PipelineFault.TlsUnchecked : null;

    /// <summary>Looks for host keys that are asked of the network and then trusted. A script that looks at fingerprints afterwards
    /// passes.</summary>
    public static void ReviewHostKeys(ScriptFacts script, FindingList findings)
    {
        if (script.Commands.Any(command => Fingerprints.IsMatch(command.Text)))
            return;
        foreach (var command in script.Commands)
            if (ScannedHosts.Match(command.Text) is { Success: true } scan)
                findings.Add(
                    PipelineFault.HostKeyUnchecked, command.At(scan.Groups["at"].Index),
                    "The host's key is asked of the network and trusted as it comes", status: CheckStatus.Warn);
    }

    private static void Find(Match match, PipelineFault fault, string observed, ScriptCommand command, FindingList findings)
    {
        if (match.Success)
            findings.Add(fault, command.At(match.Groups["at"].Index), observed, group: match.Value);
    }

    // What another program reads is its own affair, unless it only shows it.
    private static bool EndsInLogOrFile(SimpleCommand command, string skeleton)
    {
        for (var next = command.Next(skeleton); next is not null; next = next.Next(skeleton))
            if (!Shows.IsMatch(next.Name))
                return false;
        return true;
    }

    private static void ReviewPrint(Match print, ScriptCommand command, FindingList findings)
    {
        var at = print.Groups["at"].Index;
        if (SimpleCommand.IsKept(command.Skeleton, at))
            return;
        var first = SimpleCommand.At(command.Skeleton, at);
        // "printf -v" fills a variable.
        if (first.Words.StartsWith("printf -v", StringComparison.Ordinal))
            return;
        var documents = first.Words.Contains("<<", StringComparison.Ordinal) ? command.Documents : [];
        // "cat" and "tee" print their here-document; what else they print isn't seen.
        var printed = first.Name is "cat" or "tee" ? HereString.Match(first.Words).Value : first.Words;
        var name = SecretIn.Match(printed) is { Success: true } inWords ? inWords.Groups["name"].Value
            : first.Name is "cat" or "tee"
            ? documents.Where(document => document.Expands).Select(document => SecretIn.Match(document.Text))
                .FirstOrDefault(match => match.Success)?.Groups["name"].Value
            : first.Name == "printenv" && NamedSecret.Match(first.Words) is { Success: true } named ? named.Groups["name"].Value
            : null;
        if (name is null)
            return;
        for (var each = first; each is not null; each = each.Next(command.Skeleton))
        {
            if (each != first && (!Encodes.IsMatch(each.Name) || Decodes.IsMatch(each.Words)))
                return;
            // "tee" writes to a file as well as to the log.
            if (each.GoesToFile)
                return;
        }

        findings.Add(PipelineFault.SecretPrinted, command.At(at), $"The value of {name} is written to the log");
    }

    private static readonly Regex Downloads = ReviewPattern.Of(
        @"(?<at>\b" + Download + @")(?:[^;&|]|\|(?!\|)|&(?!&))*?\|\s*(?:sudo\s+(?:-\S+\s+)*)?(?:(?:env\s+)?\w+=\S*\s+)*(?:"
            + ShellWords.Shell + @"(?=\s*$|\s+(?!-c\b)|[;&|)])|(?:python[\d.]*|perl|ruby|node|php)(?=\s*(?:$|-\s|-$|[;&|)])))"
        + "|" + ShellWords.CommandPosition + @"(?:" + ShellWords.Shell + @"|source|\.|python[\d.]*)\s[^;&|]*?<\(\s*(?<at>" + Download + ")"
        + "|" + ShellWords.CommandPosition + @"(?:" + ShellWords.Shell + @"\s+-\w*c|eval)\s+""?(?:\$\(|`)\s*(?<at>" + Download + ")"
        + @"|(?<at>\b(?:iex|Invoke-Expression)\b)[^;]*?\b" + PowerShellDownload
        + @"|(?<at>\b" + PowerShellDownload + @")[^;]*?\|\s*(?:iex|Invoke-Expression)\b");

    private static readonly Regex Sockets = ReviewPattern.Of(
        @"(?:\s-v\s*|--volume[=\s]\s*|\b(?:source|src)=|\bDOCKER_HOST=)[""']?(?<at>(?:unix://)?(?:/var)?/run/docker\.sock)");

    private static readonly Regex Privileges = ReviewPattern.Of(
        @"\b(?:docker|podman|nerdctl)\s[^;&|]*?\s(?<at>--privileged\b(?!=false)|--cap-add[=\s]\s*(?:ALL|SYS_ADMIN)\b|--pid[=\s]\s*host\b|--security-opt[=\s]\s*\S*unconfined)");

    private static readonly Regex UncheckedFlags = ReviewPattern.Of(
        @"\bcurl\s(?:[^;&|]*?\s)?(?<at>--insecure\b|-[A-Za-z]*k[A-Za-z]*(?=\s|$))|\bwget\s(?:[^;&|]*?\s)?(?<at>--no-check-certificate\b)|\s(?<at>--no-verify-ssl\b|--tls-verify=false\b|--insecure-skip-tls-verify\b(?!=false)|--trusted-host\b|-Dmaven\.wagon\.http\.ssl\.(?:insecure|allowall)=true\b)|\bhttps?\s(?:[^;&|]*?\s)?(?<at>--verify[=\s](?:no|false)\b)");

    private static readonly Regex UncheckedVariables = ReviewPattern.Of(
        @"(?<at>\bhttp\.sslVerify[=\s][""']?(?:false|0)\b|\bGIT_SSL_NO_VERIFY=[""']?(?:true|1)\b|\bNODE_TLS_REJECT_UNAUTHORIZED=[""']?0\b|\bPYTHONHTTPSVERIFY=[""']?0\b|\bstrict-ssl[=\s][""']?false\b|\bssl:verify-certificate[=\s]\s*[""']?(?:no|false|off)\b|\bPIP_TRUSTED_HOST=\S|\bAZURE_CLI_DISABLE_CONNECTION_VERIFICATION=[""']?(?:1|true)\b|\bdisable-tls[=\s][""']?true\b)");

    private static readonly Regex Dumps = ReviewPattern.Of(
        ShellWords.CommandPosition
            + @"(?<at>(?:env|printenv)\s*(?=$|[;&|>)}])|export\s+-p\b|declare\s+-\w*[px]\w*\s*(?=$|[;&|>])|set\s*(?=$|[|>])|cat\s+/proc/(?:self|1|\$\$)/environ\b)"
        + @"|(?<at>\b(?:Get-ChildItem|gci|dir|ls)\s+[Ee]nv:)\s*(?:$|[;|>])");

    private static readonly Regex Shows = ReviewPattern.Of(
        @"^(?:sort|cat|tee|less|more|head|tail|uniq|nl|column|fold|base64|xxd|od|hexdump|rev|tr)\z");

    private static readonly Regex Traces = ReviewPattern.Of(
        ShellWords.CommandPosition + @"(?<at>set\s+(?:-[A-Za-z]+\s+(?:pipefail\s+)?)*(?:-[A-Za-z]*x[A-Za-z]*(?=\s|$|[;&|])|-o\s+xtrace\b)|"
            + ShellWords.Shell + @"\s+(?:-[A-Za-z]+\s+)*-[A-Za-z]*x[A-Za-z]*(?=\s|$))");

    private static readonly Regex Prints = ReviewPattern.Of(
        ShellWords.CommandPosition + @"(?<at>(?:echo|printf|printenv|cat|tee)(?=[\s<]))");

    // Not a length, nor whether it is set.
    private static readonly Regex SecretIn = ReviewPattern.Of(@"\$\{?(?<name>" + ShellWords.SecretName + @")(?=$|[^A-Za-z0-9_:#+]|:[^+])");

    private static readonly Regex NamedSecret = ReviewPattern.Of(@"^printenv\s+(?<name>" + ShellWords.SecretName + @")(?![A-Za-z0-9_])");

    private static readonly Regex HereString = ReviewPattern.Of(@"<<<.*");

    private static readonly Regex Encodes = ReviewPattern.Of(@"^(?:base64|xxd|od|rev|hexdump|tee|cat)\z");

    private static readonly Regex Decodes = ReviewPattern.Of(@"^base64\s+(?:-d|-D|--decode)\b");

    private static readonly Regex LocalHost = ReviewPattern.Of(
        @"(?<![\w.-])(?:localhost|127\.\d+\.\d+\.\d+|0\.0\.0\.0|\[::1\]|host\.docker\.internal)(?![\w.-])");

    private static readonly Regex UncheckedHosts = ReviewPattern.Of(
        @"(?<at>\bStrictHostKeyChecking[=\s]\s*[""']?(?:no|off)\b|\bUserKnownHostsFile[=\s]\s*[""']?/dev/null|\bANSIBLE_HOST_KEY_CHECKING=[""']?(?:[Ff]alse|0|no)\b|\bhost_key_checking\s*=\s*(?:[Ff]alse|0|no)\b)");

    private static readonly Regex ScannedHosts = ReviewPattern.Of(
        @"(?<at>\bssh-keyscan\b)[^;&]*(?:>|\btee\b)[^;&]*known_hosts|(?<at>\bStrictHostKeyChecking[=\s]\s*[""']?accept-new\b)");

    private static readonly Regex Fingerprints = ReviewPattern.Of(@"\bssh-keygen\s[^;&|]*-\w*l\w*\b|\bSHA256:");
}
