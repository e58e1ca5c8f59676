/// The id of one event: its batch's id, a hyphen, and its place in the batch from 0.
///
/// It is the same for every subscriber, attempt, restart and replay.
package struct EventID: Hashable, Sendable, CustomStringConvertible {
  package let batch: BatchID
  package let index: Int

  package init(batch: BatchID, index: Int) {
    self.batch = batch
    self.index = index
  }

  package init?(_ text: String) {
    guard let hyphen = text.lastIndex(of: "-"), let batch = BatchID(text[..<hyphen]),
      let index = Int(text[text.index(after: hyphen)...]), index >= 0
    else { return nil }
    self.init(batch: batch, index: index)
  }

  package var description: String { "\(batch)-\(index)" }
}
