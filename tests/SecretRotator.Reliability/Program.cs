using System.CommandLine;
using SecretRotator.Reliability;
using SecretRotator.Reliability.Processes;

if (RotatorProgram.RunHere(args) is { } rotator)
    return await rotator;
var root = new RootCommand("Tries to break the promises of the rotation protocol, and prints what was tried.");
foreach (var experiment in Experiments.All)
    root.Subcommands.Add(experiment);
return await root.Parse(args).InvokeAsync();
