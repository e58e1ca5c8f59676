import GRDB
import GatewayCore

/// The part of the volume that callbacks may not fill, so that on a full disk settlements, trimming and checkpoints go
/// on: without it the write-ahead log could neither grow nor be folded into the file, and nothing could make room.
struct DiskReserve: Sendable {
  private static let maximumBytes = 32 << 20
  /// Less than the tenth of the volume that is left free by default.
  private static let shareOfVolume = 16
  /// What a batch takes besides its payload, generously.
  private static let batchOverhead = 1024

  let bytes: Int
  private let file: JournalFile

  init(_ file: JournalFile) throws(JournalError) {
    self.file = file
    bytes = min(Self.maximumBytes, try file.volume().size / Self.shareOfVolume)
  }

  /// Whether appends of so many bytes of payload leave the reserve alone: on the volume, or in free pages of the file.
  func hasRoom(forAppends count: Int, payload: Int, _ db: Database) throws -> Bool {
    let needed = payload + count * Self.batchOverhead
    guard try file.volume().free - needed < bytes else { return true }
    let pages = try PageCounts(db)
    return pages.free * pages.size >= 2 * needed
  }
}

/// Pages of the file, as one read transaction sees them.
struct PageCounts {
  var all: Int
  var free: Int
  var size: Int

  init(_ db: Database) throws {
    all = try Int.fetchOne(db, sql: "PRAGMA page_count") ?? 0
    free = try Int.fetchOne(db, sql: "PRAGMA freelist_count") ?? 0
    size = try Int.fetchOne(db, sql: "PRAGMA page_size") ?? 0
  }
}
