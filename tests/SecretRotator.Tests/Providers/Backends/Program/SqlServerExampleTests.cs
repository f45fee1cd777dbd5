using SecretRotator.Backends;
using SecretRotator.Tests.Backends;

namespace SecretRotator.Tests.Providers.Backends.Program;

/// <summary>The example for SQL Server does what every backend promises, with a stand-in for its client.</summary>
public sealed class SqlServerExampleTests : CredentialBackendContract
{
    // Keeps logins in a file, as name, password and whether it is disabled; takes exactly the statements of the example.
    private const string Sqlcmd = """
        #!/usr/bin/env bash
        set -euo pipefail
        cd "$(dirname "$0")"
        printf '%s\n' "$*" >> arguments
        user=; while [ $# -gt 0 ]; do [ "$1" = -U ] && user=$2; shift; done
        statements=$(cat)
        row=$(grep "^$user	" logins || true)
        if [ -e down ]; then echo 'Sqlcmd: Error: Microsoft ODBC Driver 18 for SQL Server : Login timeout expired.'; exit 1; fi
        if [ "$(cut -f2 <<<"$row")" != "$SQLCMDPASSWORD" ] || [ "$(cut -f3 <<<"$row")" = off ]; then
          echo "Sqlcmd: Error: Microsoft ODBC Driver 18 for SQL Server : Login failed for user '$user'."; exit 1
        fi
        text() { sed -n "s/.*@$1 [a-z0-9()]* = N'\(\([^']\|''\)*\)'[,;].*/\1/p" <<<"$statements" | sed "s/''/'/g"; }
        case $statements in
          *HAS_PERMS*) awk -F'\t' '$1 != "boss" { printf "{\"id\":\"%s\",\"enabled\":%s}\n", $1, $3 == "on" ? "true" : "false" }' logins ;;
          *"WITH PASSWORD"*)
            { grep -v "^$(text login)	" logins; printf '%s\t%s\ton\n' "$(text login)" "$(text password)"; } > next; mv next logins ;;
          *DISABLE*) sed -i "s/^\($(text login)	.*	\)on$/\1off/" logins ;;
        esac
        """;

    public SqlServerExampleTests() => DockerHubExampleTests.SkipWithout("bash", "jq");

    protected override Task<BackendFixture> OpenAsync() => Task.FromResult<BackendFixture>(new SqlServerFixture());

    [Fact]
    public async Task A_server_or_an_administrator_that_is_out_is_told()
    {
        var server = (SqlServerFixture)Fixture;
        await File.WriteAllTextAsync(server.PathOf("down"), "", Cancellation);

        (await ProveAsync(Current)).Should().Be(Acceptance.Unknown);
        (await FailureOf(Backend.SetAsync(Rotation, Current, Cancellation))).Should().Be((FailureKind.Unavailable, Effect.Rejected));
        File.Delete(server.PathOf("down"));
        server.ChangeAdministrator();
        (await FailureOf(Backend.InspectAsync(Current, Cancellation))).Should().Be((FailureKind.AccessDenied, Effect.Rejected));
    }

    private async Task<(FailureKind, Effect)> FailureOf(Task call)
    {
        var failure = (await FluentActions.Awaiting(() => call).Should().ThrowAsync<RemoteFailureException>()).Which;
        Told(failure);
        return (failure.Kind, failure.Effect);
    }

    /// <summary>A folder with logins, and what stands in for the client.</summary>
    private sealed class SqlServerFixture : BackendFixture
    {
        private readonly ProgramFixture _program = new();

        public SqlServerFixture()
        {
            Directory.CreateDirectory(PathOf(""));
            _program.Write("bin/sqlcmd", Sqlcmd);
            _program.Write("backend", File.ReadAllText(DockerHubExampleTests.Example("sql-server")));
            File.WriteAllText(PathOf("arguments"), "");
            File.WriteAllText(PathOf("logins"), "a\tthe old password\ton\nb\tx\toff\nboss\tworthless-admin-77aa\ton\n");
        }

        public override BackendTraits Traits => ProgramFixture.Set.Traits;

        // What is on the way is the program's own affair.
        public override ImmutableArray<(string Flaw, Func<ICredentialBackend> Connect)> Unproven => [];

        public string PathOf(string file) => _program.PathOf($"bin/{file}");

        public void ChangeAdministrator() =>
            File.WriteAllText(
                PathOf("logins"), File.ReadAllText(PathOf("logins")).Replace("worthless-admin-77aa", "other", StringComparison.Ordinal));

        public override SecretValue Current() => ProgramFixture.Content("a", "the old password");

        public override SecretValue With(SecretValue content, string value)
        {
            using var fresh = SecretValue.FromText(value);
            return JsonSecret.Replace(content, new Dictionary<string, SecretValue>(StringComparer.Ordinal) { ["password"] = fresh });
        }

        public override ICredentialBackend Connect() => _program.Open(ProgramFixture.Set with
        {
            Command = ["/usr/bin/env", $"PATH={PathOf("")}:/usr/bin:/bin", _program.PathOf("backend"), "db.internal,1433"],
            AdminAt = ProgramFixture.AdminReference,
        });

        public override async Task<int> CountLoginsAsync() => (await File.ReadAllLinesAsync(PathOf("arguments"))).Length;

        public override Task<string> LookAsync() => File.ReadAllTextAsync(PathOf("logins"));

        // A call ends with its processes.
        public override Task SettleAsync() => Task.CompletedTask;

        public override Task<string> ReadLogsAsync() => File.ReadAllTextAsync(PathOf("arguments"));

        public override ValueTask DisposeAsync()
        {
            _program.Dispose();
            return base.DisposeAsync();
        }
    }
}
