import Foundation
import GatewayCore

/// The journal's file on disk, before SQLite opens it.
struct JournalFile {
  /// Absolute, its links resolved.
  let path: String
  let folder: String

  init(path given: String) throws(JournalError) {
    let url = URL(fileURLWithPath: given)
    guard let folder = Self.resolved(url.deletingLastPathComponent().path) else {
      throw .unavailable(
        "the journal's folder \(url.deletingLastPathComponent().path) does not exist; create it, or use another file")
    }
    path = Self.resolved(url.path) ?? folder + "/" + url.lastPathComponent
    self.folder = folder
  }

  /// Makes the file if there is none, and sees that nobody but its owner may read it; SQLite gives the files beside it
  /// the same mode. To be called before SQLite has it open: closing a file drops all of a process's POSIX locks on it.
  func create() throws(JournalError) {
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, Self.mode)
    guard descriptor >= 0 else {
      throw .unavailable("the journal \(path) cannot be opened for writing: \(systemMessage(errno))")
    }
    defer { close(descriptor) }
    guard fchmod(descriptor, Self.mode) == 0 else {
      throw .unavailable("the journal \(path) cannot be made private to its owner: \(systemMessage(errno))")
    }
    for beside in ["-wal", "-shm"] where chmod(path + beside, Self.mode) != 0 && errno != ENOENT {
      throw .unavailable("\(path)\(beside) cannot be made private to its owner: \(systemMessage(errno))")
    }
  }

  /// Bytes free to us and bytes in all on the volume.
  func volume() throws(JournalError) -> (free: Int, size: Int) {
    var status = statvfs()
    guard statvfs(folder, &status) == 0 else {
      throw .unavailable("the free space of \(folder) cannot be read: \(systemMessage(errno))")
    }
    return (Int(status.f_bavail) * Int(status.f_frsize), Int(status.f_blocks) * Int(status.f_frsize))
  }

  private static let mode: mode_t = 0o600

  private static func resolved(_ path: String) -> String? {
    guard let resolved = realpath(path, nil) else { return nil }
    defer { free(resolved) }
    return String(cString: resolved)
  }
}
