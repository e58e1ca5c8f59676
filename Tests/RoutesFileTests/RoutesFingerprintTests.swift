import GatewayCore
import Testing

@testable import RoutesFile

@Suite("The fingerprint")
struct RoutesFingerprintTests {
  private let yaml = """
    version: 1
    apps: [{sdkappid: 1, tokens: ["${T}"], allow_ips_file: ips}]
    subscribers: [{name: a, url: "https://a.example", secrets: ["${file:s}"], events: ["*"]}]
    """

  private func fixture() throws -> RoutesFixture {
    try RoutesFixture(yaml, files: ["s": RoutesFixture.secret, "ips": "10.0.0.1\n"], environment: ["T": "one"])
  }

  @Test("it is sixteen hex digits, and the same for the same content with other comments")
  func stable() throws {
    let fixture = try fixture()
    let first = try fixture.load().routes.fingerprint
    #expect(first.count == 16 && first.allSatisfy(\.isHexDigit))
    try fixture.folder.write("# comment\n" + yaml, to: "routes.yaml")
    #expect(try fixture.load().routes.fingerprint == first)
  }

  @Test("it differs when the file, a variable, a referenced file or an address file differs")
  func differs() throws {
    var fixture = try fixture()
    var seen: Set<String> = [try fixture.load().routes.fingerprint]
    try fixture.folder.write(RoutesFixture.otherSecret, to: "s")
    seen.insert(try fixture.load().routes.fingerprint)
    try fixture.folder.write("10.0.0.2", to: "ips")
    seen.insert(try fixture.load().routes.fingerprint)
    fixture.environment["T"] = "two"
    seen.insert(try fixture.load().routes.fingerprint)
    try fixture.folder.write(yaml + "\ndefaults: {timeout: 9s}", to: "routes.yaml")
    seen.insert(try fixture.load().routes.fingerprint)
    #expect(seen.count == 5)
  }
}
