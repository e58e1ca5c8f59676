import CCurl
import Foundation
package import GatewayCore
package import Logging

/// Sends requests over libcurl: HTTP/1.1 with kept connections, TLS 1.2 or later, no redirect followed.
///
/// Each of its threads runs one `TransferLoop`, and all requests to one host and port go to the same thread, so that
/// they share its connections. Nothing waits inside for anything but names: who sends bounds what is in flight.
///
/// `shutdown` must be called before the last reference goes, and not from a completion.
package final class CurlTransport: Transport {
  private let mailboxes: [Mailbox]
  private let authorities = AuthorityTable()
  private let resolver: Resolver
  private let running = DispatchGroup()

  /// - Parameters:
  ///   - userAgent: What `User-Agent` says unless a request has its own.
  ///   - threads: One is enough for tens of thousands of requests a second.
  ///   - connectionLifetime: In whole seconds: a connection this old is not used again, so that a name's new addresses
  ///     come into use even where the old ones go on working.
  ///   - environment: `SSL_CERT_FILE` names the certificate authorities to trust instead of the system's.
  package init(
    userAgent: String, threads: Int, logger: Logger, resolver: Resolver = Resolver(),
    connectionLifetime: Duration = .seconds(300),
    environment: [String: String] = ProcessInfo.processInfo.environment
  ) {
    precondition(threads > 0, "a transport needs a thread")
    precondition(Self.libraryIsReady, "libcurl cannot start")
    let settings = TransferSettings(
      userAgent: userAgent, connectionLifetime: connectionLifetime, environment: environment)
    if !FileManager.default.isReadableFile(atPath: settings.authoritiesFile) {
      logger.warning(
        "cannot read the certificate authorities; https subscribers will fail",
        metadata: ["file": "\(settings.authoritiesFile)"])
    }
    self.resolver = resolver
    mailboxes = (0..<threads).map { _ in Mailbox() }
    for mailbox in mailboxes {
      let thread = Thread { [resolver, running] in
        TransferLoop(mailbox: mailbox, resolver: resolver, settings: settings).run()
        running.leave()
      }
      thread.name = "transport"
      running.enter()
      thread.start()
    }
  }

  deinit { stop() }

  /// After `shutdown` the completion is called at once, on the caller's thread.
  package func send(_ request: OutboundRequest, completion: @escaping @Sendable (AttemptResult) -> Void) {
    let authority = authorities.authority(of: request.endpoint.url)
    let submission = Submission(request: request, authority: authority, startedAt: .now, completion: completion)
    let mailbox = mailboxes[
      mailboxes.count == 1 ? 0 : Int(UInt(bitPattern: authority.hashValue) % UInt(mailboxes.count))]
    if !mailbox.post(.send(submission)) { completion(submission.ended(.other, TransferLoop.stopping)) }
  }

  /// The doors that this gateway itself listens on: no request is ever sent to them. A wildcard address, or a name,
  /// stands for every address of this machine. Holds for whatever is sent from now on, and replaces the doors before.
  package func refuse(doors: [(address: String, port: Int)]) {
    let policy = AddressPolicy(doors: doors.map { AddressPolicy.Door(address: IPAddress($0.address), port: $0.port) })
    for mailbox in mailboxes { _ = mailbox.post(.apply(policy)) }
  }

  package func cut(_ group: RequestGroup) {
    for mailbox in mailboxes { _ = mailbox.post(.cut(group)) }
  }

  /// Ends everything under way with the outcome `other`, and returns when every completion has been called and the
  /// threads are gone. A name lookup that hangs is left behind.
  package func shutdown() {
    stop()
    running.wait()
  }

  private func stop() {
    for mailbox in mailboxes { mailbox.close() }
    resolver.stop()
  }

  /// Done once in the life of the process.
  private static let libraryIsReady = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK
}
