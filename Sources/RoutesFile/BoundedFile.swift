import Foundation
import GatewayCore

/// A regular file that is read whole if it is not too large.
struct BoundedFile {
  let path: String
  let limit: ByteSize

  /// Its content as UTF-8 text.
  func text() throws(UnreadableFile) -> String {
    guard let text = String(validating: try bytes(), as: UTF8.self) else {
      throw UnreadableFile(reason: "it is not UTF-8 text")
    }
    // The byte order mark that some editors write is not part of what they were given.
    return text.hasPrefix("\u{FEFF}") ? String(text.unicodeScalars.dropFirst()) : text
  }

  func bytes() throws(UnreadableFile) -> [UInt8] {
    // Without O_NONBLOCK the opening of a named pipe would wait for a writer.
    let descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else { throw UnreadableFile(errno: errno) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw UnreadableFile(errno: errno) }
    guard status.st_mode & S_IFMT == S_IFREG else { throw UnreadableFile(reason: "it is not a regular file") }
    return try bytes(from: descriptor)
  }

  private func bytes(from descriptor: Int32) throws(UnreadableFile) -> [UInt8] {
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = Foundation.read(descriptor, &chunk, chunk.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw UnreadableFile(errno: errno) }
      guard count > 0 else { return bytes }
      bytes += chunk[..<count]
      guard bytes.count <= limit.bytes else { throw UnreadableFile(reason: "it is larger than \(limit.text)") }
    }
  }
}

/// Why a file could not be read, as the end of a sentence.
struct UnreadableFile: Error {
  let reason: String

  init(reason: String) { self.reason = reason }

  init(errno code: Int32) { reason = String(cString: strerror(code)) }
}
