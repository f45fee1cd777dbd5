using System.CommandLine;
using System.CommandLine.Parsing;
using SecretRotator.Doctor.Trust;
using SecretRotator.Output;
using SecretRotator.Providers.Doctor;

namespace SecretRotator.Commands;

/// <summary>Prints what a cloud needs in order to trust the pipeline. Offline.</summary>
internal static class DoctorTrustCommand
{
    /// <summary>Declares it.</summary>
    public static Command Create(CommandRunner runner)
    {
        var cloud = new Option<string>("--for")
        {
            Description = "The cloud and the form: aws, aws-terraform, azure or gcp.",
            HelpName = "CLOUD",
            Required = true,
        };
        cloud.AcceptOnlyFromAmong([.. TrustDocuments.Kinds(runner.Providers)]);
        var workspace = Uuid("--workspace-uuid", "The workspace's uuid, unless the step's token tells it.");
        var repository = Uuid("--repository-uuid", "The uuid of the repository whose pipeline rotates, unless the step's token tells it.");
        var environment = Uuid("--environment-uuid", "Trust only steps of this deployment environment.");
        var folder = new Option<string>("--write")
        {
            Description = "Write the documents into this directory instead of showing them.",
            HelpName = "DIR",
        };
        var command = new CommandWithExamples(
            "trust",
            "Shows what a cloud needs in order to trust the pipeline, with the least that this inventory needs. Offline.",
            "secret-rotator doctor trust --for aws --write trust",
            "secret-rotator doctor trust --for azure")
        {
            cloud, workspace, repository, environment, folder,
        };
        return runner.Offline(command, context =>
        {
            var inventory = context.LoadInventory();
            var facts = TrustDocuments.Facts(
                context.Settings, inventory, context.Given(workspace), context.Given(repository), context.Given(environment));
            var kind = context.Value(cloud)!;
            var documents = TrustDocuments.Of(kind, context.Settings, inventory, facts);
            return Task.FromResult(Run(context, new TrustView(kind, documents, context.Value(folder))));
        });
    }

    private static ExitCode Run(CommandContext context, TrustView view)
    {
        if (view.Folder is { } folder)
            Write(view.Set, folder);
        context.Show(json => ResultContext.Write(json, new TrustJson(view)), terminal => view.WriteText(terminal));
        return ExitCode.Done;
    }

    private static void Write(TrustSet set, string folder)
    {
        try
        {
            Directory.CreateDirectory(folder);
            foreach (var document in set.Documents)
                File.WriteAllText(Path.Combine(folder, document.File), document.Content);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new UsageException(
                $"The documents can't be written into {folder}.", "Name a directory that this user may write to: --write DIR");
        }
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
