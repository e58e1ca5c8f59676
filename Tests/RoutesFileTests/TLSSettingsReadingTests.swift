import Foundation
import GatewayCore
import OrderedCollections
import Testing

@testable import RoutesFile

@Suite("TLS files of the routes file")
struct TLSSettingsReadingTests {
  private static let files = [
    "tls/ca.pem": "certificate ca", "tls/one.pem": "certificate one", "tls/one.key": "key one",
    "two.pem": "certificate two", "two.key": "key two",
  ]

  private func yaml(_ tls: String, defaults: String = "{}", url: String = "https://a.example") -> String {
    """
    version: 1
    apps: [{sdkappid: 1, tokens: [t]}]
    defaults: \(defaults)
    subscribers:
      - {name: a, url: "\(url)", unsigned: true, events: ["*"]\(tls.isEmpty ? "" : ", tls: \(tls)")}
      - {name: plain, url: "http://127.0.0.1:1", unsigned: true, events: ["*"]}
    """
  }

  private func settings(_ tls: String, defaults: String = "{}") throws -> TLSSettings? {
    let routes = try RoutesFixture(yaml(tls, defaults: defaults), files: Self.files).load().routes
    #expect(routes.subscribers["plain"]?.endpoint.tls == nil)
    return try #require(routes.subscribers["a"]).endpoint.tls
  }

  private func made(authorities: String? = nil, identity: String? = nil) -> TLSSettings {
    TLSSettings(
      authorities: authorities.map { Array("certificate \($0)".utf8) },
      identity: identity.map {
        ClientIdentity(certificates: Array("certificate \($0)".utf8), key: SecretBytes(Array("key \($0)".utf8)))
      })
  }

