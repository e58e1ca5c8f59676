import NIOCore

/// Runs tasks on an event loop: each goes on there after every `await`, and passes through no other thread.
///
/// Whatever a task awaits must not block, for it would hold up all connections of the loop.
actor EventLoopTasks {
  /// Keeps the executor alive.
  private let eventLoop: any EventLoop
  nonisolated let unownedExecutor: UnownedSerialExecutor

  init(eventLoop: any EventLoop) {
    self.eventLoop = eventLoop
    unownedExecutor = eventLoop.executor.asUnownedSerialExecutor()
  }

  /// To be called on the event loop. The task is nobody's child and is never cancelled.
  nonisolated func start(_ operation: @escaping @Sendable (isolated EventLoopTasks) async -> Void) {
    assumeIsolated { tasks in
      _ = Task { await operation(tasks) }
    }
  }
}
