import Foundation

/// A client's end of one TCP connection to this machine, for requests to the byte.
struct RawConnection: Sendable {
  enum Failure: Error { case socket(Int32), timedOut }

  private static let receiveTimeout = timeval(tv_sec: 20, tv_usec: 0)
  private let descriptor: Int32

  /// Makes a socket; it takes no further descriptor to connect it.
  init() throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    guard descriptor >= 0 else { throw Failure.socket(errno) }
    var timeout = Self.receiveTimeout
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
  }

  func connect(to port: Int) throws {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(port).bigEndian
    address.sin_addr = in_addr(s_addr: UInt32(0x7F00_0001).bigEndian)
    let result = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        Foundation.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard result == 0 else { throw Failure.socket(errno) }
  }

  func send(_ text: String) throws {
    let bytes = Array(text.utf8)
    guard Foundation.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count else {
      throw Failure.socket(errno)
    }
  }

  /// Everything up to the other side's end, or up to where `isComplete` is satisfied with it. A reset counts as the
  /// end.
  func receive(until isComplete: @escaping @Sendable (String) -> Bool = { _ in false }) async throws -> String {
    try await withCheckedThrowingContinuation { continuation in
      // On a thread of its own: waiting on one of the tasks' or of a queue could keep the server from answering.
      Thread.detachNewThread {
        continuation.resume(with: Result { try receiveBlocking(until: isComplete) })
      }
    }
  }

  func close() { Foundation.close(descriptor) }

  private func receiveBlocking(until isComplete: (String) -> Bool) throws -> String {
    var received: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = recv(descriptor, &buffer, buffer.count, 0)
      if count == 0 || (count < 0 && errno == ECONNRESET) { return String(decoding: received, as: UTF8.self) }
      guard count > 0 else { throw Failure.timedOut }
      received += buffer[..<count]
      let text = String(decoding: received, as: UTF8.self)
      if isComplete(text) { return text }
    }
  }
}

/// One answer, taken apart.
struct RawResponse: Hashable, Sendable {
  let status: Int
  /// Names in lower case.
  let headers: [String: String]
  let body: String

  init?(_ text: String) {
    guard let headEnd = text.range(of: "\r\n\r\n") else { return nil }
    let lines = text[..<headEnd.lowerBound].components(separatedBy: "\r\n")
    guard let status = lines.first?.split(separator: " ").dropFirst().first.flatMap({ Int($0) }) else { return nil }
    self.status = status
    headers = lines.dropFirst().reduce(into: [:]) { headers, line in
      let parts = line.split(separator: ":", maxSplits: 1)
      if parts.count == 2 { headers[parts[0].lowercased()] = parts[1].trimmingCharacters(in: .whitespaces) }
    }
    body = String(text[headEnd.upperBound...])
  }
}
