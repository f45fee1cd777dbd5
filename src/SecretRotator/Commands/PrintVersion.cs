using System.CommandLine;
using System.CommandLine.Invocation;
using SecretRotator.Hosting;

namespace SecretRotator.Commands;

/// <summary>What <c>--version</c> does.</summary>
internal sealed class PrintVersion : SynchronousCommandLineAction
{
    /// <inheritdoc />
    public override bool ClearsParseErrors => true;

    /// <inheritdoc />
    public override int Invoke(ParseResult parseResult)
    {
        parseResult.InvocationConfiguration.Output.WriteLine(ProductVersion.Line);
        return 0;
    }
}
