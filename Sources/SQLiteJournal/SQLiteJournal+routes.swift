import Foundation
import GRDB
package import GatewayCore

extension SQLiteJournal {
  package func saveLastGoodRoutes(_ copy: [UInt8]) async throws(JournalError) {
    try await database.write { db in
      try db.execute(sql: "UPDATE meta SET last_good_routes = ?", arguments: [Data(copy)])
    }
  }

  package func lastGoodRoutes() async throws(JournalError) -> [UInt8]? {
    try await database.read { db in
      let copy = try Data.fetchOne(db, sql: "SELECT last_good_routes FROM meta WHERE last_good_routes IS NOT NULL")
      return copy.map(Array.init)
    }
  }
}
