/// The callback door cannot open. Its text is one sentence for the operator.
package enum CallbackServerError: Error, CustomStringConvertible {
  /// The address cannot be bound.
  case cannotListen(address: String, reason: String)
  /// The certificate or its key cannot be used.
  case badCertificate(String)
  /// It was started before.
  case startedTwice

  package var description: String {
    switch self {
    case .cannotListen(let address, let reason):
      "The callback door cannot listen on \(address): \(reason). Choose another address with --listen."
    case .badCertificate(let sentence): sentence
    case .startedTwice: "The callback door was already started; make a new one."
    }
  }
}
