import GatewayCore
import Yams

/// Turns the text of one file into nodes, its references resolved.
///
/// Scalars are not typed here: Yams is given no rules to guess types by, so `on`, `1_0` and `2026-01-01` stay what was
/// written and each reader decides.
struct YAMLComposer {
  let file: String
  let session: LoadSession
  private var nodesLeft = RoutesLimits.nodesPerFile

  init(file: String, session: LoadSession) {
    self.file = file
    self.session = session
  }

  /// Nil, with the reason reported, if it is not one YAML document.
  mutating func compose(_ text: String) -> SourceNode? {
    do {
      // Without an encoding Yams asks the environment for one.
      guard let root = try Yams.compose(yaml: text, .basic, .default, .utf8) else {
        session.error("the file is empty; it starts with \"version: 1\"", at: SourceLocation(file: file))
        return nil
      }
      return try node(root)
    } catch let error as YamlError {
      report(error)
    } catch {
      session.error(
        "the file has more than \(RoutesLimits.nodesPerFile) values, counting each use of an alias; split it with "
          + "\"include\"", at: SourceLocation(file: file))
    }
    return nil
  }

  private struct TooManyNodes: Error {}

  private mutating func node(_ node: Node) throws -> SourceNode {
    nodesLeft -= 1
    guard nodesLeft >= 0 else { throw TooManyNodes() }
    let location = location(node.mark)
    switch node {
    case .scalar(let scalar):
      return SourceNode(location: location, content: content(of: scalar, at: location))
    case .sequence(let items):
      rejectTag(items.tag, at: location)
      return SourceNode(location: location, content: .sequence(try items.map { try self.node($0) }))
    case .mapping(let mapping):
      rejectTag(mapping.tag, at: location)
      return SourceNode(location: location, content: .mapping(try mapping.compactMap { try entry($0.key, $0.value) }))
    case .alias:
      // The parser follows aliases itself; this case is for trees made by hand.
      return SourceNode(location: location, content: .null)
    }
  }

  private mutating func entry(_ key: Node, _ value: Node) throws -> SourceEntry? {
    let keyLocation = location(key.mark)
    let value = try node(value)
    guard let key = key.scalar else {
      session.error("a key must be plain text, not a list or a mapping", at: keyLocation)
      return nil
    }
    if key.string == "<<", key.style == .plain {
      session.error("merge keys (\"<<\") are not supported; put what is shared into \"defaults\"", at: keyLocation)
      return nil
    }
    return SourceEntry(key: key.string, location: keyLocation, value: value)
  }

  private func content(of scalar: Node.Scalar, at location: SourceLocation) -> SourceNode.Content {
    let isPlain = scalar.style == .plain
    if isPlain { rejectTag(scalar.tag, at: location) }
    if isPlain, ["", "~", "null", "Null", "NULL"].contains(scalar.string) { return .null }
    return .scalar(
      SourceScalar(
        written: scalar.string, isQuoted: !isPlain, value: ReferenceResolver(session: session).resolve(scalar.string)))
  }

  private func rejectTag(_ tag: Tag, at location: SourceLocation) {
    guard !tag.rawValue.isEmpty else { return }
    session.error("YAML tags such as \"!!str\" are not supported; remove it, or put the value in quotes", at: location)
  }

  func location(_ mark: Mark?) -> SourceLocation {
    SourceLocation(file: file, line: mark?.line, column: mark?.column)
  }
}
