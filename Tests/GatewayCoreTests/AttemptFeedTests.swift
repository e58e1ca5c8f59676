import GatewayCore
import Testing

@Suite("The feed of attempts")
struct AttemptFeedTests {
  private static func notice(_ number: Int64, of subscriber: String = "a") -> AttemptNotice {
    let sequence = SequenceNumber(rawValue: number)
    return AttemptNotice(
      subscriber: subscriber,
      record: AttemptRecord(
        at: Timestamp(seconds: 1), first: sequence, last: sequence, attempt: 1, outcome: .success, duration: .zero),
      event: nil, kind: nil)
  }

  @Test("gives each listener what it wants, in order, and nothing to nobody")
  func listeners() async {
    let feed = AttemptFeed()
    #expect(!feed.hasListeners)
    feed.publish(Self.notice(0))
    let (all, some) = (feed.listen { _ in true }, feed.listen { $0.subscriber == "b" })
    #expect(feed.hasListeners)
    feed.publish(Self.notice(1))
    feed.publish(Self.notice(2, of: "b"))
    var everything = all?.makeAsyncIterator()
    #expect(await everything?.next() == .attempt(Self.notice(1)))
    #expect(await everything?.next() == .attempt(Self.notice(2, of: "b")))
    var wanted = some?.makeAsyncIterator()
    #expect(await wanted?.next() == .attempt(Self.notice(2, of: "b")))
  }

  @Test("tells a listener that is too slow how many it has missed")
  func slow() async {
    let feed = AttemptFeed()
    var stream = feed.listen { _ in true }?.makeAsyncIterator()
    for number in 0..<AttemptFeed.Limit.waiting + 5 { feed.publish(Self.notice(Int64(number))) }
    for number in 0..<AttemptFeed.Limit.waiting {
      #expect(await stream?.next() == .attempt(Self.notice(Int64(number))))
    }
    feed.publish(Self.notice(9999))
    #expect(await stream?.next() == .dropped(5))
    #expect(await stream?.next() == .attempt(Self.notice(9999)))
  }

  @Test("takes no more listeners than it may, and others again when some have gone")
  func bounded() {
    let feed = AttemptFeed()
    var streams = (0..<AttemptFeed.Limit.listeners).map { _ in feed.listen { _ in true } }
    #expect(streams.allSatisfy { $0 != nil })
    #expect(feed.listen { _ in true } == nil)
    streams.removeAll()
    #expect(!feed.hasListeners)
    #expect(feed.listen { _ in true } != nil)
  }
}
