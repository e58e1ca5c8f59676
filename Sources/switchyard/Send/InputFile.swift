import Foundation

/// Reads a file that somebody names on the command line, up to a limit.
enum InputFile {
  /// What stands for standard input.
  static let standardInput = "-"

  /// - Throws: `CommandFailure` when it cannot be read or is larger than `limit` bytes.
  static func read(path: String, limit: Int) throws -> [UInt8] {
    let handle: FileHandle
    if path == standardInput {
      handle = .standardInput
    } else if let opened = FileHandle(forReadingAtPath: path) {
      handle = opened
    } else {
      throw CommandFailure("cannot read \(path): \(String(cString: strerror(errno))); name a file that can be read")
    }
    do {
      return try bytes(of: handle, named: path, limit: limit)
    } catch let failure as CommandFailure {
      throw failure
    } catch {
      throw CommandFailure("cannot read \(path); name a regular file")
    }
  }

  private static func bytes(of handle: FileHandle, named path: String, limit: Int) throws -> [UInt8] {
    var bytes: [UInt8] = []
    // A pipe gives what it has, not what is asked for.
    while bytes.count <= limit, let piece = try handle.read(upToCount: limit + 1 - bytes.count), !piece.isEmpty {
      bytes += piece
    }
    guard bytes.count <= limit else {
      throw CommandFailure("\(path) is larger than \(limit) bytes; give a smaller one")
    }
    return bytes
  }
}
