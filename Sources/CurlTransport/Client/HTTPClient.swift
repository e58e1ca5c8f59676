import CCurl
import Foundation
import Synchronization

/// Makes single requests for a command, each over a connection of its own on a thread of its own.
///
/// It is for a person's handful of requests, where `CurlTransport` is for deliveries. It goes by the same rules: TLS from
/// 1.2 on, verified by the system's authorities (`SSL_CERT_FILE` names others), no redirects, no proxies.
package struct HTTPClient: Sendable {
  /// The longest answer that is taken whole: an event's story can hold a callback of 4 MiB several times over.
  package static let maxAnswerBytes = 64 << 20

  /// Takes a piece of an answer; false ends the exchange.
  package typealias Receiver = @Sendable (ClientAnswer.Head, [UInt8]) -> Bool

  private let settings: TransferSettings

  package init(userAgent: String, environment: [String: String]) {
    settings = TransferSettings(userAgent: userAgent, connectionLifetime: .seconds(60), environment: environment)
  }

  /// The whole answer, whatever its status.
  package func answer(to request: ClientRequest) async throws(ClientFailure) -> ClientAnswer {
    let body = Collected()
    let head = try await stream(request) { _, piece in body.append(piece) }
    guard let bytes = body.bytes else { throw .tooLong(Self.maxAnswerBytes) }
    return ClientAnswer(head: head, body: bytes)
  }

  /// The same on the calling thread, which it holds up: for a program that has nothing else to do.
  package func answerWaiting(for request: ClientRequest) throws(ClientFailure) -> ClientAnswer {
    let body = Collected()
    let head = try ClientExchange(settings: settings) { _, piece in body.append(piece) }.run(request) { false }.get()
    guard let bytes = body.bytes else { throw .tooLong(Self.maxAnswerBytes) }
    return ClientAnswer(head: head, body: bytes)
  }

  /// Hands an answer's body over piece by piece, as it comes; while `receive` works the sender waits.
  ///
  /// - Returns: When the answer is at its end, or `receive` wants no more.
  package func stream(
    _ request: ClientRequest, receive: @escaping Receiver
  ) async throws(ClientFailure) -> ClientAnswer.Head {
    let isCancelled = CancellationFlag()
    let settings = settings
    let result: Result<ClientAnswer.Head, ClientFailure> = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        Thread.detachNewThread {
          let exchange = ClientExchange(settings: settings, receive: receive)
          continuation.resume(returning: exchange.run(request) { isCancelled.isSet })
        }
      }
    } onCancel: {
      isCancelled.set()
    }
    return try result.get()
  }

  private final class CancellationFlag: Sendable {
    private let flag = Atomic(false)

    var isSet: Bool { flag.load(ordering: .relaxed) }

    func set() { flag.store(true, ordering: .relaxed) }
  }

  private final class Collected: Sendable {
    /// Nil if it was too long.
    private let state = Mutex<[UInt8]?>([])

    var bytes: [UInt8]? { state.withLock { $0 } }

    /// False if it is too long.
    func append(_ piece: [UInt8]) -> Bool {
      state.withLock { bytes in
        guard (bytes?.count ?? 0) + piece.count <= HTTPClient.maxAnswerBytes else {
          bytes = nil
          return false
        }
        bytes?.append(contentsOf: piece)
        return true
      }
    }
  }
}
