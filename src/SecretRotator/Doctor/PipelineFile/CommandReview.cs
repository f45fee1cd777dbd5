using System.Text.RegularExpressions;

namespace SecretRotator.Doctor.PipelineFile;

/// <summary>Looks for what no script should do, whatever step it stands in: see the kinds of <see cref="PipelineFault"/>.</summary>
internal static partial class CommandReview
{
    private const RegexOptions Options = RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture;
    private const int Patience = 20_000;

    private const string Download = @"(?:curl|wget)(?:\.exe)?\b";
    private const string PowerShellDownload = @"(?:iwr|irm|Invoke-WebRequest|Invoke-RestMethod|DownloadString)\b";

    /// <summary>Reviews one command line.</summary>
    /// <param name="command">The command line.</param>
    /// <param name="holdsSecrets">Whether the step around it seems to hold secrets.</param>
    /// <param name="findings">Takes what is found.</param>
    public static void Review(ScriptCommand command, bool holdsSecrets, FindingList findings)
    {
        Find(Downloads().Match(command.Skeleton), PipelineFault.DownloadToShell, "What is downloaded here is run at once", command, findings);
        Find(Sockets().Match(command.Text), PipelineFault.DockerSocket, "The runner's Docker socket is used here", command, findings);
        Find(Privileges().Match(command.Skeleton), PipelineFault.Privileged, "A container is started with the host's privileges", command, findings);
        Find(UncheckedFlags().Match(command.Skeleton), PipelineFault.TlsUnchecked, "The server's certificate isn't looked at", command, findings);
        Find(UncheckedVariables().Match(command.Text), PipelineFault.TlsUnchecked, "The server's certificate isn't looked at", command, findings);
        Find(Dumps().Match(command.Skeleton), PipelineFault.EnvironmentDump, "All variables of the step are shown or written here", command, findings);
        if (holdsSecrets)
            Find(Traces().Match(command.Skeleton), PipelineFault.ShellTrace, "Commands are traced in a step that holds secrets", command, findings);
        foreach (Match print in Prints().Matches(command.Skeleton))
            if (IsShown(command.Skeleton, print))
                Find(print, PipelineFault.SecretPrinted, $"The value of {print.Groups["name"].Value} is written to the log", command, findings);
    }

    private static void Find(Match match, PipelineFault fault, string saw, ScriptCommand command, FindingList findings)
    {
        if (match.Success)
            findings.Add(fault, command.At(match.Groups["at"].Index), saw);
    }

    // Within a substitution the output is kept, not shown; behind a pipe other programs get it.
    private static bool IsShown(string skeleton, Match print)
    {
        var before = skeleton.AsSpan(0, print.Index + 1);
        return before.Count("$(") <= before.Count(')') && before.Count('`') % 2 == 0 && !Lengths().IsMatch(print.Value);
    }

    [GeneratedRegex(
        @"(?<at>\b" + Download + @")(?:[^;&|]|\|(?!\|)|&(?!&))*?\|\s*(?:sudo\s+(?:-\S+\s+)*)?(?:(?:env\s+)?\w+=\S*\s+)*(?:" + ShellWords.Shell + @"(?=\s*$|\s+(?!-c\b)|[;&|)])|(?:python[\d.]*|perl|ruby|node|php)(?=\s*(?:$|-\s|-$|[;&|)])))"
        + "|" + ShellWords.CommandPosition + @"(?:" + ShellWords.Shell + @"|source|\.|python[\d.]*)\s[^;&|]*?<\(\s*(?<at>" + Download + ")"
        + "|" + ShellWords.CommandPosition + @"(?:" + ShellWords.Shell + @"\s+-\w*c|eval)\s+""?(?:\$\(|`)\s*(?<at>" + Download + ")"
        + @"|(?<at>\b(?:iex|Invoke-Expression)\b)[^;]*?\b" + PowerShellDownload
        + @"|(?<at>\b" + PowerShellDownload + @")[^;]*?\|\s*(?:iex|Invoke-Expression)\b",
        Options,
        Patience)]
    private static partial Regex Downloads();

    [GeneratedRegex(@"(?:\s-v\s*|--volume[=\s]\s*|\b(?:source|src)=|\bDOCKER_HOST=)[""']?(?<at>(?:unix://)?(?:/var)?/run/docker\.sock)", Options, Patience)]
    private static partial Regex Sockets();

    [GeneratedRegex(@"\b(?:docker|podman|nerdctl)\s[^;&|]*?\s(?<at>--privileged\b(?!=false)|--cap-add[=\s]\s*(?:ALL|SYS_ADMIN)\b|--pid[=\s]\s*host\b|--security-opt[=\s]\s*\S*unconfined)", Options, Patience)]
    private static partial Regex Privileges();

    [GeneratedRegex(@"\bcurl\s(?:[^;&|]*?\s)?(?<at>--insecure\b|-[A-Za-z]*k[A-Za-z]*(?=\s|$))|\bwget\s(?:[^;&|]*?\s)?(?<at>--no-check-certificate\b)|\s(?<at>--no-verify-ssl\b|--tls-verify=false\b)", Options, Patience)]
    private static partial Regex UncheckedFlags();

    [GeneratedRegex(@"(?<at>\bhttp\.sslVerify[=\s][""']?(?:false|0)\b|\bGIT_SSL_NO_VERIFY=[""']?(?:true|1)\b|\bNODE_TLS_REJECT_UNAUTHORIZED=[""']?0\b|\bPYTHONHTTPSVERIFY=[""']?0\b|\bstrict-ssl[=\s][""']?false\b)", Options, Patience)]
    private static partial Regex UncheckedVariables();

    [GeneratedRegex(
        ShellWords.CommandPosition + @"(?<at>(?:env|printenv)\s*(?=$|[;&>)}]|\|(?!\s*(?:grep|egrep|wc|cut|awk|sed)\b))|export\s+-p\b|declare\s+-\w*[px]\w*\s*(?=$|[;&|>])|set\s*(?=$|[|>])|cat\s+/proc/(?:self|1|\$\$)/environ\b)"
        + @"|(?<at>\b(?:Get-ChildItem|gci|dir|ls)\s+[Ee]nv:)\s*(?:$|[;|>])",
        Options,
        Patience)]
    private static partial Regex Dumps();

    [GeneratedRegex(
        ShellWords.CommandPosition + @"(?<at>set\s+(?:-[A-Za-z]+\s+(?:pipefail\s+)?)*(?:-[A-Za-z]*x[A-Za-z]*(?=\s|$|[;&|])|-o\s+xtrace\b)|" + ShellWords.Shell + @"\s+(?:-[A-Za-z]+\s+)*-[A-Za-z]*x[A-Za-z]*(?=\s|$))",
        Options,
        Patience)]
    private static partial Regex Traces();

    [GeneratedRegex(
        ShellWords.CommandPosition + @"(?<at>(?:echo|printf)\s[^;&|>]*?\$\{?(?<name>" + ShellWords.SecretName + @")(?=$|[^A-Za-z0-9_:#+]|:[^+])[^;&|>]*(?:$|[;&](?!>)|\|\s*(?:base64(?!\s+(?:-d|-D|--decode)\b)|xxd|od|rev|hexdump|tee\s+/dev/stderr)\b[^|>;&]*(?:$|[;&])))",
        Options,
        Patience)]
    private static partial Regex Prints();

    [GeneratedRegex(@"\$\{(?:#|\w+:?\+)", Options, Patience)]
    private static partial Regex Lengths();
}
