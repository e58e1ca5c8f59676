import Foundation
import GatewayCore
import Testing

@testable import RoutesFile

@Suite("The JSON Schema of routes files")
struct RoutesSchemaTests {
  private static func schema() throws -> [String: Any] {
    let root = URL(filePath: #filePath).appending(path: "../../../Sources/RoutesSchema/Resources/routes.schema.json")
    let object = try JSONSerialization.jsonObject(with: Data(contentsOf: root.standardized))
    return try #require(object as? [String: Any])
  }

  /// What stands at a path of keys, references followed.
  private static func node(_ path: String...) throws -> [String: Any] {
    let schema = try schema()
    var node = schema
    for key in path {
      node = try #require(node[key] as? [String: Any], "\(path) has no \(key)")
      while let reference = node["$ref"] as? String {
        let definitions = try #require(schema["$defs"] as? [String: Any])
        node = try #require(definitions[String(reference.dropFirst("#/$defs/".count))] as? [String: Any])
      }
    }
    return node
  }

  private static func keys(_ node: [String: Any]) throws -> Set<String> {
    #expect(node["additionalProperties"] as? Bool == false)
    return Set(try #require(node["properties"] as? [String: Any]).keys)
  }

  @Test("has the keys that the readers know, each where it may stand, and no others")
  func keys() throws {
    #expect(try Self.keys(Self.schema()) == Set(RoutesReader.keys))
    #expect(try Self.keys(Self.node("$defs", "app")) == Set(AppReader.keys))
    #expect(try Self.keys(Self.node("$defs", "app", "properties", "duplicates")) == Set(AppReader.duplicatesKeys))
    #expect(try Self.keys(Self.node("$defs", "subscriber")) == Set(SubscriberReader.keys))
    #expect(try Self.keys(Self.node("$defs", "decision")) == Set(DecisionReader.keys))
    #expect(try Self.keys(Self.node("$defs", "tls")) == Set(TLSReader.keys))
    #expect(try Self.keys(Self.node("properties", "defaults")) == Set(SubscriberReader.sharedKeys))
  }

  @Test("has the same of the settings of a subscriber as of those in defaults", arguments: ["subscriber", "defaults"])
  func nested(place: String) throws {
    func setting(_ name: String) throws -> [String: Any] {
      place == "defaults"
        ? try Self.node("properties", "defaults", "properties", name)
        : try Self.node("$defs", "subscriber", "properties", name)
    }
    #expect(try Self.keys(setting("match")) == Set(MatchReader.keys))
    #expect(try Self.keys(setting("batch")) == Set(BatchReader.keys))
    #expect(try Self.keys(setting("retry")) == Set(RetryReader.keys))
    #expect(try Self.keys(setting("breaker")) == Set(BreakerReader.keys))
    #expect(try Self.keys(setting("tls")) == Set(TLSReader.keys))
  }

  @Test("says of every key what it is")
  func descriptions() throws {
    var nameless: [String] = []
    func walk(_ node: Any, _ path: String) throws {
      if let list = node as? [Any] { return try list.enumerated().forEach { try walk($1, "\(path)/\($0)") } }
      guard let object = node as? [String: Any] else { return }
      let isRule = path.contains("/allOf/") || path.contains("/anyOf/") || path.hasPrefix("/else")
      for (name, value) in object {
        if path.hasSuffix("/properties") || path == "/properties", !isRule, !path.contains("/if") {
          let reference = (value as? [String: Any])?["$ref"] as? String
          let target = try reference.map { try Self.node("$defs", String($0.dropFirst("#/$defs/".count))) }
          let described = (value as? [String: Any])?["description"] ?? target?["description"]
          if described == nil { nameless.append("\(path)/\(name)") }
        }
        try walk(value, "\(path)/\(name)")
      }
    }
    try walk(Self.schema(), "")
    #expect(nameless.isEmpty)
  }

  @Test("has the numbers' bounds of the readers")
  func bounds() throws {
    func range(_ path: String...) throws -> ClosedRange<Int> {
      var node = try Self.node("$defs", "subscriber")
      for key in path { node = try #require((node["properties"] as? [String: Any])?[key] as? [String: Any]) }
      let items = node["items"] as? [String: Any] ?? node
      let number = try #require((items["anyOf"] as? [[String: Any]])?.first)
      return try #require(number["minimum"] as? Int)...(try #require(number["maximum"] as? Int))
    }
    #expect(try range("concurrency") == RoutesLimits.concurrency)
    #expect(try range("batch", "max_events") == RoutesLimits.batchEvents)
    #expect(try range("breaker", "open_after") == RoutesLimits.openAfter)
    #expect(try range("retry", "permanent_statuses") == RoutesLimits.permanentStatus)
  }
}
