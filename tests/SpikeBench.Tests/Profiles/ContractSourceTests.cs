using SpikeBench.Cli.Profiles;
using SpikeBench.Core.Profiles;

namespace SpikeBench.Tests.Profiles;

public sealed class ContractSourceTests
{
    [Fact]
    public void A_profile_names_files_of_its_own_folder()
    {
        ContractSource one = Bind("{protoset: chat.protoset}").Profile!.Contract!;
        one.Protosets.ShouldBe(["chat.protoset"]);
        one.From("/profiles").Protosets.ShouldBe(["/profiles/chat.protoset"]);
        ContractSource more = Bind("{proto: [a.proto, b.proto], import_paths: protos}").Profile!.Contract!;
        more.Protos.ShouldBe(["a.proto", "b.proto"]);
        more.ImportPaths.ShouldBe(["protos"]);
    }

    [Theory]
    [InlineData("{}", "contract: names no file: give protoset or proto")]
    [InlineData("{protoset: a, proto: b}", "contract.proto: and protoset: give one of the two")]
    [InlineData("{protoset: a, import_paths: b}", "contract.import_paths: is for proto, which is not given")]
    [InlineData("{protoset: []}", "contract.protoset: must be a text, or a list of texts")]
    [InlineData("{protosets: a}", "contract.protosets: is not a key here; did you mean 'protoset'?")]
    public void A_contract_that_does_not_say_what_to_read_is_an_error_with_its_place(string contract, string expected) =>
        Bind(contract).Errors.Select(e => e.Format("x.yaml")).ShouldContain(e => e.Contains(expected, StringComparison.Ordinal));

    private static (Profile? Profile, IReadOnlyList<ProfileError> Errors) Bind(string contract) => ProfileBinder.Bind(YamlNodes.Read($$"""
        name: own
        reference: {rate: 10/s, window: 1s, what: "test"}
        contract: {{contract}}
        load:
          - hold: {rate: 1x, for: 2s, phase: all}
        operations:
          - {name: send, call: a.B/Send}
        slo:
          - {phase: all, errors: "<= 1%"}
        """).Root!);
}
