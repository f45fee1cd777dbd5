using System.Text;
using SecretRotator.Configuration;
using SecretRotator.Discovery;
using SecretRotator.Settings;

namespace SecretRotator.Commands;

/// <summary>Lists variables that no entry of the inventory covers. Writes nothing but the file of <c>--stubs</c>.</summary>
internal static class DiscoverCommand
{
    public static async Task<ExitCode> RunAsync(CommandContext context)
    {
        var request = Read(context);
        var stubs = context.Value(context.Options.Stubs);
        if (stubs is not null && Path.Exists(stubs))
            throw new UsageException($"{stubs} is there already, and nothing of yours is written over.", "Name another file with --stubs, or move that one away.");
        using var watch = context.Interruption.Watch(context.Terminal, undoes: false);
        await using var discoverer = await context.World.OpenDiscoveryAsync(context.SessionRequest("discover"), watch.Token);
        var report = await discoverer.RunAsync(request, watch.Token);
        if (stubs is not null)
            Write(stubs, InventoryStubs.Of(report, context.Inventory));

        var view = new DiscoveryView(report, request.Workspace, stubs, discoverer.Sandbox);
        var exitCode = report.IsComplete ? ExitCode.Done : ExitCode.Found;
        if (context.Settings.Output == OutputFormat.Json)
            context.Terminal.WriteJson(json => DiscoveryJson.Write(json, view, exitCode));
        else
            DiscoveryText.Write(context.Terminal, view);
        return exitCode;
    }

    private static DiscoveryRequest Read(CommandContext context)
    {
        var options = context.Options;
        var (workspace, project, repositories) = (context.Value(options.Workspace), context.Value(options.Project), context.Value(options.Repository) ?? []);
        if (project is not null && repositories.Length > 0)
            throw new UsageException("--project can't stand beside --repository.", "Name the repositories, or the project that they are in.");
        if (project is not null && !(project.Length <= 128 && project.All(letter => char.IsAsciiLetterOrDigit(letter) || letter == '_')))
            throw new UsageException("--project takes a project's key.", "It has letters, digits and underscores, such as APPS; Bitbucket shows it beside the project's name.");
        if (repositories.Append(workspace ?? context.Inventory.Workspace).FirstOrDefault(slug => !Names.IsSlug(slug)) is { } wrong)
            throw new UsageException($"\"{Quoted.Printable(wrong, maximum: 60)}\" can't be a workspace or a repository.", Names.SlugRule);
        return new((workspace ?? context.Inventory.Workspace).ToLowerInvariant(), project, [.. repositories.Select(slug => slug.ToLowerInvariant()).Distinct(StringComparer.Ordinal)], context.Value(options.MaxCalls));
    }

    private static void Write(string path, string text)
    {
        try
        {
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            using var stream = new FileStream(path, options);
            stream.Write(Encoding.UTF8.GetBytes(text));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new UsageException($"The stubs can't be written to {path}.", "Name a file that isn't there, in a directory that exists and can be written to.");
        }
    }
}
