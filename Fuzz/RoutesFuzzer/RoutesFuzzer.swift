import FuzzDriver
import GatewayCore
import OrderedCollections

@testable import RoutesFile

/// A routes file, an included file, a list of addresses and a file that is referred to, in a folder of their own.
///
/// A file that is good means the same when it is read again, and from the copy that the journal keeps of it. All that is
/// said of one that is not has its place in the text, and gives nothing away.
@main
enum RoutesFuzzer: Fuzzer {
  static func check(_ input: [UInt8]) {
    guard let files = RoutesFiles(input) else { return }
    let folder = RoutesFuzzFolder.shared
    folder.write(files)
    let loader = RoutesFuzzFolder.loader
    var problems: [RoutesProblem]
    do {
      let loaded = try loader.load(path: folder.routes)
      problems = loaded.warnings
      require(!problems.contains { $0.severity == .error }, "a file with errors is not good")
      checkAgain(loaded)
      GoodRoutesCheck.check(loaded.routes)
      for path in loaded.watched {
        require(path.hasPrefix(folder.path + "/"), "nothing beyond the folder is looked at", path)
      }
    } catch {
      problems = error.problems
      require(problems.contains { $0.severity == .error }, "a file that is refused has an error")
      problems += checkBrokenCopy(of: files)
    }
    ProblemCheck(files).check(problems)
  }

  private static func checkAgain(_ loaded: LoadedRoutes) {
    let loader = RoutesFuzzFolder.loader
    do {
      let again = try loader.load(path: RoutesFuzzFolder.shared.routes)
      require(again.routes == loaded.routes && again.copy == loaded.copy, "a file says the same again")
      require(again.warnings == loaded.warnings, "a file is warned about alike", "\(again.warnings)")
      let copied = try loader.load(copy: loaded.copy)
      require(copied.routes == loaded.routes, "the copy says the same", "\(copied.routes)")
    } catch {
      require(false, "a good file stays good", "\(error.problems)")
    }
  }

  /// What is said of these files when they are what the journal holds, and have become bad since.
  private static func checkBrokenCopy(of files: RoutesFiles) -> [RoutesProblem] {
    let folder = RoutesFuzzFolder.shared
    let names = [(folder.routes, files.routes), (folder[RoutesFiles.included], files.included)]
    let copy = LastGoodCopy(
      folder: RoutesFolder(ofFileAt: folder.routes),
      files: names.compactMap { name, text in text.map { LastGoodCopy.File(name: name, text: withoutMark($0)) } })
    do {
      let loaded = try RoutesFuzzFolder.loader.load(copy: copy.encoded)
      let both = loaded.routes.subscribers.keys.filter { loaded.routes.misconfigured.keys.contains($0) }
      require(both.isEmpty, "a subscriber either works or does not", "\(both)")
      GoodRoutesCheck.check(loaded.routes)
      return loaded.warnings
    } catch {
      return error.problems
    }
  }

  /// A copy holds no byte order mark.
  private static func withoutMark(_ text: String) -> String {
    text.unicodeScalars.first == "\u{FEFF}" ? String(text.unicodeScalars.dropFirst()) : text
  }
}
