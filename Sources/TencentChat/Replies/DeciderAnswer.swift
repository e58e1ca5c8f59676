package import GatewayCore

/// What a decider has answered, as far as it matters whether Tencent can be given it.
package enum DeciderAnswer {
  private static let codeKey: JSONKey = "ErrorCode"

  /// Why an answer cannot be passed on, as a clause that holds nothing of it; nil if it can: the status is 200, and the
  /// body is one JSON object with one `ErrorCode`, a whole number.
  package static func refusal(of answer: AttemptResult.Answer?, status: Int?) -> String? {
    guard let answer, status == 200 else { return "the status was \(status.map(String.init) ?? "none"), not 200" }
    guard !answer.isCut else { return "the answer is too long" }
    let body: CallbackBody
    do { body = try CallbackBody(answer.body) } catch { return "the answer is not one JSON object: it has \(error)" }
    let codes = body.values(of: codeKey)
    guard codes.count == 1, isWholeNumber(answer.body[codes[0]]) else {
      return "the answer has not one `ErrorCode` that is a whole number"
    }
    return nil
  }

  private static func isWholeNumber(_ text: ArraySlice<UInt8>) -> Bool {
    let digits = text.first == ASCII.minus ? text.dropFirst() : text
    return !digits.isEmpty && digits.allSatisfy(ASCII.isDigit)
  }
}
