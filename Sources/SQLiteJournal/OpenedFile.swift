import Foundation
import GatewayCore

/// The journal's file and its write-ahead log as they were opened, to be told from what their paths lead to later.
///
/// SQLite goes on with a file that has been removed or replaced, and what it commits there is gone when the process
/// ends. So the paths are looked at before each transaction that writes.
struct OpenedFile: Sendable {
  private let path: String
  private let log: String
  private let inode: Inode
  private let logInode: Inode

  /// To be called while SQLite has both open: their inodes are then given to no other.
  init(path: String) throws(JournalError) {
    let log = path + "-wal"
    guard let inode = Inode(path: path) else { throw Self.lost(path) }
    guard let logInode = Inode(path: log) else { throw Self.lost(log) }
    self.path = path
    self.log = log
    self.inode = inode
    self.logInode = logInode
  }

  func requireInPlace() throws(JournalError) {
    guard Inode(path: path) == inode else { throw Self.lost(path) }
    guard Inode(path: log) == logInode else { throw Self.lost(log) }
  }

  private static func lost(_ path: String) -> JournalError {
    .unavailable("the journal \(path) has been removed or replaced while in use; restart the gateway")
  }
}

/// What a file remains while its content changes.
private struct Inode: Hashable {
  let device: dev_t
  let number: ino_t

  /// Nil if there is no such file, or it may not be looked at.
  init?(path: String) {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    device = status.st_dev
    number = status.st_ino
  }
}
