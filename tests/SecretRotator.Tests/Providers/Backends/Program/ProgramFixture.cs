using SecretRotator.Backends;
using SecretRotator.Hosting;
using SecretRotator.Providers;
using SecretRotator.Providers.Backends;
using SecretRotator.Providers.Backends.Program;
using SecretRotator.Tests.Providers.Toy;

namespace SecretRotator.Tests.Providers.Backends.Program;

/// <summary>A folder with a program in it, and the backend that starts it.</summary>
internal sealed class ProgramFixture : IDisposable
{
    public const string Admin = """{"username":"boss","password":"worthless-admin-77aa"}""";

    public static readonly RotationId Id = RotationId.New(new SystemRandom());

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("rotator-program-");
    private readonly ToyStore _store = new();

    public ProgramFixture()
    {
        _store.Secrets["admin"] = new ToySecret();
        _store.Secrets["admin"].Add(Admin, SystemClock.Instance.GetCurrentInstant());
    }

    public static ProgramDefinition Set { get; } = new(
        ["backend"], "username", ["a", "b"], AdminAt: null, Duration.FromSeconds(20),
        new BackendTraits(BackendFamily.Set, Overlaps: true, TellsLastUse: false, Duration.Zero, Duration.FromMinutes(5)));

    public static ProgramDefinition Issue { get; } = Set with
    {
        IdentityField = "uuid",
        Users = [],
        Behaviour = new(BackendFamily.Issue, Overlaps: true, TellsLastUse: true, Duration.Zero, Duration.FromMinutes(5)),
    };

    public static VaultReference AdminReference { get; } = VaultReference.Parse("vault://toy/admin")!;

    public string PathOf(string name) => Path.Combine(_folder.FullName, name);

    /// <summary>Writes an executable file.</summary>
    public void Write(string name, string script)
    {
        File.WriteAllText(PathOf(name), script);
        File.SetUnixFileMode(PathOf(name), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    public ICredentialBackend Open(ProgramDefinition definition) => new ProgramBackend("payments-db", definition, new BackendConnections(
        [],
        new VaultConnections(
            null!, null!, () => new HttpClientHandler(), new NoClaims(), SystemClock.Instance, new SystemRandom(), TimeProvider.System),
        _ => new ToyVault(_store),
        null!,
        _folder.FullName));

    /// <summary>A backend whose program is a shell script, which has the request in <c>$request</c>.</summary>
    public ICredentialBackend OpenScript(string script, ProgramDefinition? definition = null)
    {
        Write("backend", $"#!/bin/sh\nrequest=$(cat)\n{script}\n");
        return Open(definition ?? Set);
    }

    public static SecretValue Content(string user, string password) =>
        SecretValue.FromText(
            $$"""{"username":{{System.Text.Json.JsonSerializer.Serialize(user)}},"password":{{System.Text.Json.JsonSerializer.Serialize(password)}},"port":1433}""");

    /// <summary>What a secret holds, for a test's eyes.</summary>
    public static string Text(SecretValue value) => value.Reveal(0, static (_, utf8) => System.Text.Encoding.UTF8.GetString(utf8.Span));

    public void Dispose() => _folder.Delete(recursive: true);
}
