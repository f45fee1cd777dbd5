using System.CommandLine;
using System.CommandLine.Parsing;
using SecretRotator.Configuration;
using SecretRotator.Doctor.Trust;
using SecretRotator.Providers.Doctor;

namespace SecretRotator.Commands;

/// <summary>Prints what a cloud needs in order to trust the pipeline. Offline.</summary>
internal static class DoctorTrustCommand
{
    /// <summary>Declares it.</summary>
    public static Command Create(CommandRunner runner)
    {
        string[] kinds = [.. TrustDocuments.Kinds(runner.Providers)];
        var cloud = new Option<string>("--for")
        {
            Description = $"The cloud and the form: {string.Join(", ", kinds[..^1])} or {kinds[^1]}.",
            HelpName = "CLOUD",
            Required = true,
        };
        cloud.AcceptOnlyFromAmong(kinds);
        var workspace = Uuid("--workspace-uuid", "The workspace's uuid, unless the step's token tells it.");
        var repository = Uuid("--repository-uuid", "The uuid of the repository whose pipeline rotates, unless the step's token tells it.");
        var environment = Uuid("--environment-uuid", "Trust only steps of this deployment environment.");
        var folder = new Option<string>("--write")
        {
            Description = "Write the documents into this directory instead of showing them.",
            HelpName = "DIR",
        };
        var set = new Option<string[]>("--set")
        {
            Description = "What belongs in the place of a word in capitals; repeatable.",
            HelpName = "WORD=VALUE",
        };
        set.Validators.Add(RefuseOthers);
        var byPathPrefix = new Option<bool>("--by-path-prefix")
        {
            Description = "Give rights on all secrets under the same path prefixes (AWS, HashiCorp Vault): a short policy for many secrets.",
        };
        var command = new CommandWithExamples(
            "trust",
            "Shows what a cloud needs in order to trust the pipeline, with the least that this inventory needs. Offline.",
            "secret-rotator doctor trust --for aws --write trust",
            "secret-rotator doctor trust --for azure")
        {
            cloud, workspace, repository, environment, set, byPathPrefix, folder,
        };
        return runner.Offline(command, context =>
        {
            var inventory = context.LoadInventory();
            var facts = TrustDocuments.Facts(
                context.Settings, inventory, context.Value(workspace), context.Value(repository), context.Value(environment));
            var kind = context.Value(cloud)!;
            var documents = TrustDocuments.Of(kind, context.Settings, inventory, facts, context.Value(byPathPrefix));
            foreach (var pair in context.Value(set) ?? [])
                documents = pair.Split('=', 2) is [var word, var value] && documents.With(word, value) is { } filled
                    ? filled
                    : throw new UsageException(
                        $"--set {pair}: the documents for {kind} don't have that word.",
                        documents.Words.IsEmpty
                            ? "They have no word to replace."
                            : $"They have: {string.Join(", ", documents.Words.Select(word => word.Word))}");
            return Task.FromResult(Run(context, new TrustView(kind, documents, context.Value(folder))));
        });
    }

    private static ExitCode Run(CommandContext context, TrustView view)
    {
        if (view.Folder is { } folder)
            view = view with { Kept = Write(view.Set, folder) };
        context.Show(json => ResultContext.Write(json, new TrustJson(view)), terminal => view.WriteText(terminal));
        return ExitCode.Done;
    }

    // What was filled in by hand, or admits less, isn't replaced by what is less exact.
    private static ImmutableArray<TrustDocument> Write(TrustSet set, string folder)
    {
        var kept = ImmutableArray.CreateBuilder<TrustDocument>();
        try
        {
            Directory.CreateDirectory(folder);
            foreach (var document in set.Documents)
            {
                var path = Path.Combine(folder, document.File);
                if (set.MissingIn(document).Any() && File.Exists(path) && File.ReadAllText(path) != document.Content)
                    kept.Add(document);
                else
                    File.WriteAllText(path, document.Content);
            }

            return kept.ToImmutable();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new UsageException(
                $"The documents can't be written into {folder}.", "Name a directory that this user may write to: --write DIR");
        }
    }

    // The values go into JSON, Terraform and a shell's scripts.
    private static void RefuseOthers(OptionResult result)
    {
        foreach (var token in result.Tokens.Select(token => token.Value))
            if (token.IndexOf('=', StringComparison.Ordinal) <= 0 || token.EndsWith('=')
                || token.Any(letter => !char.IsAsciiLetterOrDigit(letter) && !"=-._:/".Contains(letter, StringComparison.Ordinal)))
                result.AddError(
                    "--set takes a word and its value, of letters, digits and -._:/ such as RESOURCE-GROUP=vaults, not "
                        + $"{Quoted.Of(token)}.");
    }

    private static Option<Guid?> Uuid(string name, string description) =>
        new(name) { Description = description, HelpName = "UUID", CustomParser = ParseUuid };

    private static Guid? ParseUuid(ArgumentResult result)
    {
        if (Guid.TryParse(result.Tokens[0].Value, out var uuid))
            return uuid;
        result.AddError($"{result.Argument.Name} takes a uuid such as {{22222222-2222-4222-8222-222222222222}}, with or without braces.");
        return null;
    }
}
