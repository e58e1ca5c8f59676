import Foundation
import GatewayCore
import TencentChat
import Testing

@testable import switchyard

@Suite struct CatalogueTableTests {
  private static let table = CatalogueTable(EventCatalogue.entries)

  @Test("The page of the documentation is what the command prints: run make catalogue")
  func page() throws {
    let page = URL(filePath: #filePath).appending(path: "../../../../docs/catalogue.md").standardized
    #expect(try String(contentsOf: page, encoding: .utf8) == Self.table.markdown + "\n")
  }

  @Test("Each command has a line of text, with its columns under each other")
  func text() throws {
    let lines = Self.table.text.split(separator: "\n")
    #expect(lines.count == EventCatalogue.entries.count)
    let types = try zip(lines, EventCatalogue.entries).map { line, entry in
      try #require(line.range(of: "  \(entry.type.rawValue)")).lowerBound.utf16Offset(in: line)
    }
    #expect(Set(types).count == 1)
    #expect(lines.allSatisfy { !$0.hasSuffix(" ") })
  }

  @Test("JSON has an object for each command")
  func json() throws {
    let rows = try #require(try JSONSerialization.jsonObject(with: Data(Self.table.json().utf8)) as? [[String: Any]])
    #expect(rows.compactMap { $0["command"] as? String } == EventCatalogue.entries.map(\.command))
    let push = try #require(rows.first { $0["command"] as? String == "Push.OfflinePush" })
    #expect(push["batch"] as? String == "Events")
    #expect(push["time"] as? String == "item.EventTime (s)")
  }

  @Test("Each row is found by its command")
  func rows() {
    for entry in EventCatalogue.entries { #expect(EventCatalogue.entry(for: entry.command) == entry) }
    #expect(EventCatalogue.entry(for: "message.sent") == nil)
  }
}
