import Foundation

/// The file system that a folder is on.
struct Volume {
  /// Bytes free to us, and bytes in all.
  var free: Int
  var size: Int

  /// Nil if there is no such folder, or it may not be looked at; `errno` tells why.
  init?(holding folder: String) {
    var status = statvfs()
    guard statvfs(folder, &status) == 0 else { return nil }
    free = Int(status.f_bavail) * Int(status.f_frsize)
    size = Int(status.f_blocks) * Int(status.f_frsize)
  }
}
