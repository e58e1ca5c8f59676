/// Where the door's certificate and its key lie, both PEM; the certificate's file may hold the whole chain.
package struct TLSFiles: Hashable, Sendable {
  package var certificate: String
  package var key: String

  package init(certificate: String, key: String) {
    self.certificate = certificate
    self.key = key
  }
}
