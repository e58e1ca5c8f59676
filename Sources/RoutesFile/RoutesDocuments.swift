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
    if let file = Self.file(at: absolute, named: path, askedAt: nil, session: session) {
      files.append(file)
      main = Self.document(of: file, session: session)
    }
    if let main {
      for found in IncludeFinder(mainFile: absolute, session: session).files(in: main) {
        let name = session.folder.shown(found.path)
        guard let file = Self.file(at: found.path, named: name, askedAt: found.location, session: session) else {
          continue
        }
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

  /// - Parameter place: What includes it; nil for the routes file itself.
  private static func file(
    at path: String, named name: String, askedAt place: SourceLocation?, session: LoadSession
  ) -> LastGoodCopy.File? {
    do {
      return LastGoodCopy.File(
        name: name, text: try session.text(ofFileAt: path, limit: RoutesLimits.fileSize))
    } catch {
      if let place {
        session.error("the included file \(name) cannot be read: \(error.reason)", at: place)
      } else {
        session.error("the file cannot be read: \(error.reason)", at: SourceLocation(file: name))
      }
      return nil
    }
  }

  private static func document(of file: LastGoodCopy.File, session: LoadSession) -> SourceNode? {
    var composer = YAMLComposer(file.text, file: file.name, session: session)
    return composer.compose()
  }
}
