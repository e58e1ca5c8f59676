import ArgumentParser
import Testing

@testable import switchyard

@Suite("A listen address")
struct ListenAddressTests {
  @Test(
    "is a host and a port",
    arguments: [("127.0.0.1:9101", "127.0.0.1", 9101), ("[::1]:0", "::1", 0), ("localhost:65535", "localhost", 65535)])
  func good(_ text: String, _ host: String, _ port: Int) {
    let address = ListenAddress(argument: text)
    #expect(address == ListenAddress(host: host, port: port))
    #expect(address?.description == text)
  }

  @Test("is nothing else", arguments: ["9101", ":9101", "[]:1", "::1:80", "h:", "h:65536", "h:+1", "h:-1", "h:x", ""])
  func bad(_ text: String) {
    #expect(ListenAddress(argument: text) == nil)
  }
}
