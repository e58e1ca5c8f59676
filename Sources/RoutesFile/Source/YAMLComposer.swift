import GatewayCore
import Yams

/// Turns the text of one file into nodes, its references resolved.
///
/// Scalars are not typed here: Yams is given no rules to guess types by, so `on`, `1_0` and `2026-01-01` stay what was
/// written and each reader decides.
struct YAMLComposer {
  let file: String
  let session: LoadSession
  private var keys: RepeatedKeys
  private var nodesLeft = RoutesLimits.nodesPerFile

  init(_ text: String, file: String, session: LoadSession) {
    self.file = file
    self.session = session
    keys = RepeatedKeys(text, file: file)
  }

  /// Nil, with the reason reported, if the text is not one YAML document.
  mutating func compose() -> SourceNode? {
    do {
      guard let root = try keys.compose() else {
        session.error(
          "the file is empty; it starts with \"version: 1\"", at: SourceLocation(file: file, line: 1, column: 1))
        return nil
      }
      return try node(root)
    } catch let error as YamlError {
      for (location, key) in keys.names { report(repeated: [key], at: location) }
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
      return SourceNode(location: location, content: .mapping(try entries(of: mapping)))
    case .alias:
      // The parser follows aliases itself; this case is for trees made by hand.
      return SourceNode(location: location, content: .null)
    }
  }

  /// Of a key that stands more than once the first counts, so that what else is wrong is found too.
  private mutating func entries(of mapping: Node.Mapping) throws -> [SourceEntry] {
    var entries: [SourceEntry] = []
    var places: [String: SourceLocation] = [:]
    for (key, value) in mapping {
      guard let entry = try entry(key, value) else { continue }
      if let earlier = places[entry.key] {
        session.error("the key \"\(entry.key)\" already stands at \(earlier); keep one", at: entry.location)
      } else {
        places[entry.key] = entry.location
        entries.append(entry)
      }
    }
    return entries
  }

  private mutating func entry(_ key: Node, _ value: Node) throws -> SourceEntry? {
    let keyLocation = location(key.mark)
    let value = try node(value)
    guard let key = key.scalar else {
      session.error("a key must be plain text, not a list or a mapping", at: keyLocation)
      return nil
    }
    let name = keys.name(of: key, at: keyLocation)
    if name == "<<", key.style == .plain {
      session.error("merge keys (\"<<\") are not supported; put what is shared into \"defaults\"", at: keyLocation)
      return nil
    }
    return SourceEntry(key: name, location: keyLocation, value: value)
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
