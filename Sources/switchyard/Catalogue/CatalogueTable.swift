import Foundation
import TencentChat

/// The catalogue as something to read.
struct CatalogueTable {
  private let rows: [CatalogueRow]

  init(_ entries: [CatalogueEntry]) { rows = entries.map(CatalogueRow.init) }

  /// Commands, types and batch fields in columns.
  var text: String {
    let cells = rows.map { [$0.command, $0.timing, $0.type, $0.batch.map { "each of \($0)" } ?? ""] }
    let widths = (0..<3).map { column in cells.map { $0[column].count }.max() ?? 0 }
    return cells.map { row in
      let padded = zip(row, widths).map { $0.padding(toLength: $1, withPad: " ", startingAt: 0) }
      return (padded + row.suffix(1)).joined(separator: "  ").trimmingCharacters(in: .whitespaces)
    }.joined(separator: "\n")
  }

  func json() throws -> String { try rows.jsonLine() }

  /// The whole page of the documentation, without the line feed at its end.
  var markdown: String {
    let lines = rows.map { row in
      let values = row.values.map { "`\($0.field)` = \($0.source)" }.joined(separator: ", ")
      let cells = [
        "`\(row.command)`", row.timing, "`\(row.type)`", row.batch.map { "item of `\($0)`" } ?? "callback", values,
        row.orderedBy ?? "", row.time,
      ]
      return "| " + cells.joined(separator: " | ") + " |"
    }
    return ([Self.introduction] + lines).joined(separator: "\n")
  }

  private static let introduction = """
    # The catalogue: every callback command, and its events

    This page is printed by `switchyard catalogue --markdown`. A type in the table is short for `com.tencent.chat.` and
    itself. In `events` of `routes.yaml` a pattern names short types, full types or commands.

    - *when*: `before` asks and waits for an answer (see [deciding.md](deciding.md)); `after` tells.
    - *one event for each*: the array whose items become events, or the whole callback. A callback without that array
      becomes one event without `item`; one whose array is empty becomes none.
    - *values*: the fields of `data` besides `item` and `callback`, and where each comes from. `item.KEY` is a member of
      the item, `item` the item itself, all else a member of the body. Of several the first that is there counts. What
      is missing from the callback is missing from the event; a bare number becomes a string of the same digits.
    - *ordered by*: what `partitionkey` is, and what `ordering: key` goes by. Two accounts stand in byte order, joined
      by `|`.
    - *time*: where the event's `time` comes from, and in what Tencent documents it. Seconds and milliseconds, numbers
      and strings are told apart whatever is documented. Without one the time of receipt counts.

    Every other command becomes one event of type `callback`, which carries it whole.

    | command | when | type | one event for each | values | ordered by | time |
    |---|---|---|---|---|---|---|
    """
}
