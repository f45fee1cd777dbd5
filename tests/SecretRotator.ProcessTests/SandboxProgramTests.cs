using System.Diagnostics;

namespace SecretRotator.Tests.Processes;

/// <summary>The sandbox as a process of its own.</summary>
public sealed class SandboxProgramTests
{
    [Fact]
    public async Task It_prints_what_points_a_rotator_at_it_and_ends_when_told_to()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no SIGTERM to tell a program to end.");
        using var program = Start("--inventory", RepositoryFiles.Sample, "--memory");

        var lines = await ReadUntilReadyAsync(program);
        var bundle = lines.Single(line => line.Contains("CABUNDLE", StringComparison.Ordinal)).Split('\'')[1];
        var during = File.Exists(bundle);
        using var client = new HttpClient();
        using var state = JsonDocument.Parse(await client.GetStringAsync(new Uri(lines[^1].Split(' ')[^1]), Cancellation));
        using var terminate = Process.Start("kill", ["-TERM", program.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        await program.WaitForExitAsync(Cancellation);

        lines[..^1].Should().OnlyContain(line => line.StartsWith("export ", StringComparison.Ordinal));
        state.RootElement.GetProperty("aws").GetArrayLength().Should().BePositive();
        program.ExitCode.Should().Be(0);
        (during, File.Exists(bundle)).Should().Be((true, false), "in memory its authority is in a file while it runs");
    }

    [Theory]
    [InlineData("--fault", "bitbucket.putt=503", "did you mean put?")]
    [InlineData("--latency", "fast", "50ms")]
    [InlineData("--inventory", "missing.yaml", "missing.yaml")]
    [InlineData("--port", "70000", "--port")]
    public async Task What_it_can_not_use_ends_it_with_2_and_says_why(string option, string value, string says)
    {
        string[] arguments = option == "--inventory" ? [option, value] : ["--inventory", RepositoryFiles.Sample, "--memory", option, value];
        using var errors = new StringWriter();
        var terminal = Console.Error;
        Console.SetError(errors);
        try
        {
            (await SecretRotator.Sandbox.Program.Main(arguments)).Should().Be(2);
        }
        finally
        {
            Console.SetError(terminal);
        }

        errors.ToString().Should().Contain(says);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static Process Start(params string[] arguments)
    {
        var start = new ProcessStartInfo(
            "dotnet", [typeof(RunningSandbox).Assembly.Location, .. arguments])
        {
            WorkingDirectory = AppContext.BaseDirectory,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        return Process.Start(start)!;
    }

    private static async Task<List<string>> ReadUntilReadyAsync(Process program)
    {
        List<string> lines = [];
        while (await program.StandardOutput.ReadLineAsync(Cancellation) is { } line)
        {
            lines.Add(line);
            if (line.StartsWith("# Ready", StringComparison.Ordinal))
                return lines;
        }

        throw new InvalidOperationException(await program.StandardError.ReadToEndAsync(Cancellation));
    }
}
