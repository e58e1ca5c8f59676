/// Knows what a callback carries that is sent on as it came, and what answer says that it was taken.
package protocol Forwarder: Sendable {
  /// The query to send a callback on with.
  ///
  /// - Parameters:
  ///   - query: As it came, less its credentials: that of a `CallbackRecord`.
  ///   - token: What it is signed anew with, for this moment; nil: it goes without credentials.
  func query(_ query: String, token: Secret?, now: Timestamp) -> String

  /// Why an answer of 2xx does not say that the callback was taken, as a sentence for the operator that holds nothing of
  /// the answer's body; nil if it does.
  func refusal(in answer: AttemptResult.Answer, status: Int) -> String?
}
