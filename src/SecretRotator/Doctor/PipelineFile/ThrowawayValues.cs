using System.Text.RegularExpressions;

namespace SecretRotator.Doctor.PipelineFile;

/// <summary>Values that guard nothing: those of services that live as long as the step, and what is told to a machine's own
/// address.</summary>
/// <param name="ofServices">The values of the variables that the file gives to its services.</param>
/// <param name="script">The script.</param>
internal sealed class ThrowawayValues(IReadOnlySet<string> ofServices, ScriptFacts script)
{
    // DB_HOST=127.0.0.1 makes DB_PASSWORD the password of a database that dies with the step.
    private readonly HashSet<string> _localPrefixes =
    [
        .. script.Commands.SelectMany(command => command.Documents.SelectMany(document => document.Lines()).Prepend(command))
            .SelectMany(line => LocalHosts.Matches(line.Text))
            .Select(match => match.Groups["prefix"].Value.ToUpperInvariant()),
    ];

    /// <summary>Whether a value is one.</summary>
    /// <param name="name">The name that it is given to; empty where there is none.</param>
    /// <param name="value">The value.</param>
    /// <param name="line">The line that it is in.</param>
    public bool Contain(string name, string value, string line) =>
        ofServices.Contains(value)
        || _localPrefixes.Any(prefix => prefix.Length > 1 && name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
        || LocalClients.IsMatch(line)
        || LocalContainers.IsMatch(line);

    private static readonly Regex LocalHosts = ReviewPattern.Of(
        @"(?<![A-Za-z0-9_])(?<prefix>[A-Za-z0-9_]*?_?)(?:HOST|HOSTNAME|SERVER|ADDRESS|ADDR|URL|URI|DSN|ENDPOINT)[""']?\s*[=:]\s*[""']?(?:[a-z][a-z0-9+.:-]*//)?(?:[^\s""'/@]*@)?(?:localhost|127\.\d+\.\d+\.\d+|0\.0\.0\.0|\[::1\]|host\.docker\.internal)\b", RegexOptions.IgnoreCase);

    // The one address in the line is the machine's own.
    private static readonly Regex LocalClients = ReviewPattern.Of(
        @"^(?!.*//(?!(?:[^\s/@]*@)?(?:localhost|127\.|0\.0\.0\.0|\[::1\]|host\.docker\.internal))).*(?:(?:\s-h\s*|\s--host(?:name)?[=\s]\s*|//(?:[^\s/@]*@)?)[""']?(?:localhost|127\.\d+\.\d+\.\d+|0\.0\.0\.0|\[::1\]|host\.docker\.internal)(?![\w.-]))");

    // The first password of a database that is started here.
    private static readonly Regex LocalContainers = ReviewPattern.Of(
        @"\b(?:docker|podman)\s+(?:run|create)\b.*\s(?:-e|--env)[=\s]\s*[""']?(?:POSTGRES|MYSQL|MARIADB|MONGO_INITDB|SA|MSSQL_SA|RABBITMQ_DEFAULT|REDIS|MINIO_ROOT)_(?:\w*_)?(?:PASSWORD|PASS)=");
}
