import GatewayCore

/// Finds the files that `include` names: in the order of its items, the matches of a pattern in byte order, each once.
///
/// A pattern may match nothing; a plain name must be there. The routes file itself is passed over.
struct IncludeFinder {
  let mainFile: String
  let session: LoadSession

  func paths(in main: SourceNode) -> [String] {
    guard let include = main.entry("include") else { return [] }
    let items = ValueReader(node: include.value, key: "include", session: session).list(nothingIsEmpty: true) ?? []
    var paths: [String] = []
    for item in items {
      guard let text = item.text() else { continue }
      let found =
        PathPattern.isPattern(text)
        ? session.files(matching: PathPattern(text, in: session.folder)) : [session.folder.absolute(text)]
      paths += found.filter { $0 != mainFile && !paths.contains($0) }
      guard paths.count <= RoutesLimits.includedFiles else {
        session.error("\"include\" names more than \(RoutesLimits.includedFiles) files", at: item.node.location)
        return []
      }
    }
    return paths
  }
}
