using SecretRotator.Configuration;
using SecretRotator.Configuration.Yaml;
using SecretRotator.Providers;

namespace SecretRotator.Tests.Configuration;

public sealed class InventoryBoundsTests
{
    // Far above what any of these takes, far below what an unbounded reader would.
    private const long Little = 320L * 1024 * 1024;

    public static TheoryData<string, string> Large => new()
    {
        { new string('[', 1_000_000),
            "rotation.yaml:1:17: Lists and mappings are nested more than 16 deep. An inventory needs far less. Move some of its "
                + "secrets to files that it includes." },
        { Repeat("[\n", 500_000),
            "rotation.yaml:17:1: Lists and mappings are nested more than 16 deep. An inventory needs far less. Move some of its "
                + "secrets to files that it includes." },
        { Repeat("- ", 500_000),
            "rotation.yaml:1:33: Lists and mappings are nested more than 16 deep. An inventory needs far less. Move some of its "
                + "secrets to files that it includes." },
        { Repeat("? ", 500_000),
            "rotation.yaml:1:33: Lists and mappings are nested more than 16 deep. An inventory needs far less. Move some of its "
                + "secrets to files that it includes." },
        { Repeat("{a: ", 250_000),
            "rotation.yaml:1:62: Lists and mappings are nested more than 16 deep. An inventory needs far less. Move some of its "
                + "secrets to files that it includes." },
        { "a: [" + Repeat("x,", 500_000) + "]",
            "rotation.yaml:1:799999: The file has more than 400,000 keys and values. An inventory needs far less. Move some of its "
                + "secrets to files that it includes." },
        { Repeat("- a\n", 500_000),
            "rotation.yaml:400000:3: The file has more than 400,000 keys and values. An inventory needs far less. Move some of its "
                + "secrets to files that it includes." },
        { new string('x', YamlBounds.Bytes + 1),
            "rotation.yaml: The file is larger than 4 MiB, so it is not read. Name the inventory. If it is so large, move some of its "
                + "secrets to files that it includes." },
    };

    [Theory]
    [MemberData(nameof(Large), DisableDiscoveryEnumeration = true)]
    public void What_no_inventory_needs_gets_one_problem(string yaml, string problem) =>
        Measured(() => InventoryParser.Parse("rotation.yaml", Encoding.UTF8.GetBytes(yaml), InventoryKinds.All)).Should().Equal(problem);

    [Theory]
    [InlineData("eyJ-")]
    [InlineData("eyJaaaaaaaaaaaaaaa.")]
    [InlineData("AKIA")]
    [InlineData("-----BEGIN ")]
    [InlineData("# AKIAABCDEFGHIJKLMNOP\n")]
    [InlineData("\"")]
    [InlineData("k: &a *b\n")]
    [InlineData("#")]
    [InlineData("\n")]
    [InlineData("a1B")]
    public void The_most_bytes_of_one_pattern_are_answered_within_bounds(string pattern) =>
        Measured(
            () => InventoryParser.Parse(
                "rotation.yaml", Encoding.UTF8.GetBytes("a: " + Repeat(pattern, (Effort.Of(YamlBounds.Bytes) - 3) / pattern.Length)),
                InventoryKinds.All), Little / Effort.Stride).Should().NotBeEmpty();

    [Fact]
    public void A_bomb_of_aliases_is_no_bomb() =>
        Measured(() => InventoryParser.Parse("rotation.yaml", Encoding.UTF8.GetBytes("""
            a: &a [x, x, x, x, x, x, x, x, x]
            b: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a]
            c: &c [*b, *b, *b, *b, *b, *b, *b, *b, *b]
            d: &d [*c, *c, *c, *c, *c, *c, *c, *c, *c]
            """), InventoryKinds.All)).Should().Contain(
                "rotation.yaml:2:8: An alias (\"*\") can't be used in an inventory. Write the value out, or put it under \"defaults\".");

    [Fact]
    public void Thousands_of_misspelt_words_do_not_cost_thousands_of_searches() =>
        Measured(() => InventoryParser.Parse("rotation.yaml", Encoding.UTF8.GetBytes(
            "version: 1\nvaults:\n" + string.Concat(Enumerable.Range(0, 8_000).Select(i => $"  vault-of-some-length-{i}: {{}}\n"))
            + "secrets:\n"
            + string.Concat(Enumerable.Range(0, 8_000).Select(i => $"- {{ name: s{i}, vault: vault-of-any-length-{i} }}\n"))),
            InventoryKinds.All)).Should().HaveCount(ProblemList.Shown + 1);

    [Fact]
    public void Of_fifty_megabytes_no_more_than_the_bound_is_read()
    {
        using var stream = new EndlessStream(50_000_000);

        InventoryParser.Parse("rotation.yaml", InventoryParser.ReadAll(stream), InventoryKinds.All).Problems
            .Should().ContainSingle().Which.What
            .Should().Be("The file is larger than 4 MiB, so it is not read");
        stream.Served.Should().BeLessThan(YamlBounds.Bytes + (64 * 1024));
    }

    [Fact]
    public void Ten_thousand_secrets_with_two_targets_each_fit()
    {
        var yaml = new StringBuilder(
            SampleInventory.Text[..(SampleInventory.Text.IndexOf("secrets:\n", StringComparison.Ordinal) + "secrets:\n".Length)]);
        for (var i = 0; i < 10_000; i++)
            yaml.Append(CultureInfo.InvariantCulture, $$"""
                  - name: team-payments-service-{{i}}
                    vault: prod
                    path: prod/payments/service-{{i}}/database
                    value: { kind: password, field: password, length: 40 }
                    consumer: reads-from-vault
                    targets:
                      - { repository: payments-service-{{i}}, variable: DATABASE_PASSWORD }
                      - { repository: payments-service-{{i}}, environment: production, variable: DATABASE_PASSWORD }

                """);

        SampleInventory.Read(yaml.ToString()).Inventory!.Secrets.Should().HaveCount(10_000);
    }

    [Fact]
    public void A_mapping_of_a_hundred_thousand_keys_does_not_cost_a_search_for_each() =>
        Measured(() => SampleInventory.Read(string.Concat(Enumerable.Range(0, 100_000).Select(i => $"k{i}: 1\n")) + "k0: 1\n"))
            .Should().HaveCount(ProblemList.Shown + 1);

    private static List<string> Measured(Func<InventoryResult> read, long most = Little)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var result = read();
        (GC.GetAllocatedBytesForCurrentThread() - before).Should().BeLessThan(most);
        result.Inventory.Should().BeNull();
        return [.. result.Problems.Select(problem => problem.ToString())];
    }

    private static string Repeat(string text, int times) => new StringBuilder().Insert(0, text, times).ToString();

    private sealed class EndlessStream(long length) : Stream
    {
        public long Served { get; private set; }

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override int Read(byte[] buffer, int offset, int count)
        {
            var given = (int)Math.Min(count, length - Served);
            buffer.AsSpan(offset, given).Fill((byte)'#');
            Served += given;
            return given;
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
