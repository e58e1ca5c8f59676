import GatewayCore
import OrderedCollections
import Testing

@testable import RoutesFile

@Suite("References")
struct ReferenceTests {
  private func owner(
    _ text: String, environment: [String: String] = [:], files: [String: String] = [:]
  ) throws -> String? {
    try RoutesFixture(
      """
      version: 1
      apps: [{sdkappid: 1, tokens: [t]}]
      subscribers: [{name: a, url: "https://a.example", unsigned: true, events: ["*"], owner: "\(text)"}]
      """, files: files, environment: environment
    ).load().routes.subscribers["a"]?.owner
  }

  @Test("a variable is replaced, also several of them amid text")
  func variables() throws {
    #expect(try owner("${A}", environment: ["A": "x"]) == "x")
    #expect(try owner("<${A}-${B_2}>", environment: ["A": "x", "B_2": "y"]) == "<x-y>")
  }

  @Test("a default stands in for a variable that is not set, or is empty")
  func defaults() throws {
    #expect(try owner("${A:-d:-e}") == "d:-e")
    #expect(try owner("${A:-d}", environment: ["A": ""]) == "d")
    #expect(try owner("${A:-d}", environment: ["A": "x"]) == "x")
  }

  @Test("$${ is a plain ${, a lone $ is itself, and what comes out is not looked at again")
  func escapes() throws {
    #expect(try owner("$${A}") == "${A}")
    #expect(try owner("$5 $$ {A}") == "$5 $$ {A}")
    #expect(try owner("${A}", environment: ["A": "${B}"]) == "${B}")
  }

  @Test("a file is read without its last line ending, relative to the routes file")
  func files() throws {
    #expect(try owner("${file:secrets/a}", files: ["secrets/a": "x\n"]) == "x")
    #expect(try owner("${file:a}", files: ["a": "x\r\n"]) == "x")
    #expect(try owner("${file:a}", files: ["a": "x "]) == "x ")
  }

  @Test("an empty file or variable is missing")
  func emptyIsMissing() throws {
    let fixture = try RoutesFixture(
      "version: 1\napps: [{sdkappid: 1, tokens: ['${file:empty}', '${E}', '${file:.}']}]", files: ["empty": "\n"],
      environment: ["E": ""])
    expect(
      fixture.problems(),
      are: [
        #"2:31: the file "empty" that is referred to is empty"#,
        #"2:48: the environment variable "E" is not set or is empty"#,
        #"2:56: the file "." that is referred to cannot be read: it is not a regular file"#,
      ])
  }

  @Test("a reference is resolved before typing, quoted or not")
  func typing() throws {
    let loaded = try RoutesFixture(
      """
      version: ${VERSION}
      apps: [{sdkappid: "${APP}", tokens: [t]}]
      subscribers:
        - name: a
          url: https://${HOST:-a.example}/hooks
          unsigned: "${UNSIGNED}"
          events: ["${EVENTS:-*}"]
          apps: ["${APP}"]
          concurrency: ${N}
          timeout: ${N}s
      """, environment: ["VERSION": "1", "APP": "1400000000", "UNSIGNED": "true", "N": "5"]
    ).load()
    let subscriber = try #require(loaded.routes.subscribers["a"])
    #expect(subscriber.endpoint.url == "https://a.example/hooks")
    #expect(subscriber.concurrency == 5 && subscriber.endpoint.timeout == .seconds(5))
    #expect(subscriber.apps == [AppID(rawValue: 1_400_000_000)])
  }
}
