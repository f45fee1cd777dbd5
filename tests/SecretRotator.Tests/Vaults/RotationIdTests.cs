namespace SecretRotator.Tests.Vaults;

public sealed class RotationIdTests
{
    [Fact]
    public void An_id_of_this_tool_is_a_uuid_of_version_8_and_known_again()
    {
        var id = RotationId.New(new SystemRandom()).Value;

        var uuid = Guid.ParseExact(id, "D");
        (uuid.Version, uuid.Variant & 0xC, id, RotationId.IsOwn(id)).Should().Be((8, 8, uuid.ToString("D"), true));
    }

    [Fact]
    public void Ids_differ() => Enumerable.Range(0, 1000).Select(_ => RotationId.New(new SystemRandom())).Should().OnlyHaveUniqueItems();

    [Fact]
    public void An_id_with_any_digit_changed_is_not_this_tools()
    {
        var id = RotationId.New(new SystemRandom()).Value;

        for (var i = 0; i < id.Length; i++)
        {
            if (id[i] == '-')
                continue;
            var changed = id.ToCharArray();
            changed[i] = changed[i] == '0' ? '1' : '0';
            RotationId.IsOwn(new string(changed)).Should().BeFalse();
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("not-a-uuid")]
    [InlineData("00000000-0000-0000-0000-000000000000")]
    [InlineData("terraform-20260101000000000000000001")]
    public void Anybody_elses_id_is_not_this_tools(string id) => RotationId.IsOwn(id).Should().BeFalse();
}
