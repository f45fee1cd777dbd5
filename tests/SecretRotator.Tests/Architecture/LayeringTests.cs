using System.Reflection;
using System.Text.RegularExpressions;
using SecretRotator.Backends;
using SecretRotator.Bitbucket;
using SecretRotator.Configuration;
using SecretRotator.Evidence;
using SecretRotator.Providers;
using SecretRotator.Rotation;
using SecretRotator.Tests.Inventory;

namespace SecretRotator.Tests.Architecture;

/// <summary>Rules of the design that a compiler alone doesn't hold.</summary>
public sealed class LayeringTests
{
    private static readonly Assembly Core = typeof(RotationJob).Assembly;

    [Fact]
    public void The_domain_references_NodaTime_and_the_platform_and_nothing_else() =>
        Core.GetReferencedAssemblies()
            .Select(a => a.Name!)
            .Should().OnlyContain(n => n == "NodaTime" || n.StartsWith("System") || n == "netstandard");

    [Theory]
    [InlineData(typeof(IVariableReader))]
    [InlineData(typeof(IVariableStore))]
    [InlineData(typeof(IVaultReader))]
    [InlineData(typeof(OldCredentialReader))]
    public void What_a_dry_run_or_a_variable_store_holds_hands_out_no_value(Type contract) =>
        contract.GetInterfaces().Append(contract).SelectMany(t => t.GetMethods())
            .Where(m => Mentions(m.ReturnType, typeof(SecretValue)) || Mentions(m.ReturnType, typeof(SecretVersion)))
            .Should().BeEmpty();

    [Fact]
    public void The_planner_can_not_wait_for_anything() =>
        typeof(Planner).GetMethods(BindingFlags.Public | BindingFlags.Static).Where(m => typeof(Task).IsAssignableFrom(m.ReturnType))
            .Should().BeEmpty();

    [Theory]
    [InlineData(typeof(Decision))]
    [InlineData(typeof(RotationOutcome))]
    [InlineData(typeof(ClaimResult))]
    [InlineData(typeof(Acquisition))]
    [InlineData(typeof(Attempt))]
    [InlineData(typeof(ValueSource))]
    [InlineData(typeof(ForeignRotation))]
    [InlineData(typeof(ScopeObservation))]
    [InlineData(typeof(SecretObservation))]
    [InlineData(typeof(EvidenceVerdict))]
    [InlineData(typeof(ChainFinding))]
    public void A_closed_set_is_closed(Type set)
    {
        set.GetConstructors(BindingFlags.Instance | BindingFlags.Public).Should().BeEmpty();
        set.GetConstructors(BindingFlags.Instance | BindingFlags.NonPublic)
            .Where(c => c.GetParameters().Length == 0)
            .Should().OnlyContain(c => c.IsPrivate);
        Core.GetTypes().Where(t => t.IsSubclassOf(set)).Should().OnlyContain(t => t.IsSealed && t.DeclaringType == set);
    }

    /// <summary>Settings may, because evidence in S3 is kept as whom AWS's settings say.</summary>
    [Theory]
    [InlineData("Aws")]
    [InlineData("Azure")]
    public void Nothing_outside_the_providers_and_their_emulators_names_a_type_of_a_provider(string provider)
    {
        var types = typeof(VaultProviders).Assembly.GetTypes()
            .Where(type => type.Namespace?.StartsWith($"SecretRotator.Providers.{provider}", StringComparison.Ordinal) == true)
            .Select(type => type.Name)
            .Where(name => name.StartsWith(provider, StringComparison.Ordinal));
        var named = new Regex($@"\b({string.Join('|', types)})\b", RegexOptions.CultureInvariant, TimeSpan.FromSeconds(10));
        string[] allowed = ["SecretRotator.Providers", "SecretRotator.Sandbox", "Settings"];

        RepositoryFiles.Sources()
            .Where(file => !file.Split(Path.DirectorySeparatorChar).Any(allowed.Contains) && named.IsMatch(File.ReadAllText(file)))
            .Should().BeEmpty();
    }

    [Fact]
    public void Only_a_backend_that_is_a_program_starts_a_process()
    {
        new[] { Core, typeof(InventoryParser).Assembly, typeof(ExitCode).Assembly }.SelectMany(
            assembly => assembly.GetReferencedAssemblies()).Select(reference => reference.Name)
            .Should().NotContain("System.Diagnostics.Process");
        RepositoryFiles.Sources().Where(file => !file.Contains("SecretRotator.Sandbox", StringComparison.Ordinal))
            .Where(file => File.ReadAllText(file) is var source
                && (source.Contains("ProcessStartInfo", StringComparison.Ordinal)
                    || source.Contains("Process.Start", StringComparison.Ordinal)))
            .Select(file => Path.GetFileName(file)).Should().Equal("ProgramProcess.cs");
    }

    [Fact]
    public void No_clock_ends_a_search_in_foreign_text_but_in_the_review_of_pipeline_files_which_tells() =>
        new[] { Core, typeof(InventoryParser).Assembly, typeof(VaultProviders).Assembly, typeof(ExitCode).Assembly }
            .SelectMany(assembly => assembly.GetTypes())
            .Where(type => type.Namespace?.EndsWith(".PipelineFile", StringComparison.Ordinal) != true)
            .SelectMany(
                type => type.GetMethods(BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.Public | BindingFlags.DeclaredOnly))
            .Where(method => method.GetCustomAttribute<GeneratedRegexAttribute>() is { MatchTimeoutMilliseconds: not Timeout.Infinite })
            .Select(method => $"{method.DeclaringType!.Name}.{method.Name}")
            .Should().BeEmpty("under load any limit by the clock is reached, by any text");

    private static bool Mentions(Type type, Type wanted) =>
        type == wanted || (type.IsGenericType && type.GetGenericArguments().Any(a => Mentions(a, wanted)));
}
