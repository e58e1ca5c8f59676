import CallbackServer
import GatewayCore
import Testing

@Suite("The peer's address")
struct PeerResolverTests {
  struct Example: Sendable, CustomTestStringConvertible {
    let testDescription: String
    var from = "10.0.0.1"
    let forwardedFor: [String]
    /// Nil: nobody can tell.
    let expected: String?
  }

  static let examples = [
    Example(testDescription: "without the field it is the TCP peer", forwardedFor: [], expected: "10.0.0.1"),
    Example(
      testDescription: "a stranger's field is not believed", from: "192.0.2.9", forwardedFor: ["203.0.113.7"],
      expected: "192.0.2.9"),
    Example(
      testDescription: "a trusted proxy's one hop counts", forwardedFor: ["203.0.113.7"], expected: "203.0.113.7"),
    Example(
      testDescription: "the right-most stranger counts, not what stands left of it",
      forwardedFor: ["198.51.100.1, 203.0.113.7"], expected: "203.0.113.7"),
    Example(
      testDescription: "trusted hops are walked past", forwardedFor: ["198.51.100.1, 203.0.113.7, 10.9.9.9 ,10.0.0.2"],
      expected: "203.0.113.7"),
    Example(
      testDescription: "several fields are one list", forwardedFor: ["198.51.100.1", "203.0.113.7,10.0.0.2"],
      expected: "203.0.113.7"),
    Example(
      testDescription: "the left-most counts when all are trusted", forwardedFor: ["10.0.0.3, 10.0.0.2"],
      expected: "10.0.0.3"),
    Example(
      testDescription: "a hop that is no address hides what is left of it", forwardedFor: ["203.0.113.7, unknown"],
      expected: nil),
    Example(
      testDescription: "a word left of the hop that counts does not matter", forwardedFor: ["unknown, 203.0.113.7"],
      expected: "203.0.113.7"),
    Example(testDescription: "a port is left out", forwardedFor: ["203.0.113.7:4711"], expected: "203.0.113.7"),
    Example(testDescription: "a bad port is no address", forwardedFor: ["203.0.113.7:x"], expected: nil),
    Example(testDescription: "IPv6 stands bare", forwardedFor: ["2001:db8::7"], expected: "2001:db8::7"),
    Example(testDescription: "IPv6 stands in brackets", forwardedFor: ["[2001:db8::7]"], expected: "2001:db8::7"),
    Example(
      testDescription: "IPv6 stands in brackets with a port", forwardedFor: ["[2001:db8::7]:443"],
      expected: "2001:db8::7"),
    Example(
      testDescription: "rubbish behind the brackets is no address", forwardedFor: ["[2001:db8::7]443"], expected: nil),
    Example(
      testDescription: "an IPv4 address mapped into IPv6 is the IPv4 address", forwardedFor: ["::ffff:203.0.113.7"],
      expected: "203.0.113.7"),
    Example(testDescription: "empty hops are passed over", forwardedFor: ["203.0.113.7, ,"], expected: "203.0.113.7"),
    Example(testDescription: "an empty field says nothing", forwardedFor: [""], expected: "10.0.0.1"),
  ]

  @Test("follows X-Forwarded-For only as far as it is trusted", arguments: examples)
  func resolves(_ example: Example) throws {
    let resolver = PeerResolver(trustedProxies: [try #require(AddressRange("10.0.0.0/8"))])
    let from = try #require(IPAddress(example.from))
    #expect(
      resolver.peer(connectedFrom: from, forwardedFor: example.forwardedFor)?.description == example.expected)
  }
}
