using SecretRotator.Notifications;

namespace SecretRotator.Configuration;

/// <summary>Reads <c>notify</c> and <c>heartbeat</c>. No two receivers may have the same name.</summary>
/// <param name="home">The repository that is meant where a receiver names none; null where that is wrong.</param>
/// <param name="vaults">The vaults of the file.</param>
/// <param name="problems">Takes what is wrong.</param>
internal sealed class NotifyReader(VariableScope.Repository? home, DeclaredVaults vaults, ProblemList problems)
{
    private const int MostRecipients = 20;
    private const int ImplicitTlsPort = 465;
    private const int StartTlsPort = 587;

    private readonly Dictionary<string, Position> _names = new(StringComparer.Ordinal);
    private readonly List<(string Key, VaultReference Reference, Position At)> _given = [];

    /// <summary>What the receivers make themselves, such as their URLs, as far as it was read.</summary>
    public IReadOnlyList<(string Key, VaultReference Reference, Position At)> Given => _given;

    /// <summary>The receivers that are right, in the order of the file.</summary>
    public ImmutableArray<NotificationReceiver> Read(ImmutableArray<YamlNode> items) =>
        [.. items.Select(ReadOne).OfType<NotificationReceiver>()];

    /// <summary>Where something of a receiver is kept; null where the key isn't there or is wrong, which is reported.</summary>
    public VaultReference? Reference(MappingReader mapping, Key key, string what)
    {
        if (mapping.Text(key, maximum: 800) is not { } text || ReferenceReader.Read(text, key, what, vaults, problems) is not { } reference)
            return null;
        if (key != Grammar.WebhookKey)
            _given.Add((key.Name, reference, text.At));
        return reference;
    }

    private NotificationReceiver? ReadOne(YamlNode item)
    {
        if (MappingReader.Mapping(item, "a receiver", $"Write for example \"{Grammar.Notify.Example}\".", problems) is not { } node
            || MappingReader.OpenKind(node, Grammar.ReceiverKindKey, Grammar.ReceiverKinds, "a receiver", problems)
                is not var (table, mapping))
            return null;
        var known = problems.Count;
        var name = mapping.UniqueName(Grammar.ReceiverName, "receiver", _names) ?? "";
        ImmutableSortedSet<NotificationEvent> on =
            [.. mapping.Has(Grammar.On) ? mapping.WordsOf(Grammar.On, Grammar.EventWords, "") : [.. Enum.GetValues<NotificationEvent>()]];
        NotificationReceiver? receiver = null;
        if (table == Grammar.EmailReceiver)
            receiver = Email(mapping, name, on);
        else if (table == Grammar.PullRequestReceiver)
            receiver = mapping.Repository(Grammar.ReceiverRepository, home) is { } repository
                && mapping.Integer(Grammar.PullRequest, 1, int.MaxValue) is { } id
                ? new NotificationReceiver.BitbucketPullRequest(name, on, repository, id)
                : null;
        else if (Reference(mapping, Grammar.ReceiverUrl, "the URL") is { } url)
            receiver = table == Grammar.SlackReceiver ? new NotificationReceiver.Slack(name, on, url)
                : table == Grammar.TeamsReceiver ? new NotificationReceiver.Teams(name, on, url)
                : Reference(mapping, Grammar.WebhookKey, "the key") is { } key ? new NotificationReceiver.Webhook(name, on, url, key)
                : null;
        return problems.Count > known ? null : receiver;
    }

    private NotificationReceiver.Email? Email(MappingReader mapping, string name, ImmutableSortedSet<NotificationEvent> on)
    {
        bool? isTlsFromStart = mapping.Word(Grammar.MailTls, Grammar.MailTlsWords) is (true, var word) ? word : null;
        var server = mapping.Text(Grammar.MailServer) is { } text
            ? HostAndPort.Read(text, isTlsFromStart == true ? ImplicitTlsPort : StartTlsPort, problems)
            : null;
        var from = mapping.Text(Grammar.MailFrom) is { } sender ? Address(sender) : null;
        var items = mapping.Items(Grammar.MailTo);
        if (items.Length > MostRecipients)
            problems.Add(
                mapping.PlaceOf(Grammar.MailTo), $"\"to\" has {items.Length} addresses", $"Write at most {MostRecipients}, or a list's.");
        var to = items.Select(item => mapping.TextOf(item, Grammar.MailTo) is { } recipient ? Address(recipient) : null).ToList();
        var user = mapping.Text(Grammar.MailUser);
        var password = Reference(mapping, Grammar.MailPassword, "the password");
        if (mapping.Has(Grammar.MailUser) != mapping.Has(Grammar.MailPassword))
            problems.Add(
                mapping.At,
                $"\"{(mapping.Has(Grammar.MailUser) ? "user" : "password")}\" is of no use alone",
                "Write both, or neither where the server asks for no login.");
        return server is not var (host, port) || from is null
            ? null
            : new(name, on, host, port, isTlsFromStart ?? port == ImplicitTlsPort, from, [.. to.OfType<string>()])
            {
                Login = user is not null && password is not null ? (user.Value, password) : null,
            };
    }

    // Enough that nothing else can be meant, and that no line of a message's head can be added. The server judges the rest.
    private string? Address(PlacedText text)
    {
        var at = text.Value.IndexOf('@', StringComparison.Ordinal);
        if (at > 0 && at == text.Value.LastIndexOf('@')
            && text.Value.All(c => c is > ' ' and not ('<' or '>' or ',' or ';' or '"' or '\x7f'))
            && Uri.CheckHostName(text.Value[(at + 1)..]) == UriHostNameType.Dns)
            return text.Value;
        problems.Add(
            text.At, $"{Quoted.Of(text.Value)} is not an e-mail address", "Write the address alone, such as platform@acme.example.");
        return null;
    }
}
