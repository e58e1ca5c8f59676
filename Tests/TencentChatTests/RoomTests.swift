import GatewayCore
import TencentChat
import Testing

/// Reader and deriver together, on callbacks made by chance.
@Suite struct RoomTests {
  private static let rounds = 4_000

  @Test("Whatever is accepted becomes events that are valid JSON and have ids in order", arguments: [5, 6] as [UInt64])
  func anyCallback(seed: UInt64) throws {
    var maker = JSONTextMaker(seed: seed)
    var splits = 0
    for round in 0..<Self.rounds {
      let command = ["Sns.CallbackBlackListAdd", "Sns.CallbackPrevFriendAdd", "X.Y"][round % 3]
      let body = maker.callback()
      let read = try Fixture.read(body, query: Fixture.query(command))
      #expect(try CallbackBody(read.reply).members.count >= 3)
      guard let batch = read.batch else { continue }
      if batch.eventCount > 1 { splits += 1 }
      for (index, event) in try Fixture.bodies(batch).enumerated() {
        let text = Array(event.utf8)
        let members = try CallbackBody(text).members
        #expect(String(decoding: text[members[1].value], as: UTF8.self) == "\"\(batch.id)-\(index)\"")
      }
    }
    #expect(splits > Self.rounds / 100)
  }

  @Test("Whatever is posted is read or refused, and nothing worse", arguments: [7, 8] as [UInt64])
  func anyText(seed: UInt64) {
    var maker = JSONTextMaker(seed: seed)
    for _ in 0..<Self.rounds {
      let text = maker.text()
      let isObject = (try? CallbackBody(text)) != nil
      let read = try? Fixture.read(text, query: Fixture.query("Sns.CallbackFriendAdd"))
      #expect(isObject == (read != nil))
    }
  }
}
