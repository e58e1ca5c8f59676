/// What has been received so far.
struct ReceiveTally: Hashable, Sendable {
  private(set) var received = 0
  private(set) var accepted = 0
  private(set) var unsigned = 0
  private(set) var failed = 0

  mutating func count(_ receipt: Receipt) {
    received += 1
    if !receipt.verdict.isAcceptable {
      unsigned += 1
    } else if receipt.status == Misbehaviour.okStatus {
      accepted += 1
    } else {
      failed += 1
    }
  }

  var text: String {
    var text = "received \(received): \(accepted) ok"
    if failed > 0 { text.append(", \(failed) failed on purpose") }
    if unsigned > 0 { text.append(", \(unsigned) without a right signature") }
    return text
  }
}
