import GatewayCore
import TencentChat
import Testing

/// Batches are cut by the rule that was written with them, whatever the catalogue knows.
@Suite struct StoredDerivationTests {
  private func events(_ derivation: String, _ body: String, count: Int) throws -> [String] {
    let record = CallbackRecord(query: "", peer: "::1", traceparent: nil, body: Array(body.utf8))
    return try Fixture.bodies(
      NewBatch(
        id: try #require(Fixture.newID),
        kind: EventKind(app: Fixture.app.id, type: EventType(rawValue: "thing.happened"), command: "No.SuchCommand"),
        eventCount: count, receivedAt: Fixture.receivedAt, derivation: Derivation(rawValue: derivation),
        payload: record.encoded(), duplicateKey: nil))
  }

  @Test("A command that is not in the catalogue is cut by its rule")
  func unknownCommand() throws {
    let events = try events(
      "1 batch=Rows from=item.A to=item.B group=callback.G account=item.C time=item.T key=group,to",
      #"{"G":"g","Rows":[{"A":"a","B":"b","C":7,"T":1670574414},{"B":"d","C":{},"T":"x"}],"z":1}"#, count: 2)
    #expect(events[0].contains(#""type":"com.tencent.chat.thing.happened","time":"2022-12-09T08:26:54.000Z","#))
    #expect(events[0].contains(#""partitionkey":"b|g","datacontenttype""#))
    #expect(
      events[0].contains(
        #""command":"No.SuchCommand","from":"a","to":"b","group":"g","account":"7","item":{"A":"a","B":"b","C":7,"#
          + #""T":1670574414},"callback":{"G":"g","z":1},"batch""#))
    #expect(events[1].contains(#""time":"2026-11-20T20:36:00.123Z","partitionkey":"d|g","#))
    #expect(
      events[1].contains(
        #""command":"No.SuchCommand","to":"d","group":"g","item":{"B":"d","C":{},"T":"x"},"callback":{"#))
  }

  @Test("Items may be strings or numbers")
  func plainItems() throws {
    let body = #"{"CallbackCommand":"x","From_Account":"me","L":["b" , "\u0061"]}"#
    let strings = try events("1 batch=L from=callback.From_Account to=item key=from,to", body, count: 2)
    #expect(strings[0].contains(#""partitionkey":"b|me","#))
    #expect(strings[1].contains(#""partitionkey":"a|me","#))
    #expect(strings[1].contains(#""from":"me","to":"\u0061","item":"\u0061","callback":{"From_Account":"me"},"#))
    let numbers = try events("1 batch=L account=item key=account", #"{"L":[18446744073709551616]}"#, count: 1)
    #expect(numbers[0].contains(#""partitionkey":"18446744073709551616","#))
    #expect(numbers[0].contains(#""account":"18446744073709551616","item":18446744073709551616,"callback":{},"#))
  }

  @Test("A rule without anything makes one event with the whole body")
  func bare() throws {
    let events = try events("1", #"{"PairList":[1,2],"EventTime":1670574414}"#, count: 1)
    #expect(events[0].contains(#""time":"2026-11-20T20:36:00.123Z","datacontenttype""#))
    #expect(events[0].contains(#""callback":{"PairList":[1,2],"EventTime":1670574414},"batch""#))
  }

  @Test("A key field that is missing leaves the event without a partition key")
  func missingKeyField() throws {
    let events = try events("1 batch=L to=item.B group=callback.G key=group,to", #"{"L":[{"B":"b"}]}"#, count: 1)
    #expect(!events[0].contains("partitionkey"))
  }

  @Test(
    "What cannot be cut is an error that says so",
    arguments: [
      ("2 batch=L", #"{"L":[1]}"#, 1), ("1 batch=L who=item", #"{"L":[1]}"#, 1), ("", "{}", 1), ("1 batch=L", "{}", 1),
      ("1 batch=L", #"{"L":[1,2]}"#, 1), ("1 batch=L", #"{"L":[1]}"#, 2), ("1 batch=L", #"{"L":{}}"#, 1),
      ("1", "{}", 2), ("1", "[]", 1), ("1", "{", 1), ("1", "{}x", 1),
    ])
  func errors(derivation: String, body: String, count: Int) {
    #expect(throws: DerivationError.self) { try events(derivation, body, count: count) }
  }

  @Test("A payload that is no callback's record is an error")
  func noRecord() throws {
    let batch = StoredBatch(
      first: .first, eventCount: 1, id: try #require(Fixture.newID),
      kind: EventKind(app: Fixture.app.id, type: .callback, command: "x"), receivedAt: Fixture.receivedAt,
      derivation: DerivationRule.whole.derivation, payload: Array("a\nb".utf8))
    #expect(throws: DerivationError.self) { try CallbackEventDeriver().derive(batch) }
  }
}
