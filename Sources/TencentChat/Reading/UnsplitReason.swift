/// Why a callback is carried whole, as one event of type `callback`. Where several hold, the first of these counts.
package enum UnsplitReason: String, Hashable, Sendable, CaseIterable {
  /// `CallbackCommand` in the body is not the command that the query names.
  case commandMismatch = "command_mismatch"
  /// The command is not in the catalogue.
  case unknownCommand = "unknown_command"
  /// A key that the gateway reads stands twice: `CallbackCommand`, the batch field, a field of the event.
  case duplicateKey = "duplicate_key"
  /// The batch field is not an array of what it should hold, or an item lacks an account.
  case batchShape = "batch_shape"
}
