/// What the first bytes of a database's file say of it (https://www.sqlite.org/fileformat2.html).
///
/// Read without SQLite, which leaves files of its own beside a database with a write-ahead log, even where it only looks.
struct FileHeader {
  /// Up to the header of the first page's tree, which lists all tables.
  static let length = 108
  private static let magic = Array("SQLite format 3\0".utf8)
  private static let applicationIDOffset = 68
  private static let treeKindOffset = 100
  private static let treeCellCountOffset = 103
  /// A page of the tree without further pages below.
  private static let leafKind: UInt8 = 13

  private let bytes: [UInt8]

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// Nothing was ever written.
  var isEmpty: Bool { bytes.isEmpty }

  var isDatabase: Bool { bytes.count == Self.length && bytes.starts(with: Self.magic) }

  /// Somebody else's for certain: with tables, or marked, and not by a journal. The mark and the tables of a journal come
  /// in one transaction, so that its first page has both or, while they are only in the write-ahead log, neither.
  var isForeign: Bool {
    let id = number(at: Self.applicationIDOffset, bytes: 4)
    guard id != Schema.applicationID else { return false }
    return id != 0 || bytes[Self.treeKindOffset] != Self.leafKind || number(at: Self.treeCellCountOffset, bytes: 2) != 0
  }

  private func number(at offset: Int, bytes count: Int) -> Int {
    bytes[offset..<offset + count].reduce(0) { $0 << 8 | Int($1) }
  }
}
