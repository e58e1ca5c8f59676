import GatewayCore
import Testing

@Suite("Suggestions")
struct SuggestionTests {
  @Test(
    "the nearest word within reach",
    arguments: [
      ("tiemout", "timeout"), ("Timeout", "timeout"), ("giveUpAfter", "give_up_after"), ("evnts", "events"),
      ("secret", "secrets"), ("connect-timeout", "connect_timeout"),
    ])
  func near(_ word: String, _ meant: String) {
    let words = ["url", "timeout", "connect_timeout", "give_up_after", "events", "secrets"]
    #expect(Suggestion.closest(to: word, among: words) == meant)
  }

  @Test(
    "nothing is suggested for what is far from all", arguments: ["", "colour", "x", String(repeating: "a", count: 99)])
  func far(_ word: String) {
    #expect(Suggestion.closest(to: word, among: ["url", "timeout", "events"]) == nil)
  }
}
