import CCurl
import Foundation

/// Owns one epoll instance, which tells which of libcurl's sockets are ready, and whose they are.
final class Epoll {
  /// Events taken at a time; the others are there the next time.
  private static let eventLimit = 256

  private let descriptor: Int32
  private let events: UnsafeMutableBufferPointer<epoll_event>

  init() {
    descriptor = epoll_create1(Int32(EPOLL_CLOEXEC))
    precondition(descriptor >= 0, "no descriptor for the transport: \(String(cString: strerror(errno)))")
    events = .allocate(capacity: Self.eventLimit)
    events.initialize(repeating: epoll_event())
  }

  deinit {
    events.deallocate()
    close(descriptor)
  }

  /// Begins to watch a socket or changes what for (`CURL_POLL_…`). If the kernel refuses, the transfer times out.
  ///
  /// - Parameter slot: Comes back with each of the socket's events.
  func watch(_ socket: Int32, for wanted: Int32, isNew: Bool, slot: Int = 0) {
    var event = epoll_event()
    event.events =
      (wanted & CURL_POLL_IN != 0 ? EPOLLIN.rawValue : 0) | (wanted & CURL_POLL_OUT != 0 ? EPOLLOUT.rawValue : 0)
    event.data.u64 = UInt64(UInt32(slot)) << 32 | UInt64(UInt32(socket))
    epoll_ctl(descriptor, isNew ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, socket, &event)
  }

  func forget(_ socket: Int32) { epoll_ctl(descriptor, EPOLL_CTL_DEL, socket, nil) }

  /// Waits for events, or until the time is over, and tells each ready socket with its slot and what for
  /// (`CURL_CSELECT_…`).
  func wait(milliseconds: Int32, ready: (_ socket: Int32, _ slot: Int, _ events: Int32) -> Void) {
    let count = epoll_wait(descriptor, events.baseAddress, Int32(events.count), milliseconds)
    for index in 0..<max(0, Int(count)) {
      let event = events[index]
      var conditions: Int32 = 0
      if event.events & EPOLLIN.rawValue != 0 { conditions |= CURL_CSELECT_IN }
      if event.events & EPOLLOUT.rawValue != 0 { conditions |= CURL_CSELECT_OUT }
      if event.events & (EPOLLERR.rawValue | EPOLLHUP.rawValue) != 0 { conditions |= CURL_CSELECT_ERR }
      ready(Int32(truncatingIfNeeded: event.data.u64), Int(event.data.u64 >> 32), conditions)
    }
  }
}
