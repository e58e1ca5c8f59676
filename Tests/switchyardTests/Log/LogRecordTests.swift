import Foundation
import GatewayCore
import Logging
import Testing

@testable import switchyard

@Suite("A log record")
struct LogRecordTests {
  private func record(_ message: String, _ metadata: Logger.Metadata = [:], level: Logger.Level = .info) -> LogRecord {
    LogRecord(
      time: Timestamp(milliseconds: 1_795_206_960_123), level: level, message: message, metadata: metadata)
  }

  @Test("as text has its time, padded level, message and metadata in the order of the keys")
  func text() {
    let line = record("listening", ["door": "callbacks", "address": "127.0.0.1:8080"]).text
    #expect(line == "2026-11-20T20:36:00.123Z info  listening address=127.0.0.1:8080 door=callbacks")
    #expect(record("late", level: .warning).text == "2026-11-20T20:36:00.123Z warning late")
  }

  @Test("as text quotes values with spaces, quotes or control characters, and empty ones")
  func quotedText() {
    let line = record("x", ["a": "two words", "b": "", "c": "say \"hi\"", "d": "\u{1B}[31mred", "e": "a=b"]).text
    #expect(line.hasSuffix(#" a="two words" b="" c="say \"hi\"" d="\u001b[31mred" e=a=b"#))
  }

  @Test("as text stays one line whatever the message holds")
  func textIsOneLine() {
    #expect(record("a\nb\u{9B}c\u{2028}d").text.hasSuffix(#" a\u000ab\u009bc\u2028d"#))
  }

  @Test("as JSON has the metadata flat beside time, level and message")
  func json() {
    let line = record("listening", ["door": "admin", "event.id": "1-0"]).json
    #expect(
      line == #"{"time":"2026-11-20T20:36:00.123Z","level":"info","message":"listening","#
        + #""door":"admin","event.id":"1-0"}"#)
  }

  @Test("as JSON is read back the same by another parser, with nested values and odd characters")
  func jsonReadBack() throws {
    let odd = "q\" b\\ nl\n nul\0 esc\u{1B} del\u{7F} c1\u{9B} ls\u{2028} 好 🙂"
    let line = record(
      odd,
      [
        "list": [.string(odd), .stringConvertible(7), .dictionary(["k": .stringConvertible(true)])],
        "half": .stringConvertible(0.5), "endless": .stringConvertible(Double.infinity), odd: "key",
      ]
    ).json
    #expect(line.unicodeScalars.allSatisfy { $0.isPrintable })
    let object = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
    #expect(object["message"] as? String == odd)
    #expect(object[odd] as? String == "key")
    #expect(object["half"] as? Double == 0.5)
    #expect(object["endless"] as? String == "inf")
    let list = try #require(object["list"] as? [Any])
    #expect(list[0] as? String == odd)
    #expect(list[1] as? Int == 7)
    #expect((list[2] as? [String: Bool]) == ["k": true])
  }

  @Test("as JSON never has a key twice")
  func reservedKeys() {
    let line = record("x", ["level": "5", "time": "now"]).json
    #expect(line.hasSuffix(#""message":"x","metadata.level":"5","metadata.time":"now"}"#))
  }
}
