using SecretRotator.Sandbox;
using SecretRotator.Sandbox.Bitbucket;

namespace SecretRotator.Tests.Sandbox;

/// <summary>
/// An emulator for tests of the host: PUT sets a plain variable of the workspace <c>notes</c>, GET reads it. The
/// last part of the path names it.
/// </summary>
internal sealed class NoteEmulator(string service = "bitbucket", bool tls = false) : IEmulator
{
    public string Service => service;

    public string Listener => service;

    public bool Tls => tls;

    public CallName Identify(SandboxRequest request, SandboxState state) =>
        new(request.Method == "PUT" ? "put" : "get", Key(request));

    public SandboxAnswer Answer(SandboxRequest request, SandboxState state, SandboxClock clock)
    {
        if (!state.Bitbucket.Workspaces.TryGetValue("notes", out var notes))
            state.Bitbucket.Workspaces["notes"] = notes = new WorkspaceState();
        var note = notes.Variables.Find(variable => variable.Key == Key(request));
        switch (request.Method)
        {
            case "PUT" when Key(request) == "broken":
                notes.Variables.Add(new VariableState { Key = "half-done" });
                throw new InvalidOperationException("the notebook tore");
            case "PUT":
                if (note is null)
                    notes.Variables.Add(note = new VariableState { Key = Key(request) });
                note.Value = Encoding.UTF8.GetString(request.Body);
                return new SandboxAnswer(200, "text/plain", request.Body) { Changed = true };
            default:
                return note is null
                    ? new SandboxAnswer(404, null, [])
                    : new SandboxAnswer(200, "text/plain", Encoding.UTF8.GetBytes(note.Value));
        }
    }

    public SandboxAnswer Trouble(int status) => new(status, "text/plain", Encoding.UTF8.GetBytes($"trouble {status}"));

    private static string Key(SandboxRequest request) => request.Path.Split('/')[^1];
}
