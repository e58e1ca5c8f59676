import Foundation

/// What a browser posts to sign in: `application/x-www-form-urlencoded` with a field named `token`.
struct SignInForm: Hashable, Sendable {
  let token: String

  /// Nil where there is no such field, or it cannot be decoded.
  init?(_ body: String) {
    for field in body.split(separator: "&") {
      let parts = field.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2, parts[0] == "token" else { continue }
      guard let decoded = parts[1].replacing("+", with: " ").removingPercentEncoding else { return nil }
      // As token files are read: a pasted line break is not a part of it.
      token = decoded.trimmingCharacters(in: .whitespacesAndNewlines)
      return
    }
    return nil
  }
}
