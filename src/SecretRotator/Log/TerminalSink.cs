using SecretRotator.Settings;
using Serilog.Core;
using Serilog.Events;
using Serilog.Formatting.Compact;

namespace SecretRotator.Log;

/// <summary>Writes log events to stderr: one line each, whatever their fields contain.</summary>
internal sealed class TerminalSink(Terminal terminal, LogFormat format) : ILogEventSink
{
    private readonly RenderedCompactJsonFormatter _json = new();

    public void Emit(LogEvent logEvent)
    {
        var line = new StringWriter(CultureInfo.InvariantCulture);
        if (format == LogFormat.Json)
            _json.Format(logEvent, line);
        else
            WriteText(logEvent, line);
        var text = line.ToString().TrimEnd('\r', '\n');
        terminal.WriteError(format == LogFormat.Json ? PrintableText.InJson(text) : text);
    }

    private static void WriteText(LogEvent logEvent, StringWriter line)
    {
        line.Write(logEvent.Timestamp.UtcDateTime.ToString("HH:mm:ss.fff'Z '", CultureInfo.InvariantCulture));
        line.Write(logEvent.Level switch
        {
            LogEventLevel.Verbose or LogEventLevel.Debug => "debug  ",
            LogEventLevel.Information => "info   ",
            LogEventLevel.Warning => "WARNING",
            _ => "ERROR  ",
        });
        line.Write(' ');
        line.Write(PrintableText.Of(logEvent.RenderMessage(CultureInfo.InvariantCulture)));
    }
}
