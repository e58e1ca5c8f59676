/// What the program says of itself.
enum Product {
  static let version = "0.1.0"
  /// What all requests of the gateway carry.
  static let userAgent = "Switchyard/\(version)"
}
