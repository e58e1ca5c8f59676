import ArgumentParser
import ChatSimulator

/// The flags for what Tencent's documents do not say.
struct SimulateChoicesOptions: ParsableArguments {
  /// `--delete-type`.
  enum Deletion: String, ExpressibleByArgument, CaseIterable { case single, both }

  @Flag(help: "Post a callback without pairs when no row has succeeded.")
  var emptyCallback = false

  @Flag(help: "Post Sns.CallbackFriendDelete too when a block ends a friendship.")
  var dissolveCallback = false

  @Option(help: ArgumentHelp("What friend_delete does without a DeleteType.", valueName: "single|both"))
  var deleteType = Deletion.single

  @Flag(help: "Tell of a friendship that begins both ways by two pairs.")
  var mirrorAdds = false

  @Option(
    help: ArgumentHelp("How long a callback comes behind its answer, such as 50ms.", valueName: "duration"),
    transform: Duration.argument)
  var callbackDelay: Duration?

  @Option(help: ArgumentHelp("How many pairs a callback has at most; default: no limit.", valueName: "number"))
  var chunk: Int?

  func validate() throws {
    guard chunk.map({ $0 > 0 }) ?? true else { throw ValidationError("--chunk must be 1 or more pairs") }
  }

  var choices: SimulatorChoices {
    var choices = SimulatorChoices()
    choices.postsEmptyCallbacks = emptyCallback
    choices.postsDissolvedFriendships = dissolveCallback
    choices.deleteType = deleteType == .both ? .both : .single
    choices.mirrorsAdditions = mirrorAdds
    choices.pairsPerCallback = chunk
    return choices
  }
}
