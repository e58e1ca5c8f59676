import GatewayCore
import OpenSSLSigner
import TencentChat
import Testing

@Suite struct BatchIdentityTests {
  private static let command = "Sns.CallbackBlackListAdd"
  private static let body =
    #"{"CallbackCommand":"Sns.CallbackBlackListAdd","PairList":[{"From_Account":"id","To_Account":"id1"}]}"#

  private func batch(
    _ duplicates: AppConfiguration.Duplicates = .byRequestID, query: String = Fixture.query(command),
    body: String = body, app: Int64 = 1_400_000_000
  ) throws -> NewBatch {
    var app = AppConfiguration(id: AppID(rawValue: app))
    app.duplicates = duplicates
    return try #require(try Fixture.read(Array(body.utf8), query: query, app: app).batch)
  }

  @Test("A callback with a request id has ids that never change, and is known by what they are made of")
  func byRequestID() throws {
    let batch = try batch()
    #expect(batch.id.description == "2516d5c8-71fc-8e33-857c-d1140af3ab59")
    let key: [UInt8] = [
      0x25, 0x16, 0xd5, 0xc8, 0x71, 0xfc, 0x1e, 0x33, 0x45, 0x7c, 0xd1, 0x14, 0x0a, 0xf3, 0xab, 0x59,
    ]
    #expect(batch.duplicateKey == DuplicateKey(bytes: key, lifetime: .whileRetained))
  }

  @Test("The spelling of the request id's key and the other parameters do not matter")
  func sameCallback() throws {
    let other =
      "RequestID=\(Fixture.requestID)&SdkAppid=1400000000&CallbackCommand=\(Self.command)&Sign=x&RequestTime=5"
    #expect(try batch(query: other).id == batch().id)
    #expect(try batch(query: other).duplicateKey == batch().duplicateKey)
    let unnamed = "RequestID=\(Fixture.requestID)"
    #expect(try batch(query: unnamed).id == batch().id)
  }

  @Test("Another app, request id, command or body is another callback")
  func otherCallbacks() throws {
    let ids = try [
      batch(), batch(app: 1_400_000_001), batch(query: Fixture.query(Self.command) + "&RequestId=z"),
      batch(query: "RequestId=y&CallbackCommand=\(Self.command)"), batch(query: Fixture.query("X.Y")),
      batch(body: Self.body + " "),
    ].map(\.id)
    #expect(Set(ids).count == 5)
    #expect(ids[0] == ids[2])
  }

  @Test("The parts cannot run into each other")
  func separators() throws {
    let first = try batch(query: "RequestId=a&CallbackCommand=bc", body: "{}")
    let second = try batch(query: "RequestId=ab&CallbackCommand=c", body: "{}")
    #expect(first.id != second.id)
  }

  @Test(
    "Without a request id in the query the batch gets a new id and is known by nothing", arguments: ["", "&RequestId="])
  func noRequestID(parameter: String) throws {
    let batch = try batch(query: "CallbackCommand=\(Self.command)\(parameter)")
    #expect(batch.id == Fixture.newID)
    #expect(batch.duplicateKey == nil)
  }

  @Test("By body the batch gets a new id and is known by app, command and body for the time given")
  func byBody() throws {
    let batch = try batch(.byBody(within: .seconds(600)))
    #expect(batch.id == Fixture.newID)
    let key: [UInt8] = [
      0xe0, 0x73, 0x21, 0x60, 0x6b, 0x85, 0xf6, 0xc7, 0x8b, 0x18, 0x63, 0x0d, 0xa6, 0xd2, 0xd9, 0x7d,
    ]
    #expect(
      batch.duplicateKey == DuplicateKey(bytes: key, lifetime: .until(Fixture.receivedAt + .seconds(600))))
    let other = try self.batch(.byBody(within: .seconds(600)), query: "RequestId=z&CallbackCommand=\(Self.command)")
    #expect(other.duplicateKey == batch.duplicateKey)
  }

  @Test("Where duplicates are not looked for the batch is known by nothing")
  func noDuplicates() throws {
    let batch = try batch(.none)
    #expect(batch.id == Fixture.newID)
    #expect(batch.duplicateKey == nil)
  }

  @Test("A new id is a UUIDv7 of the moment of receipt, and never the same")
  func newIDs() {
    let ids = (0..<100).map { _ in BatchID.random(at: Fixture.receivedAt) }
    #expect(Set(ids).count == 100)
    #expect(ids.allSatisfy { $0.high >> 16 == UInt64(Fixture.receivedAt.milliseconds) })
    #expect(ids.allSatisfy { $0.high >> 12 & 0xF == 7 })
  }
}
