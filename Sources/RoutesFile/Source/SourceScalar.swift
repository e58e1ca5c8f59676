/// A single value as it stands in the file, and what its references make of it.
struct SourceScalar: Sendable {
  enum Value: Sendable {
    case text(String)
    /// A reference is not there; the sentence says which, and what to do.
    case missing(String)
  }

  let written: String
  let isQuoted: Bool
  let value: Value

  var hasReference: Bool { written.contains("${") }

  /// What a problem may quote: never what a reference stands for, and nothing that looks like a secret.
  var shown: String {
    if ["whsec_", "whsk_", "whpk_"].contains(where: written.contains) { return "•••" }
    let limit = 60
    let line = written.map { $0.isNewline ? " " : String($0) }.joined()
    return line.count > limit ? line.prefix(limit) + "…" : line
  }
}
