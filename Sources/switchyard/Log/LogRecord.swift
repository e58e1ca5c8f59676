import GatewayCore
import Logging

/// One log line's facts, before they become text or JSON.
struct LogRecord {
  var time: Timestamp
  var level: Logger.Level
  var message: String
  /// In the order of the keys, since swift-log keeps none.
  var metadata: [(key: String, value: Logger.MetadataValue)]

  init(time: Timestamp, level: Logger.Level, message: String, metadata: Logger.Metadata) {
    self.time = time
    self.level = level
    self.message = message
    self.metadata = metadata.sorted { $0.key < $1.key }
  }
}
