import ArgumentParser
import Foundation
import UnixSignals

/// Work that goes on until a person ends it with Ctrl-C.
enum Interruption {
  /// Runs `work` until it is done, or is cancelled by the first SIGINT or SIGTERM. A second one ends the process, should
  /// the work be stuck.
  ///
  /// - Returns: Nil if it was interrupted.
  static func until<Result: Sendable>(
    _ work: @escaping @Sendable () async throws -> Result
  ) async throws -> Result? {
    let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm)
    let (stops, stop) = AsyncStream<Void>.makeStream()
    return try await withThrowingTaskGroup(of: Void.self) { watchers in
      watchers.addTask {
        var isStopping = false
        for await _ in signals {
          if isStopping { Foundation._exit(ExitStatus.failure.rawValue) }
          isStopping = true
          stop.finish()
        }
      }
      defer { watchers.cancelAll() }
      return try await race(work, against: stops)
    }
  }

  private static func race<Result: Sendable>(
    _ work: @escaping @Sendable () async throws -> Result, against stops: AsyncStream<Void>
  ) async throws -> Result? {
    try await withThrowingTaskGroup(of: Result?.self) { group in
      group.addTask { try await work() }
      group.addTask {
        for await _ in stops {}
        return nil
      }
      defer { group.cancelAll() }
      return try await group.next() ?? nil
    }
  }
}
