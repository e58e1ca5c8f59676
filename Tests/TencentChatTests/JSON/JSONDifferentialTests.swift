import Foundation
import TencentChat
import Testing

/// The scanner against Foundation's parser: both accept a text, or both refuse it, but for what `FoundationDifference`
/// names.
@Suite struct JSONDifferentialTests {
  private static let rounds = 100_000

  private func isValidHere(_ text: [UInt8]) -> Bool {
    do {
      var scanner = try JSONScanner(text)
      try scanner.skipValue()
      try scanner.finish()
      return true
    } catch {
      return false
    }
  }

  private func isValidInFoundation(_ text: [UInt8]) -> Bool {
    (try? JSONSerialization.jsonObject(with: Data(text), options: .fragmentsAllowed)) != nil
  }

  /// Whether both judge alike, or differ in what is known.
  private func agree(on text: [UInt8]) -> Bool {
    let here = isValidHere(text)
    if here == isValidInFoundation(text) { return true }
    return here ? FoundationDifference.refuses(text) : FoundationDifference.accepts(text)
  }

  @Test("Texts made by chance and spoilt by chance are judged alike", arguments: [1, 2, 3, 4] as [UInt64])
  func generated(seed: UInt64) {
    var maker = JSONTextMaker(seed: seed)
    var accepted = 0
    for _ in 0..<Self.rounds / 4 {
      let text = maker.text()
      if isValidHere(text) { accepted += 1 }
      let agree = agree(on: text)
      #expect(agree, "\(String(decoding: text, as: UTF8.self).debugDescription)")
    }
    #expect(accepted > Self.rounds / 20 && accepted < Self.rounds / 5)
  }

  @Test(
    "A sample with any one byte changed is judged alike", arguments: ["Sns.CallbackFriendAdd", "State.StateChange"])
  func changedSamples(name: String) throws {
    let sample = try Sample.bytes(name)
    for place in sample.indices {
      for byte in [0x00, 0x0B, 0x20, 0x22, 0x2C, 0x30, 0x5C, 0x7B, 0x7D, 0x80, 0xC3, 0xFF] as [UInt8] {
        var text = sample
        text[place] = byte
        let agree = agree(on: text)
        #expect(agree, "\(byte) at \(place)")
      }
    }
  }

  @Test("What is known to differ does differ")
  func known() {
    for text in ["1e999", "\"\\uD800\"", "7\u{0}", "{\"a\":1,}", "[1,]"] {
      #expect(isValidHere(Array(text.utf8)) != isValidInFoundation(Array(text.utf8)), "\(text)")
    }
  }
}
