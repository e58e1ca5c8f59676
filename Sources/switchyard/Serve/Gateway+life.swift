import AdminServer
import CallbackServer
import CurlTransport
import Delivery
import Foundation
import GatewayCore
import Logging
import RoutesFile
import Spool

extension Gateway {
  /// What ends the gateway.
  private enum End: Sendable {
    case signal(lingering: Bool)
    case failure(any Error)
  }

  /// Serves until a signal says stop.
  func run(until signals: StopSignals) async throws {
    let (ends, ended) = AsyncStream<End>.makeStream(bufferingPolicy: .bufferingOldest(1))
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { await delivery.run() }
      group.addTask { await retention.run() }
      if let spool { group.addTask { await spool.spool.run() } }
      group.addTask { await watcher.run() }
      group.addTask { await obey(signals) { lingering in ended.yield(.signal(lingering: lingering)) } }
      group.addTask {
        do { try await admin.run() } catch { ended.yield(.failure(error)) }
      }
      let end = await serve(until: ends)
      await close(after: end)
      group.cancelAll()
      if case .failure(let error) = end { throw error }
    }
    logger.info("stopped")
  }

  private func serve(until ends: AsyncStream<End>) async -> End {
    do {
      try await open()
    } catch {
      return .failure(error)
    }
    return await withTaskGroup(of: End?.self) { group in
      group.addTask {
        for await _ in watcher.changes { _ = try? await reloader.reload(dryRun: false) }
        return nil
      }
      group.addTask { await ends.first { _ in true } }
      defer { group.cancelAll() }
      for await case let end? in group { return end }
      return .signal(lingering: false)
    }
  }

  /// Lanes first, so that every position is durable before the first callback is taken.
  private func open() async throws {
    try await reloader.applyStart()
    let port = try await door.start()
    readiness.enter(.serving)
    doors.opened("callbacks", at: ListenAddress(host: settings.listen.host, port: port))
  }

  private func obey(_ signals: StopSignals, stop: @Sendable (_ lingering: Bool) -> Void) async {
    await signals.forEach { request in
      switch request {
      case .reload: _ = try? await reloader.reload(dryRun: false)
      case .stop(let lingering): stop(lingering)
      }
    }
  }

  /// The callback door first, so that nothing is accepted that could not be recorded; the journal last.
  private func close(after end: End) async {
    readiness.enter(.stopping)
    door.closeSoon()
    if case .signal(lingering: true) = end, settings.linger > .zero {
      logger.info("stopping: still accepting", metadata: ["linger": "\(settings.linger.text)"])
      try? await Task.sleep(for: settings.linger)
    }
    logger.info("stopping", metadata: ["drain": "\(settings.drain.text)"])
    await door.stop(within: max(settings.ackDeadline, CallbackServerLimits().decisionAnswerTime))
    await delivery.stop(drain: settings.drain)
    await retention.stop()
    await admin.stop()
    transport.shutdown()
    await spool?.spool.stop()
    await journal.close()
    await spool?.store.close()
  }
}
