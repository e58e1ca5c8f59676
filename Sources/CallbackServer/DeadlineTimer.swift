import NIOCore

/// One timer for all the deadlines of a connection, which move with every request.
///
/// It goes off no later than the deadline asked for, and perhaps too early: it is moved only when the next deadline
/// lies before it, so that a request which comes in one piece never touches it. To be used on its event loop only.
final class DeadlineTimer {
  private let eventLoop: any EventLoop
  private var armed: (deadline: NIODeadline, task: Scheduled<Void>)?

  init(eventLoop: any EventLoop) { self.eventLoop = eventLoop }

  func arm(for deadline: NIODeadline, _ action: @escaping () -> Void) {
    if let armed, armed.deadline <= deadline { return }
    armed?.task.cancel()
    let task = eventLoop.assumeIsolated().scheduleTask(deadline: deadline) {
      self.armed = nil
      action()
    }
    armed = (deadline, task)
  }

  func cancel() {
    armed?.task.cancel()
    armed = nil
  }
}
