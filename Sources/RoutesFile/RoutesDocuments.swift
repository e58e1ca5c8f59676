import GatewayCore

/// The routes file and its includes, parsed.
struct RoutesDocuments {
  /// Nil if it could not be read or parsed, which the session then knows.
  private(set) var main: SourceNode?
  private(set) var includes: [SourceNode] = []
  let copy: LastGoodCopy

  /// Reads them from disk.
  init(path: String, session: LoadSession) {
    let absolute = RoutesFolder.absoluteFile(path)
    var files: [LastGoodCopy.File] = []
    if let file = Self.file(at: absolute, named: path, session: session) {
      files.append(file)
      main = Self.document(of: file, session: session)
    }
    if let main {
      for path in IncludeFinder(mainFile: absolute, session: session).paths(in: main) {
        guard let file = Self.file(at: path, named: session.folder.shown(path), session: session) else { continue }
        files.append(file)
        if let document = Self.document(of: file, session: session) { includes.append(document) }
      }
    }
    copy = LastGoodCopy(folder: session.folder, files: files)
  }

  /// Takes them from the copy; the references in them are resolved anew.
  init(copy: LastGoodCopy, session: LoadSession) {
    self.copy = copy
    main = copy.files.first.flatMap { Self.document(of: $0, session: session) }
    includes = copy.files.dropFirst().compactMap { Self.document(of: $0, session: session) }
  }

  private static func file(at path: String, named name: String, session: LoadSession) -> LastGoodCopy.File? {
    do {
      return LastGoodCopy.File(
        name: name, text: try session.text(ofFileAt: path, limit: RoutesLimits.fileSize))
    } catch {
      session.error("the file cannot be read: \(error.reason)", at: SourceLocation(file: name))
      return nil
    }
  }

  private static func document(of file: LastGoodCopy.File, session: LoadSession) -> SourceNode? {
    var composer = YAMLComposer(file.text, file: file.name, session: session)
    return composer.compose()
  }
}
