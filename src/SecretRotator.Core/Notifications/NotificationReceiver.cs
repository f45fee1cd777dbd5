namespace SecretRotator.Notifications;

/// <summary>Who is told of a run, and how. The closed set that <c>notify</c> and <c>heartbeat</c> of the inventory declare.</summary>
/// <param name="Name">Its name in the inventory, unique.</param>
/// <param name="On">What it is told of.</param>
/// <param name="Kind">The word for its kind in the inventory, such as <c>slack</c>.</param>
public abstract record NotificationReceiver(string Name, ImmutableSortedSet<NotificationEvent> On, string Kind)
{
    /// <summary>Where its URL, password and key are kept, each with the inventory's key for it.</summary>
    public abstract ImmutableArray<(string Key, VaultReference Reference)> References { get; }

    /// <inheritdoc />
    public sealed override string ToString() => $"{Name} ({Kind})";

    /// <summary>A program that takes the documented JSON, signed.</summary>
    /// <param name="Name">Its name.</param>
    /// <param name="On">What it is told of.</param>
    /// <param name="Url">Where its URL is kept.</param>
    /// <param name="Key">Where the key is kept that signs.</param>
    public sealed record Webhook(string Name, ImmutableSortedSet<NotificationEvent> On, VaultReference Url, VaultReference Key)
        : NotificationReceiver(Name, On, "webhook")
    {
        /// <inheritdoc />
        public override ImmutableArray<(string Key, VaultReference Reference)> References => [("url", Url), ("key", Key)];
    }

    /// <summary>A channel of Slack, by an incoming webhook.</summary>
    /// <param name="Name">Its name.</param>
    /// <param name="On">What it is told of.</param>
    /// <param name="Url">Where its URL is kept, which is a secret.</param>
    public sealed record Slack(string Name, ImmutableSortedSet<NotificationEvent> On, VaultReference Url)
        : NotificationReceiver(Name, On, "slack")
    {
        /// <inheritdoc />
        public override ImmutableArray<(string Key, VaultReference Reference)> References => [("url", Url)];
    }

    /// <summary>A channel or chat of Microsoft Teams, by the webhook of a workflow.</summary>
    /// <param name="Name">Its name.</param>
    /// <param name="On">What it is told of.</param>
    /// <param name="Url">Where its URL is kept, which is a secret.</param>
    public sealed record Teams(string Name, ImmutableSortedSet<NotificationEvent> On, VaultReference Url)
        : NotificationReceiver(Name, On, "teams")
    {
        /// <inheritdoc />
        public override ImmutableArray<(string Key, VaultReference Reference)> References => [("url", Url)];
    }

    /// <summary>E-mail, by SMTP over TLS.</summary>
    /// <param name="Name">Its name.</param>
    /// <param name="On">What it is told of.</param>
    /// <param name="Host">The mail server's name, which its certificate must have.</param>
    /// <param name="Port">Its port, 1 to 65535.</param>
    /// <param name="IsTlsFromStart">Whether TLS begins with the connection; otherwise STARTTLS begins it, and must.</param>
    /// <param name="From">The sender's address.</param>
    /// <param name="To">The addresses of those who get it, at least one.</param>
    public sealed record Email(
        string Name, ImmutableSortedSet<NotificationEvent> On, string Host, int Port, bool IsTlsFromStart, string From,
        ImmutableArray<string> To) : NotificationReceiver(Name, On, "email")
    {
        /// <summary>The user, and where the password is kept; null where the server asks for no login.</summary>
        public (string User, VaultReference Password)? Login { get; init; }

        /// <inheritdoc />
        public override ImmutableArray<(string Key, VaultReference Reference)> References =>
            Login is var (_, password) ? [("password", password)] : [];
    }

    /// <summary>The comments of a pull request.</summary>
    /// <param name="Name">Its name.</param>
    /// <param name="On">What it is told of.</param>
    /// <param name="Repository">The repository.</param>
    /// <param name="Id">The pull request's number, at least 1.</param>
    public sealed record BitbucketPullRequest(
        string Name, ImmutableSortedSet<NotificationEvent> On, VariableScope.Repository Repository, int Id)
        : NotificationReceiver(Name, On, "bitbucket-pull-request")
    {
        /// <inheritdoc />
        public override ImmutableArray<(string Key, VaultReference Reference)> References => [];
    }

    /// <summary>A dead man's switch: it is told nothing but that a run was good, and raises the alarm when it hears no more.</summary>
    /// <param name="Url">Where its URL is kept.</param>
    public sealed record Heartbeat(VaultReference Url) : NotificationReceiver(Word, [], Word)
    {
        /// <summary>Its name, its kind, and its key in the inventory.</summary>
        public const string Word = "heartbeat";

        /// <inheritdoc />
        public override ImmutableArray<(string Key, VaultReference Reference)> References => [(Word, Url)];
    }
}
