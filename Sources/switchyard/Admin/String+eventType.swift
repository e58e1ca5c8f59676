import GatewayCore

extension String {
  /// Without what all types of events begin with.
  var shortEventType: String { hasPrefix(EventType.prefix) ? String(dropFirst(EventType.prefix.count)) : self }
}
