package import NIOCore
import NIOHTTP1
import TencentChat

/// One answer of the door, always in Tencent's own shape.
package struct CallbackAnswer: Sendable {
  /// What the last field says of the connection.
  package enum Connection: Sendable {
    case unstated
    case close
    /// What an HTTP/1.0 client needs to hear.
    case keepAlive
  }

  package let status: Int
  package let body: [UInt8]

  /// 200 with a command's own reply.
  package init(reply: [UInt8]) {
    status = 200
    body = reply
  }

  package init(_ refusal: Refusal) {
    status = refusal.status
    body = CallbackReply.fail(refusal.sentence)
  }

  /// What the console's probe is told.
  package static let probe = CallbackAnswer(reply: CallbackReply.ok)

  /// The answer as it goes over the wire.
  ///
  /// - Parameter withoutBody: For `HEAD`: the same fields, and nothing behind them.
  package func encoded(date: String, connection: Connection, withoutBody: Bool, allocator: ByteBufferAllocator)
    -> ByteBuffer
  {
    var buffer = allocator.buffer(capacity: Self.headSizeEstimate + body.count)
    buffer.writeString(Self.statusLine(status))
    buffer.writeStaticString("Content-Type: application/json\r\nContent-Length: ")
    buffer.writeString(String(body.count))
    buffer.writeStaticString("\r\nDate: ")
    buffer.writeString(date)
    if status == 405 { buffer.writeStaticString("\r\nAllow: GET, HEAD, POST") }
    switch connection {
    case .unstated: break
    case .close: buffer.writeStaticString("\r\nConnection: close")
    case .keepAlive: buffer.writeStaticString("\r\nConnection: keep-alive")
    }
    buffer.writeStaticString("\r\n\r\n")
    if !withoutBody { buffer.writeBytes(body) }
    return buffer
  }

  private static let headSizeEstimate = 192

  private static func statusLine(_ status: Int) -> String {
    status == 200
      ? "HTTP/1.1 200 OK\r\n" : "HTTP/1.1 \(status) \(HTTPResponseStatus(statusCode: status).reasonPhrase)\r\n"
  }
}
