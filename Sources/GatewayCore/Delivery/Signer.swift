/// Signs deliveries by Standard Webhooks 1.0.0 with all the secrets of one subscriber.
package protocol Signer: Sendable {
  /// The value of `webhook-signature`: one signature per secret, separated by spaces, over `id.timestamp.body`.
  ///
  /// - Parameter timestamp: Unix seconds of this attempt.
  func signature(id: String, timestamp: Int64, body: [UInt8]) -> String
}

/// Makes the signer of a subscriber from its secrets.
package protocol SignerFactory: Sendable {
  /// - Throws: `SecretError` when one of them is neither a good `whsec_…` nor a good `whsk_…` secret.
  func signer(for secrets: [Secret]) throws(SecretError) -> any Signer
  /// Checks one secret without keeping it.
  func validate(_ secret: Secret) throws(SecretError)
}

/// A secret is not one. The text never contains it.
package struct SecretError: Error, CustomStringConvertible {
  package let description: String

  package init(_ description: String) { self.description = description }
}
