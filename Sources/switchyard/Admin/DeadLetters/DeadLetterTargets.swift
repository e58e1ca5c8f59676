import ArgumentParser
import GatewayCore

/// The dead letters that are to be replayed or discarded.
struct DeadLetterTargets: ParsableArguments {
  static let maxIDs = 10_000

  @Argument(
    help: ArgumentHelp("Ids of dead letters, or of their events.", valueName: "id"), transform: IDArgument.deadLetter)
  var ids: [String] = []

  @OptionGroup var filter: DeadLetterFilter

  func validate() throws {
    guard !ids.isEmpty || !filter.isEmpty else {
      throw ValidationError("say which: by ids, or by --subscriber, --from, --to or --error; '--from 3650d' is all")
    }
    guard ids.count <= Self.maxIDs else { throw ValidationError("give at most \(Self.maxIDs) ids") }
  }

  /// - Parameter count: What was counted, if there are no ids. What is given up later is not meant: a replayed delivery
  ///   that fails at once would else be replayed again and again.
  func selection(now: Timestamp, upTo count: DeadLetterSweep.Count? = nil) -> AdminAPI.DeadLetterSelection {
    var selection = filter.selection(now: now)
    selection.ids = ids.isEmpty ? nil : ids
    let end = (count?.latest).map { $0 + .milliseconds(1) }
    let given = filter.to?.timestamp(now: now)
    selection.to = [end, given].compactMap(\.self).min()?.description
    return selection
  }
}
