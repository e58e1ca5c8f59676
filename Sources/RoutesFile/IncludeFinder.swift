import GatewayCore

/// Finds the files that `include` names: in the order of its items, the matches of a pattern in byte order, each once.
///
/// A pattern may match nothing; a plain name must be there. The routes file itself is passed over.
struct IncludeFinder {
  let mainFile: String
  let session: LoadSession

  struct Found {
    var path: String
    /// The item that names it.
    var location: SourceLocation
  }

  func files(in main: SourceNode) -> [Found] {
    guard let include = main.entry("include") else { return [] }
    let items = ValueReader(node: include.value, key: "include", session: session).list(nothingIsEmpty: true) ?? []
    var files: [Found] = []
    for item in items {
      guard let text = item.text() else { continue }
      let found =
        PathPattern.isPattern(text)
        ? session.files(matching: PathPattern(text, in: session.folder)) : [session.folder.absolute(text)]
      for path in found where path != mainFile && !files.contains(where: { $0.path == path }) {
        files.append(Found(path: path, location: item.node.location))
      }
      guard files.count <= RoutesLimits.includedFiles else {
        session.error("\"include\" names more than \(RoutesLimits.includedFiles) files", at: item.node.location)
        return []
      }
    }
    return files
  }
}
