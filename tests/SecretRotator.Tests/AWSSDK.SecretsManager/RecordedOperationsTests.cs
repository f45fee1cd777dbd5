using Amazon.SecretsManager;
using SecretRotator.Tests.Sandbox.Aws;

namespace SecretRotator.Tests.AWSSDK.SecretsManager;

/// <summary>Holds the recorded answers to what the product calls, which is what our part of Amazon's client has.</summary>
public sealed class RecordedOperationsTests
{
    [Fact]
    public void Every_operation_of_the_client_has_a_recorded_answer() =>
        typeof(IAmazonSecretsManager).GetMethods()
            .Where(method => typeof(Task).IsAssignableFrom(method.ReturnType))
            .Select(method => method.Name[..^"Async".Length])
            .Should().NotBeEmpty().And.BeSubsetOf(RecordedScenarioTests.RecordedOperations());
}
