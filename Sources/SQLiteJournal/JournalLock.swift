import Foundation
import GatewayCore
import Synchronization

/// Keeps every other process, and every other opening in this one, away from a journal until it is released.
///
/// The kernel lets go of it when the process ends, however it ends. The file beside the journal that carries it stays:
/// deleting it would let a third party lock a file that another has only just opened.
final class JournalLock: Sendable {
  private let descriptor: Mutex<Int32?>

  /// - Parameter path: The journal's own file, its links resolved: two names of one file are one journal.
  init(path: String) throws(JournalError) {
    let lockPath = path + "-lock"
    let opened = open(lockPath, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard opened >= 0 else {
      throw .unavailable("the journal's lock file \(lockPath) cannot be opened: \(systemMessage(errno))")
    }
    guard flock(opened, LOCK_EX | LOCK_NB) == 0 else {
      close(opened)
      throw .unavailable("the journal \(path) is in use by another gateway; stop that one, or use another file")
    }
    descriptor = Mutex(opened)
  }

  deinit { release() }

  func release() {
    descriptor.withLock { descriptor in
      if let open = descriptor {
        // A child process that is just being started shares the descriptor until it runs its own program, so that
        // closing alone would leave the lock with it for that long.
        flock(open, LOCK_UN)
        close(open)
      }
      descriptor = nil
    }
  }
}

/// The system's words for an error number.
func systemMessage(_ code: Int32) -> String { String(cString: strerror(code)) }
