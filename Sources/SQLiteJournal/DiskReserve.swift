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

  /// What one append takes.
  static func need(ofPayload bytes: Int) -> Int { bytes + batchOverhead }

  /// What appends may take without touching the reserve: on the volume, or of free pages in the file, half of which are
  /// left for what else is written. The write-ahead log that a group makes has to fit into the reserve.
  func room(_ db: Database) throws -> AppendRoom {
    let beyondReserve = max(0, try file.volume().free - bytes)
    let pages = try PageCounts(db)
    let single = max(beyondReserve, pages.free * pages.size / 2)
    return AppendRoom(single: single, group: min(single, bytes / 2), free: beyondReserve + pages.free * pages.size)
  }
}

/// Room for appends, in bytes as `DiskReserve.need` counts them.
struct AppendRoom: Hashable, Sendable {
  /// For one append alone.
  var single: Int
  /// For all of one group.
  var group: Int
  /// All that is free.
  var free: Int

  static let unlimited = AppendRoom(single: .max, group: .max, free: .max)
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
