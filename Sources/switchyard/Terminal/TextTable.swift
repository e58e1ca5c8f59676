/// Rows in columns under a head: the one form of table that all commands print.
///
/// Columns are as wide as what stands in them, with two spaces between. Whatever a cell holds is made printable.
struct TextTable {
  enum Alignment { case left, right }

  struct Column {
    var title: String
    var alignment = Alignment.left
  }

  private static let gap = "  "

  private let columns: [Column]
  private var rows: [[String]] = []

  /// A title that begins with `>` is of a column of numbers, which stand at its right edge.
  init(_ titles: String...) {
    columns = titles.map { title in
      title.hasPrefix(">") ? Column(title: String(title.dropFirst()), alignment: .right) : Column(title: title)
    }
  }

  var isEmpty: Bool { rows.isEmpty }

  /// Nothing at all is a hyphen, so that columns stay to be told apart.
  mutating func append(_ cells: String?...) {
    precondition(cells.count == columns.count, "a row has a cell for each column")
    rows.append(cells.map { $0.flatMap { $0.isEmpty ? nil : $0.printable } ?? "-" })
  }

  /// The head and the rows, none of them with spaces at its end.
  var lines: [String] {
    let all = [columns.map(\.title)] + rows
    let widths = columns.indices.map { column in all.map { $0[column].displayWidth }.max() ?? 0 }
    return all.map { line($0, widths) }
  }

  var text: String { lines.joined(separator: "\n") }

  private func line(_ cells: [String], _ widths: [Int]) -> String {
    var line = columns.indices.map { column in
      let padding = String(repeating: " ", count: widths[column] - cells[column].displayWidth)
      return columns[column].alignment == .right ? padding + cells[column] : cells[column] + padding
    }.joined(separator: Self.gap)
    while line.last == " " { line.removeLast() }
    return line
  }
}
