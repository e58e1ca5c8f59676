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
  convenience init(path: String) throws(JournalError) {
    let opened = open(Self.file(of: path), O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard opened >= 0 else { throw Self.cannotOpen(path) }
    try self.init(opened, path: path)
  }

  /// Nil if there is no lock file: then nobody has the journal, and nothing is left beside it.
  static func existing(path: String) throws(JournalError) -> JournalLock? {
    let opened = open(file(of: path), O_RDWR | O_CLOEXEC)
    guard opened >= 0 || errno != ENOENT else { return nil }
    guard opened >= 0 else { throw cannotOpen(path) }
    return try JournalLock(opened, path: path)
  }

  private init(_ opened: Int32, path: String) throws(JournalError) {
    guard flock(opened, LOCK_EX | LOCK_NB) == 0 else {
      close(opened)
      throw .unavailable("the journal \(path) is in use by another gateway; stop that one, or use another file")
    }
    descriptor = Mutex(opened)
  }

  private static func file(of path: String) -> String { path + "-lock" }

  private static func cannotOpen(_ path: String) -> JournalError {
    .unavailable("the journal's lock file \(file(of: path)) cannot be opened: \(systemMessage(errno))")
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
