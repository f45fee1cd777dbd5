using System.CommandLine;
using SecretRotator.Reliability.World;
using SecretRotator.Sandbox.Databases;

namespace SecretRotator.Reliability.Servers;

/// <summary>
/// <c>servers</c>: on real databases, who logs in with what the vault or the pipeline variable says is never refused, whatever fails
/// meanwhile, and the old credential is refused after its grace.
/// </summary>
internal static class ServersExperiment
{
    private const int OneIn = 3;

    private static readonly (string Name, string Kind, bool IsInstalled)[] All =
    [
        ("PostgreSQL", "postgresql", InstalledPostgreSql.Programs is not null),
        ("MariaDB", "mariadb", InstalledMariaDb.Program is not null),
    ];

    public static Command Command()
    {
        var rotations =
            new Option<int>("--rotations") { Description = "How many rotations, of all servers.", DefaultValueFactory = _ => 100 };
        var bug = new Option<string>("--bug")
        {
            Description = "Plant this bug in the product: " + string.Join(", ", PlantedBugs.ByName.Keys) + ".",
            DefaultValueFactory = _ => "none",
        };
        var command = new Command("servers", "Rotates on real databases, while others log in ten times a second.") { rotations, bug };
        command.SetAction((parsed, _) => RunAsync(
            parsed.GetValue(rotations), PlantedBugs.ByName[parsed.GetValue(bug)!], parsed.InvocationConfiguration.Output));
        return command;
    }

    private static async Task<int> RunAsync(int rotations, PlantedBugs bugs, TextWriter output)
    {
        foreach (var missing in All.Where(server => !server.IsInstalled))
            output.WriteLine($"NOTE: {missing.Name} isn't installed; it is left out.");
        var servers = All.Where(server => server.IsInstalled).ToList();
        if (servers.Count == 0)
            return 0;
        var each = rotations / servers.Count;
        var ended = await Task.WhenAll(servers.Select((server, number) => RotateAsync(
            server.Kind, each, bugs, number * Trouble.All.Length / 2)));
        foreach (var (server, broken) in servers.Zip(ended)
            .SelectMany(pair => pair.Second.Broken.Select(broken => (pair.First.Name, broken))))
            output.WriteLine($"BROKEN {server}: {broken}");
        int Sum(Func<RotatedServer, int> of) => ended.Sum(of);
        output.WriteLine(
            $"servers: {string.Join(" and ", servers.Select(server => server.Name))}, {Sum(server => server.Rotations)} rotations, "
                + $"{Sum(server => server.Injected)} failures injected, {Sum(server => server.Logins):N0} logins, "
                + $"{Sum(server => server.Refused)} refused, {Sum(server => server.Unavailable)} without an answer; "
                + $"{Sum(server => server.OldRefused)} old credentials refused after their grace");
        return ended.All(server => server.Broken.Count == 0 && server.Logins > 0) ? 0 : 1;
    }

    private static async Task<RotatedServer> RotateAsync(string kind, int rotations, PlantedBugs bugs, int firstTrouble)
    {
        await using var server = await RotatedServer.StartAsync(kind, bugs);
        try
        {
            for (var number = 1; number <= rotations; number++)
                await server.RotateAsync(
                    number % OneIn == 1 ? Trouble.All[(firstTrouble + number / OneIn) % Trouble.All.Length] : null);
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            server.Fail(failure);
        }

        return server;
    }
}
