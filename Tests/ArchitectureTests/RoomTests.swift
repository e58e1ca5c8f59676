import Foundation
import Testing

@Suite("The rooms")
struct RoomTests {
  /// What each room may import besides what every room may.
  private static let allowed: [String: Set<String>] = [
    "GatewayCore": [],
    "TencentChat": ["GatewayCore"],
    "RoutesFile": ["GatewayCore", "Yams"],
    "CallbackServer": ["GatewayCore", "TencentChat", "NIOCore", "NIOPosix", "NIOHTTP1", "NIOSSL"],
    "Delivery": ["GatewayCore"],
    "SQLiteJournal": ["GatewayCore", "GRDB", "GRDBSQLite"],
    "PostgresJournal": ["GatewayCore", "CPostgres"],
    "Spool": ["GatewayCore"],
    "CurlTransport": ["GatewayCore", "CCurl"],
    "OpenSSLSigner": ["GatewayCore", "COpenSSL"],
    "PrometheusMetrics": [],
    "AdminAssets": [],
    "RoutesSchema": [],
    // Hummingbird's own types come from these modules, and Swift wants each named where its members are used.
    "AdminServer": [
      "GatewayCore", "PrometheusMetrics", "AdminAssets", "Mustache", "Hummingbird", "HummingbirdCore", "HTTPTypes",
      "NIOCore", "ServiceLifecycle",
    ],
    "ChatSimulator": [
      "GatewayCore", "TencentChat", "Hummingbird", "HummingbirdCore", "HTTPTypes", "NIOCore", "ServiceLifecycle",
    ],
  ]
  private static let everywhere: Set = [
    "Foundation", "Dispatch", "Logging", "CoreMetrics", "Synchronization", "DequeModule", "OrderedCollections",
  ]
  private static let systemLibraries: Set = ["CCurl", "COpenSSL", "CPostgres"]
  private static let longest = 400

  @Test("import only what they may")
  func imports() throws {
    for (room, files) in try Self.rooms() where room != "switchyard" {
      let allowed = try #require(Self.allowed[room], "\(room) is not in the table: say what it may import")
      for file in files {
        let strangers = Self.imports(of: try String(contentsOf: file, encoding: .utf8))
          .subtracting(allowed).subtracting(Self.everywhere)
        #expect(strangers.isEmpty, "\(room)/\(file.lastPathComponent) imports \(strangers.sorted())")
      }
    }
  }

  @Test("say why each escape from the compiler's checks is safe")
  func escapes() throws {
    let escapes = ["nonisolated(unsafe)", "@unchecked Sendable", "unsafeBitCast", "assumingMemoryBound"]
    for (room, files) in try Self.rooms() {
      for file in files {
        let lines = try String(contentsOf: file, encoding: .utf8).components(separatedBy: "\n")
        for (number, line) in lines.enumerated() where escapes.contains(where: line.contains) {
          let above = lines[max(0, number - 6)...number]
          #expect(above.contains { $0.contains("// SAFETY:") }, "\(room)/\(file.lastPathComponent):\(number + 1)")
        }
      }
    }
  }

  @Test("have no file that is about everything")
  func sizes() throws {
    for (room, files) in try Self.rooms() {
      for file in files {
        let lines = try String(contentsOf: file, encoding: .utf8).split(
          separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.count <= Self.longest, "\(room)/\(file.lastPathComponent) has \(lines.count) lines")
      }
    }
  }

  /// The Swift files of each folder of Sources.
  private static func rooms() throws -> [String: [URL]] {
    let root = URL(filePath: #filePath).appending(path: "../../../Sources").standardized
    let names = try FileManager.default.contentsOfDirectory(atPath: root.path).filter { !systemLibraries.contains($0) }
    return Dictionary(
      uniqueKeysWithValues: names.map { name in
        let found = FileManager.default.enumerator(at: root.appending(path: name), includingPropertiesForKeys: nil)
        let files = found?.compactMap { $0 as? URL } ?? []
        return (name, files.filter { $0.pathExtension == "swift" })
      })
  }

  private static func imports(of text: String) -> Set<String> {
    let pattern =
      /^(?:@\w+ +)*(?:public |package |internal )?import (?:(?:struct|class|enum|func|protocol|var) +)?(\w+)/
    return Set(text.split(separator: "\n").compactMap { $0.prefixMatch(of: pattern).map { String($0.1) } })
  }
}
