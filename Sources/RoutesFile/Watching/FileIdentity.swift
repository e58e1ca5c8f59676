import Foundation

/// What tells whether a path leads to the same file with the same content as before, symbolic links followed.
struct FileIdentity: Hashable, Sendable {
  private let device: UInt64
  private let inode: UInt64
  private let size: Int64
  /// The times' own bytes: they are compared for equality alone.
  private let modified: [UInt8]
  private let changed: [UInt8]

  /// Nil if nothing is there that can be looked at.
  init?(path: String) {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    device = UInt64(status.st_dev)
    inode = UInt64(status.st_ino)
    size = Int64(status.st_size)
    modified = withUnsafeBytes(of: &status.st_mtim) { Array($0) }
    changed = withUnsafeBytes(of: &status.st_ctim) { Array($0) }
  }
}
