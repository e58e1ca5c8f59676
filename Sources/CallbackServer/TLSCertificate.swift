import GatewayCore
package import Logging
import NIOCore
package import NIOSSL
import Synchronization

/// The certificate and key the door shows to new connections, read again whenever their files change.
///
/// A pair that cannot be used is logged and changes nothing: the last good one stays.
package final class TLSCertificate: Sendable {
  /// How often the files are looked at.
  package static let interval: Duration = .milliseconds(500)

  private struct State {
    var context: NIOSSLContext
    var identities: [FileIdentity?]
  }

  private let files: TLSFiles
  private let logger: Logger
  private let state: Mutex<State>

  /// - Throws: `CallbackServerError.badCertificate`.
  package init(files: TLSFiles, logger: Logger) throws(CallbackServerError) {
    self.files = files
    self.logger = logger
    let identities = Self.identities(of: files)
    state = Mutex(State(context: try Self.load(files), identities: identities))
  }

  package var context: NIOSSLContext { state.withLock { $0.context } }

  /// Looks at the files until the task is cancelled.
  package func watch() async {
    while (try? await Task.sleep(for: Self.interval)) != nil { reloadIfChanged() }
  }

  package func reloadIfChanged() {
    // Looked at before they are read: what changes in between is seen next time.
    let identities = Self.identities(of: files)
    guard identities != state.withLock({ $0.identities }) else { return }
    do throws(CallbackServerError) {
      let context = try Self.load(files)
      state.withLock { $0 = State(context: context, identities: identities) }
      logger.info("TLS certificate changed", metadata: ["file": "\(files.certificate)"])
    } catch {
      state.withLock { $0.identities = identities }
      logger.error(
        "the changed TLS certificate cannot be used; the last good one stays", metadata: ["error": "\(error)"])
    }
  }

  private static func identities(of files: TLSFiles) -> [FileIdentity?] {
    [FileIdentity(path: files.certificate), FileIdentity(path: files.key)]
  }

  private static func load(_ files: TLSFiles) throws(CallbackServerError) -> NIOSSLContext {
    let chain: [NIOSSLCertificate]
    do { chain = try NIOSSLCertificate.fromPEMFile(files.certificate) } catch {
      throw .badCertificate("The file \(files.certificate) holds no readable PEM certificate; check --tls-certificate.")
    }
    let key: NIOSSLPrivateKey
    do { key = try NIOSSLPrivateKey(file: files.key, format: .pem) } catch {
      throw .badCertificate("The file \(files.key) holds no readable PEM private key; check --tls-key.")
    }
    var configuration = TLSConfiguration.makeServerConfiguration(
      certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
    configuration.minimumTLSVersion = .tlsv12
    configuration.applicationProtocols = ["http/1.1"]
    configuration.shutdownTimeout = .seconds(1)
    do { return try NIOSSLContext(configuration: configuration) } catch {
      throw .badCertificate(
        "The private key in \(files.key) does not belong to the certificate in \(files.certificate).")
    }
  }
}
