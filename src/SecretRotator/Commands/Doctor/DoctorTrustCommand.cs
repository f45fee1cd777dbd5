
using SecretRotator.Doctor.Trust;
using SecretRotator.Providers.Doctor;
using SecretRotator.Settings;

namespace SecretRotator.Commands;

/// <summary>Prints what a cloud needs in order to trust the pipeline. Offline.</summary>
internal static class DoctorTrustCommand
{
    /// <summary>Prints it, or writes it into files.</summary>
    /// <param name="terminal">Where to.</param>
    /// <param name="settings">The settings.</param>
    /// <param name="kind">Which cloud, in which form.</param>
    /// <param name="uuids">The uuids that the command line gives: of the workspace, the repository, the environment.</param>
    /// <param name="folder">Where to write files instead, or null.</param>
    /// <exception cref="UsageException">The inventory is wrong, or a file can't be written.</exception>
    public static ExitCode Run(Terminal terminal, RotatorSettings settings, string kind, (Guid? Workspace, Guid? Repository, Guid? Environment) uuids, string? folder)
    {
        var inventory = CommandRunner.LoadInventory(settings);
        var facts = TrustDocuments.Facts(settings, inventory, uuids.Workspace, uuids.Repository, uuids.Environment);
        var view = new TrustView(kind, TrustDocuments.Of(kind, settings, inventory, facts), folder);
        if (folder is not null)
            Write(view.Set, folder);
        if (settings.Output == OutputFormat.Json)
            terminal.WriteJson(view.WriteJson);
        else
            view.WriteText(terminal);
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
            throw new UsageException($"The documents can't be written into {folder}.", "Name a directory that this user may write to: --write DIR");
        }
    }
}
