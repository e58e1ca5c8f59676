import Foundation

/// Ends the process as a finding if something does not hold that should.
///
/// - Parameters:
///   - sentence: What should hold.
///   - seen: What was there instead.
package func require(_ holds: Bool, _ sentence: String, _ seen: @autoclosure () -> String = "") {
  if holds { return }
  FileHandle.standardError.write(Data("\nFOUND: it does not hold that \(sentence). \(seen())\n".utf8))
  abort()
}
