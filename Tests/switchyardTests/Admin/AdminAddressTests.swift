import Testing

@testable import switchyard

@Suite("The address of an admin door")
struct AdminAddressTests {
  @Test("makes URLs in which nothing is taken for something else")
  func urls() throws {
    let address = try #require(AdminAddress(argument: "https://gateway.example:8090/behind//"))
    #expect(address.description == "https://gateway.example:8090/behind")
    #expect(
      address.url(["v1", "a/../b", "ü%"], query: [("error", "was 422 & more"), ("to", "+01:00")])
        == "https://gateway.example:8090/behind/v1/a%2F..%2Fb/%C3%BC%25?error=was%20422%20%26%20more&to=%2B01%3A00")
    #expect(address.url(["v1"]) == "https://gateway.example:8090/behind/v1")
  }

  @Test(
    "is an http or https URL and nothing besides",
    arguments: [
      "", "gateway:8090", "ftp://a", "http://", "http://u@a", "http://a?b", "http://a#b", "http://a b", "http://ü",
    ])
  func others(text: String) {
    #expect(AdminAddress(argument: text) == nil)
  }
}