  @Test("the files are read from the routes file's folder on")
  func contents() throws {
    #expect(try settings("{ca_file: tls/ca.pem}") == made(authorities: "ca"))
    #expect(
      try settings("{ca_file: tls/ca.pem, certificate_file: two.pem, key_file: two.key}")
        == made(authorities: "ca", identity: "two"))
    #expect(try settings("{}") == nil)
    #expect(try settings("") == nil)
  }

  @Test("what the defaults name is filled in key by key, and nothing at all goes without it")
  func defaults() throws {
    let defaults = "{tls: {ca_file: tls/ca.pem, certificate_file: tls/one.pem, key_file: tls/one.key}}"
    #expect(try settings("", defaults: defaults) == made(authorities: "ca", identity: "one"))
    #expect(
      try settings("{certificate_file: two.pem, key_file: two.key}", defaults: defaults)
        == made(authorities: "ca", identity: "two"))
    #expect(try settings("null", defaults: defaults) == nil)
  }

  @Test("subscribers with the same files share what was read of them")
  func shared() throws {
    let fixture = try RoutesFixture(
      """
      version: 1
      apps: [{sdkappid: 1, tokens: [t]}]
      defaults: {tls: {ca_file: two.pem}}
      subscribers:
        - {name: a, url: "https://a.example", unsigned: true, events: ["*"]}
        - {name: b, url: "https://b.example", unsigned: true, events: ["*"]}
      """, files: Self.files)
    let subscribers = try fixture.load().routes.subscribers
    #expect(subscribers["a"]?.endpoint.tls != nil)
    #expect(subscribers["a"]?.endpoint.tls === subscribers["b"]?.endpoint.tls)
  }

  @Test(
    "what is wrong is told at its place",
    arguments: [
      (
        "{ca_file: none.pem}", #"5:87: the file "none.pem" cannot be read: No such file or directory; put it there"#
      ),
      ("{ca_file: tls}", #"5:87: the file "tls" cannot be read: it is not a regular file"#),
      ("{ca_file: two.key}", #"5:87: the file "two.key" holds no certificate"#),
      ("{certificate_file: two.pem}", #"5:96: "certificate_file" needs "key_file" beside it; add it, or remove this"#),
      ("{key_file: two.key}", #"5:88: "key_file" needs "certificate_file" beside it; add it, or remove this"#),
      (
        "{certificate_file: two.pem, key_file: tls/one.key}",
        #"5:115: the file "tls/one.key" is not the certificate's"#
      ),
      ("{ca_fil: two.pem}", #"5:78: unknown key "ca_fil"; did you mean "ca_file"?"#),
      ("two.pem", #"5:77: "tls" must be a mapping"#),
      ("{ca_file: }", #"5:87: "ca_file" has no value"#),
    ])
  func problems(tls: String, expected: String) throws {
    expect(try RoutesFixture(yaml(tls), files: Self.files).problems(), are: [expected])
  }

  @Test("a file that is too large is not read")
  func tooLarge() throws {
    var files = Self.files
    files["two.key"] = String(repeating: "k", count: RoutesLimits.identityFileSize.bytes + 1)
    let fixture = try RoutesFixture(yaml("{certificate_file: two.pem, key_file: two.key}"), files: files)
    expect(fixture.problems(), are: [#"5:115: the file "two.key" cannot be read: it is larger than 64KiB"#])
  }

  @Test("bytes that are no UTF-8, as in comments of old bundles, do no harm")
  func otherBytes() throws {
    let fixture = try RoutesFixture(yaml("{ca_file: ca}"))
    try fixture.folder.write(Data("certificate ".utf8) + Data([0xE9]), to: "ca")
    #expect(try fixture.load().routes.subscribers["a"]?.endpoint.tls?.authorities?.last == 0xE9)
  }

  @Test("a certificate that has expired is a warning")
  func warning() throws {
    let fixture = try RoutesFixture(
      yaml("{certificate_file: c, key_file: k}"), files: ["c": "certificate late", "k": "key late"])
    expect(fixture.problems(), are: [#"5:96:warning: the file "c" has expired"#])
  }

  @Test("at an http URL it is an error of the subscriber's own, and nothing when it comes from the defaults")
  func plainHTTP() throws {
    let url = "http://127.0.0.1:1"
    expect(
      try RoutesFixture(yaml("{ca_file: two.pem}", url: url), files: Self.files).problems(),
      are: [#"5:73: "tls" is nothing to an http URL; make the URL https, or remove it"#])
    expect(try RoutesFixture(yaml("null", url: url), files: Self.files).problems(), are: [])
    let fixture = try RoutesFixture(yaml("", defaults: "{tls: {ca_file: two.pem}}", url: url), files: Self.files)
    #expect(try fixture.load().routes.subscribers["a"]?.endpoint.tls == nil)
  }

  @Test("a bad file in the defaults is told once, also if nobody uses it")
  func badDefaults() throws {
    for url in ["https://a.example", "http://127.0.0.1:1"] {
      let fixture = try RoutesFixture(yaml("", defaults: "{tls: {ca_file: none}}", url: url))
      expect(fixture.problems(), are: [#"3:27: the file "none" cannot be read"#])
    }
  }

  @Test("every file is watched, also while another is bad, and each changes the fingerprint")
  func watched() throws {
    let fixture = try RoutesFixture(
      yaml("{ca_file: ca, certificate_file: c, key_file: k}"),
      files: ["ca": "certificate ca", "c": "certificate 1", "k": "key 1"])
    let first = try fixture.load()
    #expect(["ca", "c", "k"].allSatisfy { first.watched.contains(fixture.folder[$0]) })
    try fixture.folder.write("certificate other", to: "ca")
    let second = try fixture.load().routes
    #expect(second != first.routes && second.fingerprint != first.routes.fingerprint)

    try fixture.folder.write("certificate 2", to: "c")
    #expect(throws: RoutesRejected.self) { try fixture.load() }
    let snapshot = fixture.loader.snapshot(of: fixture.path)
    #expect(!snapshot.isOutdated)
    try fixture.folder.write("key 2", to: "k")
    #expect(snapshot.isOutdated, "the key is watched though the load failed")
    #expect(try fixture.load().routes.fingerprint != second.fingerprint)
  }

  @Test("with the last good copy a file that is gone disables its subscriber alone")
  func lastGoodCopy() throws {
    let fixture = try RoutesFixture(yaml("{ca_file: two.pem}"), files: Self.files)
    let loaded = try fixture.load()
    #expect(try fixture.loader.load(copy: loaded.copy).routes == loaded.routes)
    try fixture.folder.remove("two.pem")
    let routes = try fixture.loader.load(copy: loaded.copy).routes
    #expect(routes.subscribers.keys == ["plain"])
    #expect(routes.misconfigured["a"]?.contains(#"the file "two.pem" cannot be read"#) == true)
  }

  @Test("no problem shows what a file holds")
  func secrecy() throws {
    let fixture = try RoutesFixture(yaml("{certificate_file: two.pem, key_file: tls/one.key}"), files: Self.files)
    #expect(!fixture.problems().contains { $0.contains("key one") || $0.contains("certificate two") })
  }
}
