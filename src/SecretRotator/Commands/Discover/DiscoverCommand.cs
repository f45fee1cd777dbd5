using System.CommandLine;
using SecretRotator.Configuration;
using SecretRotator.Discovery;
using SecretRotator.Providers.Bitbucket.Credentials;

namespace SecretRotator.Commands;

/// <summary>Lists variables that no entry of the inventory covers. Writes nothing but the file of <c>--stubs</c>.</summary>
internal static class DiscoverCommand
{
    /// <summary>Declares it.</summary>
    public static Command Create(CommandRunner runner)
    {
        var workspace = new Option<string>("--workspace")
        {
            Description = "The workspace to search (default: that of the inventory). With it no inventory is needed.",
            HelpName = "SLUG",
        };
        var project = new Option<string>("--project") { Description = "Only the repositories of this project.", HelpName = "KEY" };
        var repositories = SharedOptions.Names("--repository", "SLUG...", "Only these repositories.");
        var maxCalls = new Option<int?>("--max-calls")
        {
            Description = "The most calls to make (default: what is left of the hourly budget).",
            HelpName = "N",
            CustomParser = result => SharedOptions.ParseNumber(result, 10_000),
        };
        var stubs = new Option<string>("--stubs")
        {
            Description = "Write entries for rotation.yaml to complete; an existing file is not changed.",
            HelpName = "FILE",
        };
        var command = new CommandWithExamples(
            "discover",
            "Lists variables that no entry of the inventory covers, and writes stubs. Never reads a value, and writes nothing else.",
            "secret-rotator discover",
            "secret-rotator discover --workspace acme",
            "secret-rotator discover --project APPS --max-calls 200",
            "secret-rotator discover --repository payments-api --stubs stubs.yaml")
        {
            workspace, project, repositories, maxCalls, stubs,
        };
        return runner.Online(command, async context =>
        {
            var inventory = InventoryOf(context, context.Value(workspace));
            var where = context.Value(workspace) ?? inventory.Workspace;
            var request = RequestOf(where, context.Value(project), context.Value(repositories) ?? [], context.Value(maxCalls));
            var own = WithCredential(context, inventory);
            using var wiped = own.Settings.Bitbucket;
            return await RunAsync(new InventoryContext(own, inventory), request, context.Value(stubs));
        });
    }

    // To look what there is may be the first thing that people do.
    private static RotationInventory InventoryOf(CommandContext context, string? workspace)
    {
        if (context.Settings.Inventory != StarterFiles.Inventory || File.Exists(StarterFiles.Inventory))
            return context.LoadInventory();
        return workspace is not null
            ? new RotationInventory(
                workspace, new(workspace, "secret-rotator"), ImmutableSortedDictionary<string, VaultDefinition>.Empty, RunLimits.Default,
                [], [])
            : throw new UsageException(
                $"There is no {StarterFiles.Inventory} here, and no workspace is named.",
                "Name one with --workspace SLUG, or the inventory with --inventory FILE.");
    }

    private static CommandContext WithCredential(CommandContext context, RotationInventory inventory)
    {
        var settings = context.Settings;
        if (settings.Bitbucket is not null || inventory.Credential is not null || context.Value(context.Options.Sandbox)
            || !context.Terminal.CanAsk)
            return context;
        SecretValue Ask(string what) => SecretValue.FromText(context.Terminal.Ask($"{what} (it isn't shown): ", hidden: true));
        BitbucketCredential credential =
            settings.BitbucketEmail is { } email ? new BitbucketCredential.ApiToken(email, Ask($"API token of {email}"))
            : settings.BitbucketClientId is { } id ? new BitbucketCredential.OAuthClient(id, Ask($"Secret of the OAuth consumer {id}"))
            : context.Terminal.Ask("E-mail address of the API token's account (none for an access token): ") is { Length: > 0 } typed
                ? new BitbucketCredential.ApiToken(typed, Ask("API token"))
            : new BitbucketCredential.AccessToken(Ask("Access token"));
        return context with { Settings = settings with { Bitbucket = credential } };
    }

    private static async Task<ExitCode> RunAsync(InventoryContext context, DiscoveryRequest request, string? stubs)
    {
        if (stubs is not null && Path.Exists(stubs))
            throw new UsageException(
                $"{stubs} is there already, and nothing of yours is written over.",
                "Name another file with --stubs, or move that one away.");
        using var watch = context.Interruption.Watch(context.Terminal, undoes: false);
        await using var session = await context.Sessions.OpenReadAsync(context.SessionRequest(), watch.Token);
        var report = await session.DiscoverAsync(request, watch.Token);
        if (stubs is not null)
            Write(stubs, InventoryStubs.Of(report, context.Inventory));

        var view = new DiscoveryView(report, request.Workspace, stubs, session.Sandbox);
        var exitCode = report.IsComplete ? ExitCode.Done : ExitCode.Found;
        context.Show(json => ResultContext.Write(json, new DiscoveryJson(view, exitCode)), view.WriteText);
        return exitCode;
    }

    private static DiscoveryRequest RequestOf(string workspace, string? project, string[] repositories, int? maxCalls)
    {
        if (project is not null && repositories.Length > 0)
            throw new UsageException(
                "--project can't be used with --repository.", "Name the repositories, or the project that they are in.");
        if (project is not null && !(project.Length <= 128 && project.All(letter => char.IsAsciiLetterOrDigit(letter) || letter == '_')))
            throw new UsageException(
                "--project takes a project's key.",
                "It has letters, digits and underscores, such as APPS; Bitbucket shows it beside the project's name.");
        if (repositories.Append(workspace).FirstOrDefault(slug => !Names.IsSlug(slug)) is { } wrong)
            throw new UsageException($"\"{Quoted.Printable(wrong, maximum: 60)}\" can't be a workspace or a repository.", Names.SlugRule);
        var slugs = repositories.Select(slug => slug.ToLowerInvariant()).Distinct(StringComparer.Ordinal);
        return new(workspace.ToLowerInvariant(), project, [.. slugs], maxCalls);
    }

    private static void Write(string path, string text)
    {
        try
        {
            using var stream = PrivateFile.Create(path);
            stream.Write(Encoding.UTF8.GetBytes(text));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new UsageException(
                $"The stubs can't be written to {path}.",
                "Name a file that isn't there, in a directory that exists and can be written to.");
        }
    }
}
