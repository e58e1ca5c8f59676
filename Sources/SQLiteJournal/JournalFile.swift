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

  /// Refuses a file that is not a journal, as it is; false if there is none yet. To be called before SQLite has it open,
  /// as `create`.
  func check() throws(JournalError) -> Bool {
    var status = stat()
    if stat(path, &status) == 0, status.st_mode & S_IFMT != S_IFREG {
      throw .unavailable("\(path) is not a regular file; use another file")
    }
    let descriptor = open(path, O_RDWR | O_CLOEXEC)
    if descriptor < 0, errno == ENOENT { return false }
    guard descriptor >= 0 else { throw cannotOpen() }
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: FileHeader.length)
    let count = pread(descriptor, &bytes, bytes.count, 0)
    guard count >= 0 else { throw .unavailable("the journal \(path) cannot be read: \(systemMessage(errno))") }
    let header = FileHeader(Array(bytes.prefix(count)))
    guard !header.isEmpty else { return true }
    guard header.isDatabase else { throw .unavailable("\(path) is not a database; use another file") }
    guard !header.isForeign else { throw Schema.foreignFile(path) }
    return true
  }

  /// Makes the file if there is none, and sees that nobody but its owner may read it; SQLite gives the files beside it
  /// the same mode. To be called before SQLite has it open: closing a file drops all of a process's POSIX locks on it.
  func create() throws(JournalError) {
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, Self.mode)
    guard descriptor >= 0 else { throw cannotOpen() }
    defer { close(descriptor) }
    guard fchmod(descriptor, Self.mode) == 0 else {
      throw .unavailable("the journal \(path) cannot be made private to its owner: \(systemMessage(errno))")
    }
    for beside in ["-wal", "-shm"] where chmod(path + beside, Self.mode) != 0 && errno != ENOENT {
      throw .unavailable("\(path)\(beside) cannot be made private to its owner: \(systemMessage(errno))")
    }
  }

  func volume() throws(JournalError) -> Volume {
    guard let volume = Volume(holding: folder) else {
      throw .unavailable("the free space of \(folder) cannot be read: \(systemMessage(errno))")
    }
    return volume
  }

  /// Whether a path leads to the journal, or to what lies beside it.
  func isOwn(_ other: String) -> Bool {
    let url = URL(filePath: other)
    let (folder, name) = (url.deletingLastPathComponent().path, url.lastPathComponent)
    guard let resolved = Self.resolved(folder), resolved == Self.resolved(self.folder) else { return false }
    let own = URL(filePath: path).lastPathComponent
    return name == own || name.hasPrefix(own + "-")
  }

  private func cannotOpen() -> JournalError {
    .unavailable("the journal \(path) cannot be opened for writing: \(systemMessage(errno))")
  }

  private static let mode: mode_t = 0o600

  private static func resolved(_ path: String) -> String? {
    guard let resolved = realpath(path, nil) else { return nil }
    defer { free(resolved) }
    return String(cString: resolved)
  }
}
