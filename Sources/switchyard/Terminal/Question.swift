import ArgumentParser
import Foundation

/// Asks whoever sits at the terminal before something that cannot be taken back, or that goes out to others.
struct Question {
  /// What would be done, as a sentence.
  let consequence: String
  /// What has to be typed: `yes`, or something that shows that the sentence was read.
  var answer = "yes"

  /// - Throws: `ValidationError` where nobody can be asked, `CommandFailure` where the answer is another.
  func ask() throws {
    guard Terminal.canAsk else {
      throw ValidationError("\(consequence.printable) Nobody is there to be asked; say --yes if that is meant")
    }
    LineWriter.standardError.tell(consequence)
    FileHandle.standardError.write(Data("Type \(answer.printable) to go on: ".utf8))
    guard let line = readLine(), line.trimmingCharacters(in: .whitespaces) == answer else {
      throw CommandFailure("that was not \(answer); nothing was done")
    }
  }
}
