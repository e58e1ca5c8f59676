/// The gateways that have sent a callback on, the first one first: what the header `switchyard-via` lists, as `Via` does.
///
/// Each adds its mark behind the others, so that a callback that goes round is found by whichever gateway it comes back
/// to. A list of `limit` marks counts as a round of its own: nobody has a chain that long, and what is kept with a
/// callback stays short.
package struct Via: Hashable, Sendable {
  package static let header = "switchyard-via"
  /// Marks that are read.
  package static let limit = 16

  package private(set) var marks: [GatewayMark] = []

  package init() {}

  /// - Parameter values: Those of all such headers, in order. What is no mark is left out.
  package init(_ values: [String]) {
    for value in values {
      for element in value.split(separator: ",") {
        guard marks.count < Self.limit else { return }
        if let mark = GatewayMark(rawValue: Self.trimmed(element)) { marks.append(mark) }
      }
    }
  }

  package var isEmpty: Bool { marks.isEmpty }
  package var isFull: Bool { marks.count >= Self.limit }

  /// The header's value: the marks with commas between them, and no blanks.
  package var text: String { marks.map(\.rawValue).joined(separator: ",") }

  package func contains(_ mark: GatewayMark) -> Bool { marks.contains(mark) }

  /// The same with one more behind it.
  package func adding(_ mark: GatewayMark) -> Via {
    var longer = self
    longer.marks.append(mark)
    return longer
  }

  private static func trimmed(_ element: Substring) -> String {
    let isBlank = { (character: Character) in character == " " || character == "\t" }
    let rest = element.drop(while: isBlank)
    return String(rest.prefix(upTo: rest.lastIndex { !isBlank($0) }.map(rest.index(after:)) ?? rest.startIndex))
  }
}
