import CurlTransport
import GatewayCore
import Testing

@Suite struct AddressPolicyTests {
  @Test(
    "what is refused always, only when private addresses are denied, and never",
    arguments: [
      ("169.254.169.254", true, true), ("fe80::1", true, true), ("0.0.0.0", true, true), ("::", true, true),
      ("224.0.0.1", true, true), ("ff02::1", true, true), ("255.255.255.255", true, true),
      ("64:ff9b::a9fe:a9fe", true, true), ("2002:a9fe:a9fe::1", true, true), ("::169.254.169.254", true, true),
      ("127.0.0.1", false, true), ("::1", false, true), ("10.1.2.3", false, true), ("192.168.1.1", false, true),
      ("100.64.0.1", false, true), ("fd00::1", false, true), ("64:ff9b::10.0.0.1", false, true),
      ("2002:808:808::1", false, true), ("240.0.0.1", false, true), ("2001::1", false, true),
      ("8.8.8.8", false, false), ("64:ff9b::8.8.8.8", false, false), ("2606:4700:4700::1111", false, false),
    ])
  func table(text: String, always: Bool, denied: Bool) throws {
    let address = try #require(IPAddress(text))
    let policy = AddressPolicy()
    #expect((policy.refusal(of: address, port: 443, privateAddresses: .allow) != nil) == always)
    #expect((policy.refusal(of: address, port: 443, privateAddresses: .deny) != nil) == denied)
  }

  @Test("the sentence names the address and why it is refused")
  func sentences() throws {
    let policy = AddressPolicy()
    #expect(
      policy.refusal(of: try #require(IPAddress("169.254.169.254")), port: 80, privateAddresses: .allow)
        == "169.254.169.254 is a link-local address, which is always refused")
    #expect(
      policy.refusal(of: try #require(IPAddress("10.0.0.1")), port: 80, privateAddresses: .deny)
        == "10.0.0.1 is a private address, and private addresses are refused")
  }

  @Test("a door on one address is that address and port alone")
  func oneDoor() throws {
    let policy = AddressPolicy(
      doors: [AddressPolicy.Door(address: IPAddress("10.0.0.5"), port: 8080)], localAddresses: Self.interfaces)
    #expect(try refuses(policy, "10.0.0.5", 8080))
    #expect(try refuses(policy, "::ffff:10.0.0.5", 8080))
    #expect(try !refuses(policy, "10.0.0.5", 8081))
    #expect(try !refuses(policy, "127.0.0.1", 8080))
  }

  @Test(
    "a door on a wildcard address, or on a name, is every address of this machine", arguments: ["0.0.0.0", "::", nil])
  func wildcardDoor(door: String?) throws {
    let policy = AddressPolicy(
      doors: [AddressPolicy.Door(address: door.flatMap { IPAddress($0) }, port: 8080)], localAddresses: Self.interfaces)
    for own in ["10.0.0.5", "2606:4700::5", "127.0.0.1", "127.9.9.9", "::1"] {
      #expect(try refuses(policy, own, 8080))
      #expect(try !refuses(policy, own, 8081))
    }
    #expect(try !refuses(policy, "10.0.0.6", 8080))
  }

  @Test("the machine's own addresses are asked of the system")
  func localAddresses() throws {
    #expect(LocalAddresses.shared.contains(try #require(IPAddress("127.0.0.1"))))
    #expect(!LocalAddresses.shared.contains(try #require(IPAddress("192.0.2.1"))))
  }

  private static let interfaces = LocalAddresses {
    Set(["127.0.0.1", "::1", "10.0.0.5", "2606:4700::5"].compactMap { IPAddress($0) })
  }

  private func refuses(_ policy: AddressPolicy, _ address: String, _ port: Int) throws -> Bool {
    policy.refusal(of: try #require(IPAddress(address)), port: port, privateAddresses: .allow) != nil
  }
}
