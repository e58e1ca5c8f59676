import GatewayCore
import ServiceLifecycle
import Synchronization

/// Keeps open pages up to date: looks at the gateway once for all of them, and not at all while there are none.
final class DashboardFeed: Service {
  static let period: Duration = .seconds(1)

  private struct State {
    var watchers: [Int: AsyncStream<DashboardLook>.Continuation] = [:]
    var lastWatcher = 0
  }

  private let control: any GatewayControl
  private let activity: ActivityRecorder
  private let renderer: DashboardRenderer
  private let clock: WallClock
  private let state = Mutex(State())

  init(
    control: any GatewayControl, activity: ActivityRecorder, templates: DashboardTemplates,
    clock: @escaping WallClock = Timestamp.now
  ) {
    self.control = control
    self.activity = activity
    self.clock = clock
    renderer = DashboardRenderer(templates: templates)
  }

  func run() async throws {
    try? await cancelWhenGracefulShutdown {
      while true {
        try await Task.sleep(for: Self.period)
        await self.tick()
      }
    }
  }

  func tick() async {
    guard state.withLock({ !$0.watchers.isEmpty }) else { return }
    tell(await look())
  }

  /// The page's pieces as they are now; of a gateway that cannot be asked, only why.
  func pieces() async -> [DashboardView.Fragment] {
    switch await look() {
    case .view(let view): view.parts + [DashboardView.Fragment(id: "rows", html: view.rows.map(\.html).joined())]
    case .trouble(let fragment): [fragment]
    }
  }

  /// Sends everything at first, and then what has changed, until the stream or the feed ends.
  func watch(_ stream: EventStream, version: String) async {
    stream.send(ServerSentEvent("version", data: version))
    let (looks, number) = join()
    defer { leave(number) }
    var memory = PageMemory()
    memory.tell(await look(), to: stream)
    for await look in looks { memory.tell(look, to: stream) }
  }

  private func look() async -> DashboardLook {
    do {
      let view = renderer.view(try await control.status(), activity, at: clock())
      renderer.forgetRows(except: view)
      return .view(view)
    } catch {
      return .trouble(renderer.trouble("The journal cannot be read: \(error). What follows is as it was before."))
    }
  }

  private func tell(_ look: DashboardLook) {
    for watcher in state.withLock({ Array($0.watchers.values) }) { watcher.yield(look) }
  }

  /// Whoever is slow gets the latest look and none of those between.
  private func join() -> (AsyncStream<DashboardLook>, Int) {
    let (looks, watcher) = AsyncStream.makeStream(of: DashboardLook.self, bufferingPolicy: .bufferingNewest(1))
    let number = state.withLock { state in
      state.lastWatcher += 1
      state.watchers[state.lastWatcher] = watcher
      return state.lastWatcher
    }
    return (looks, number)
  }

  private func leave(_ number: Int) { state.withLock { _ = $0.watchers.removeValue(forKey: number) } }
}
