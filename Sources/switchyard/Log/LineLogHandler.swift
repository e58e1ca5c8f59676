import GatewayCore
import Logging

/// Writes every log event as one line, as text or as JSON.
///
/// Metadata of the call wins over the provider's, and that over the logger's. An error given with the event becomes
/// `error.message` and `error.type`.
struct LineLogHandler: LogHandler {
  var metadata: Logger.Metadata = [:]
  var metadataProvider: Logger.MetadataProvider?
  var logLevel: Logger.Level

  private let format: LogFormat
  private let output: LineWriter
  private let clock: WallClock

  init(format: LogFormat, level: Logger.Level, output: LineWriter, clock: @escaping WallClock) {
    self.format = format
    self.logLevel = level
    self.output = output
    self.clock = clock
  }

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    let record = LogRecord(
      time: clock(), level: event.level, message: event.message.description, metadata: allMetadata(of: event))
    output.write(format == .json ? record.json : record.text)
  }

  private func allMetadata(of event: LogEvent) -> Logger.Metadata {
    var all = metadata
    if let provided = metadataProvider?.get() { all.merge(provided) { $1 } }
    if let given = event.metadata { all.merge(given) { $1 } }
    if let error = event.error {
      all["error.message"] = "\(error)"
      all["error.type"] = "\(String(reflecting: type(of: error)))"
    }
    return all
  }
}
