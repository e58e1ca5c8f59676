extension AdminAPI {
  struct RoutesChange: Decodable, Sendable {
    struct Apps: Decodable, Sendable {
      var added: [Int64]
      var removed: [Int64]
      var changed: [Int64]
    }

    var dryRun: Bool
    var fingerprint: String
    var added: [String]
    var removed: [String]
    var changed: [String]
    var apps: Apps?
    var decisionsChanged: Bool?
    var warnings: [RoutesProblem]
  }

  struct Backup: Decodable, Sendable {
    var path: String
    var sizeBytes: Int
    var events: Int
    var durationSeconds: Double
  }
}
