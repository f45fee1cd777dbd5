using SecretRotator.Inventory;
using SecretRotator.Providers.Doctor;

namespace SecretRotator.Doctor.BitbucketAccess;

/// <summary>What became of the question for one scope's variables.</summary>
/// <param name="Scope">The scope.</param>
/// <param name="Failure">Why it can't be listed, or null where it can.</param>
/// <param name="Finding">What that means, or null where nothing is wrong with the scope itself.</param>
internal sealed record ScopeSight(VariableScope Scope, RemoteFailureException? Failure, CheckResult? Finding);
