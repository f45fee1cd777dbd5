using System.Buffers.Binary;

namespace SecretRotator.Tests.Processes;

/// <summary>The fields of one protobuf message, as far as looking into OTLP takes (protobuf.dev, "Encoding").</summary>
internal sealed class ProtobufFields
{
    private readonly List<(int Number, ulong Value, ReadOnlyMemory<byte> Bytes)> _fields = [];

    public ProtobufFields(ReadOnlyMemory<byte> message)
    {
        for (var at = 0; at < message.Length;)
        {
            var tag = Varint(message.Span, ref at);
            switch (tag & 7)
            {
                case 0:
                    _fields.Add(((int)(tag >> 3), Varint(message.Span, ref at), default));
                    break;
                case 1:
                    _fields.Add(((int)(tag >> 3), BinaryPrimitives.ReadUInt64LittleEndian(message.Span[at..]), default));
                    at += 8;
                    break;
                case 2:
                    var length = (int)Varint(message.Span, ref at);
                    _fields.Add(((int)(tag >> 3), 0, message.Slice(at, length)));
                    at += length;
                    break;
                case 5:
                    _fields.Add(((int)(tag >> 3), BinaryPrimitives.ReadUInt32LittleEndian(message.Span[at..]), default));
                    at += 4;
                    break;
                default:
                    throw new InvalidDataException("No such wire type.");
            }
        }
    }

    public IEnumerable<ProtobufFields> Messages(int number) =>
        _fields.Where(field => field.Number == number).Select(field => new ProtobufFields(field.Bytes));

    public ReadOnlyMemory<byte>? Bytes(int number) => Has(number) ? _fields.Last(field => field.Number == number).Bytes : null;

    public string? Text(int number) => Bytes(number) is { } bytes ? Encoding.UTF8.GetString(bytes.Span) : null;

    public string Hex(int number) => Bytes(number) is { } bytes ? Convert.ToHexStringLower(bytes.Span) : "";

    public ulong Number(int number) => _fields.LastOrDefault(field => field.Number == number).Value;

    public bool Has(int number) => _fields.Exists(field => field.Number == number);

    private static ulong Varint(ReadOnlySpan<byte> bytes, ref int at)
    {
        ulong value = 0;
        for (var shift = 0; ; shift += 7)
        {
            var next = bytes[at++];
            value |= (ulong)(next & 0x7f) << shift;
            if (next < 0x80)
                return value;
        }
    }
}
