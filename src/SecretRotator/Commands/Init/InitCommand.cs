using System.CommandLine;
using SecretRotator.Configuration;
using SecretRotator.Doctor;
using SecretRotator.Log;
using SecretRotator.Providers;
using SecretRotator.Settings;

namespace SecretRotator.Commands;

/// <summary>Writes the files that a repository of one's own begins with: all of them, or none. Offline.</summary>
internal static class InitCommand
{
    private const int LongestEnvironment = 100;

    /// <summary>Declares it.</summary>
    public static Command Create(CommandRunner runner)
    {
        var workspace = InitQuestion.Of("--workspace", "SLUG", "The Bitbucket workspace.", Names.IsSlug, Names.SlugRule);
        var home = InitQuestion.Of(
            "--home", "SLUG", "The repository that holds inventory and pipelines.", Names.IsSlug, Names.SlugRule);
        var vaults = runner.Providers.Select(provider => provider.Start).OfType<VaultStart>().ToArray();
        var cloud = InitQuestion.Of("--cloud", "Where the vault is.", [.. vaults.Select(vault => vault.Word)]);
        var environment = InitQuestion.Of(
            "--environment", "NAME", "The deployment environment of the steps that rotate.", IsEnvironment,
            $"Write letters, digits, blanks, dots, hyphens and underscores, at most {LongestEnvironment}.");
        var plan = InitQuestion.Of("--bitbucket-plan", "The workspace's plan, which decides about tokens.", ["standard", "premium"]);
        var releaseUrl = InitQuestion.Of(
            "--release-url", "URL", "The folder that the pipelines download the release archive from.", IsHttps,
            "Write an address that begins with https://.");
        var sha256 = InitQuestion.Of(
            "--sha256", "CHECKSUM", "The checksum of the release archive for linux-x64, from the release's checksums.", IsChecksum,
            "Write 64 hexadecimal digits in lower case.");
        var yes = new Option<bool>("--yes") { Description = "Ask nothing: what no option says is as usual." };
        var command = new CommandWithExamples(
            "init",
            "Writes inventory, pipelines and schedules for a repository of your own. Asks on a terminal, and overwrites nothing.",
            "secret-rotator init",
            "secret-rotator init --workspace acme --home secret-rotator --cloud azure --yes")
        {
            workspace.Option, home.Option, cloud.Option, environment.Option, plan.Option, releaseUrl.Option, sha256.Option, yes,
        };
        return runner.Offline(command, context =>
        {
            if (context.Settings.Output == OutputFormat.Json)
                throw new UsageException("init has no --output json.", "Its exit code tells whether the files are written.");
            RefuseToOverwrite();
            InitQuestion[] questions = [workspace, home, cloud, environment, plan];
            var asks = !context.Value(yes);
            var open = questions.Where(each => context.Value(each.Option) is null).Select(each => each.Option.Name).ToArray();
            if (asks && !context.Terminal.CanAsk && open.Length > 0)
                throw new UsageException(
                    $"Without a terminal init asks nothing, and {string.Join(", ", open)} isn't given.",
                    "Give it, or take what is usual with --yes.");
            var remote = BitbucketRemote.Find() ?? new("my-workspace", "secret-rotator");
            return RunAsync(context, new StarterFiles(
                workspace.Answer(context, remote.Workspace, asks).ToLowerInvariant(),
                home.Answer(context, remote.Repository, asks).ToLowerInvariant(),
                vaults.ToDictionary(vault => vault.Word, StringComparer.Ordinal)[cloud.Answer(context, vaults[0].Word, asks)],
                environment.Answer(context, "Production", asks),
                plan.Answer(context, "standard", asks) == "premium",
                context.Value(releaseUrl.Option),
                context.Value(sha256.Option),
                Path.Exists(StarterFiles.GitIgnore)));
        });
    }

    private static async Task<ExitCode> RunAsync(CommandContext context, StarterFiles starter)
    {
        Write(starter.Files);
        var settings = context.Settings with { Inventory = StarterFiles.Inventory };
        var inventory = InventoryFile.Read(StarterFiles.Inventory, settings.Providers.Grammar);
        using var watch = context.Interruption.Watch(context.Terminal, undoes: false);
        var report = await context.Sessions.RunDoctorAsync(
            new DoctorRequest(settings, inventory, SandboxRun: null, RunLog.Silent)
            {
                Offline = true,
                Areas = ["inventory", "pipeline-file"],
            },
            watch.Token);
        context.Terminal.Write($"Written: {string.Join(", ", starter.Files.Select(file => file.Path))}.");
        context.Terminal.WriteLine("");
        DoctorView.WriteText(context.Terminal, report);
        context.Terminal.WriteLine("");
        context.Terminal.Write("What to do next; docs/getting-started.md has more about each step:");
        context.Terminal.WriteLabelled(starter.NextSteps.Select((step, index) => ($"{index + 1}", step)));
        return ExitCodes.Of(report);
    }

    private static void RefuseToOverwrite()
    {
        if (StarterFiles.Paths.Where(Path.Exists).ToArray() is { Length: > 0 } there)
            throw new UsageException(
                $"{string.Join(", ", there)} {(there.Length == 1 ? "is" : "are")} here already, and init overwrites nothing.",
                "Nothing was written. Run it in an empty folder and copy what you need from there, or move what is here away.");
    }

    private static void Write(IEnumerable<(string Path, string Text)> files)
    {
        var written = new Stack<string>();
        try
        {
            foreach (var (path, text) in files)
            {
                if (Path.GetDirectoryName(path) is { Length: > 0 } folder && !Directory.Exists(folder))
                {
                    Directory.CreateDirectory(folder);
                    written.Push(folder);
                }

                using var stream = new FileStream(path, FileMode.CreateNew, FileAccess.Write);
                written.Push(path);
                stream.Write(Encoding.UTF8.GetBytes(text));
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            foreach (var path in written)
                if (Directory.Exists(path))
                    Directory.Delete(path);
                else
                    File.Delete(path);
            throw new UsageException(
                "The files can't be written here. What was written is deleted again.", "Run init in a folder that this user may write to.");
        }
    }

    // These go into texts in quotes, of YAML and of a shell.
    private static bool IsEnvironment(string text) =>
        text.Length <= LongestEnvironment && text.Trim() is { Length: > 0 } trimmed && trimmed == text
            && text.All(letter => char.IsAsciiLetterOrDigit(letter) || " .-_".Contains(letter, StringComparison.Ordinal));

    private static bool IsHttps(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme == Uri.UriSchemeHttps
            && text.All(letter => char.IsAsciiLetterOrDigit(letter) || "-._~:/%@+=".Contains(letter, StringComparison.Ordinal));

    private static bool IsChecksum(string text) => text.Length == 64 && text.All(char.IsAsciiHexDigitLower);
}
