using System.Security.Cryptography;

namespace SecretRotator.Tests.Processes;

/// <summary>Runs that were killed after their first put, each made once for all tests of the collection; a test goes on in a
/// copy.</summary>
[CollectionDefinition]
public sealed class KilledRuns : ICollectionFixture<KilledRuns>, IDisposable
{
    private readonly Dictionary<string, Rotator> _runs = new(StringComparer.Ordinal);

    public void Dispose()
    {
        foreach (var run in _runs.Values)
            run.Dispose();
    }

    /// <summary>A copy of what the run of that secret left. Its key is <c>signing-key.pem</c>, and <c>signing-key.pub</c> for whoever
    /// checks.</summary>
    internal async Task<Rotator> AfterFirstPutAsync(string secret, string variable)
    {
        if (!_runs.TryGetValue(secret, out var run))
        {
            run = _runs[secret] = new Rotator();
            File.Copy(RepositoryFiles.Sample, run.PathOf("rotation.yaml"));
            using var pair = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            Sign(run, pair);
            (await run.RunAsync("rotate", "--sandbox", "--only", secret, "--fault", $"bitbucket.put@{variable}#1=kill")).ExitCode.Should()
                .NotBe(0);
        }

        return run.Copy();
    }

    /// <summary>Lets a rotator sign its evidence.</summary>
    internal static void Sign(Rotator rotator, ECDsa pair)
    {
        File.WriteAllText(rotator.PathOf("signing-key.pem"), pair.ExportPkcs8PrivateKeyPem());
        File.WriteAllText(rotator.PathOf("signing-key.pub"), pair.ExportSubjectPublicKeyInfoPem());
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(rotator.PathOf("signing-key.pem"), UnixFileMode.UserRead | UnixFileMode.UserWrite);
        rotator.Environment["SECRET_ROTATOR__SIGNING__KEYFILE"] = "signing-key.pem";
    }
}
