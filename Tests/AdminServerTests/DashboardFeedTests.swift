import Foundation
import GatewayCore
import PrometheusMetrics
import Synchronization
import Testing

@testable import AdminServer

@Suite("What open pages are told")
struct DashboardFeedTests {
  /// A gateway whose backlog grows each time that it is asked, and whose second subscriber goes with the third look.
  private final class MovingControl: GatewayControl {
    private let looks = Mutex(0)

    var count: Int { looks.withLock { $0 } }

    func status() async throws(JournalError) -> GatewayStatus {
      let look = looks.withLock { looks in
        looks += 1
        return looks
      }
      guard look != 2 else { throw .unavailable("the disk is gone") }
      var status = Samples.status
      status.subscribers[0].backlogEvents = 7000 + look
      if look > 2 { status.subscribers.removeLast() }
      return status
    }

    func notReadyReason() async -> String? { nil }

    func reload(dryRun: Bool) async throws(RoutesRejected) -> RoutesChange { Samples.change }

    func backUp(to path: String) async throws(ControlError) -> JournalCopy { throw .conflict("unset") }
  }

  private let control = MovingControl()

  private func feed() -> DashboardFeed {
    DashboardFeed(
      control: control, activity: ActivityRecorder(registry: PrometheusRegistry(), period: .seconds(3600)),
      templates: DashboardTemplates(), clock: { Timestamp(milliseconds: 1_795_207_001_000) })
  }

  /// What a page is told until it was told a text.
  private func told(by feed: DashboardFeed, on stream: EventStream, until text: String) async -> String {
    await withTaskGroup(of: Void.self) { group in
      group.addTask { try? await feed.run() }
      group.addTask { await feed.watch(stream, version: "v1") }
      defer { group.cancelAll() }
      var heard = ""
      while !heard.contains(text), let next = await stream.next() { heard += next }
      return heard
    }
  }

  @Test("is everything at first, and then what has changed, and in which order it stands")
  func changes() async {
    let heard = await told(
      by: feed(), on: EventStream(capacity: 1 << 20), until: "event: order\ndata: subscriber-moderation\n")
    #expect(heard.hasPrefix("event: version\ndata: v1\n\n"))
    func times(_ text: String) -> Int { heard.components(separatedBy: text).count - 1 }
    #expect(times("event: fragment\ndata: subscriber-moderation\n") == 2)
    #expect(heard.contains(">7,001<") && heard.contains(">7,003<"))
    // Neither of these has changed.
    #expect(times("event: fragment\ndata: subscriber-archive\n") == 1)
    #expect(times("event: fragment\ndata: routes\n") == 1)
    // Nothing is wrong, then the journal is, then nothing is again.
    #expect(times("event: fragment\ndata: trouble\n") == 3)
    #expect(heard.contains("the disk is gone"))
    #expect(times("event: order\n") == 2)
  }

  @Test("comes with the next look where it found no room")
  func slowPage() async {
    let (small, large) = (String(repeating: "a", count: 100), String(repeating: "b", count: 900))
    let look = DashboardLook.view(
      DashboardView(
        parts: [DashboardView.Fragment(id: "part", html: small)], rows: [DashboardView.Fragment(id: "row", html: large)]
      ))
    let stream = EventStream(capacity: 960)
    var memory = PageMemory()
    memory.tell(look, to: stream)
    #expect(await stream.next() == "event: fragment\ndata: part\ndata: \(small)\n\nevent: order\ndata: row\n\n")
    memory.tell(look, to: stream)
    #expect(await stream.next() == "event: fragment\ndata: row\ndata: \(large)\n\n")
    stream.end()
    memory.tell(look, to: stream)
    #expect(await stream.next() == nil)
  }

  @Test("costs nothing while nobody looks")
  func unwatched() async {
    await feed().tick()
    #expect(control.count == 0)
  }
}
