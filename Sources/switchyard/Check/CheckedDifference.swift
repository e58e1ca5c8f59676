/// What a file would change in a running gateway.
struct CheckedDifference: Encodable {
  var against: String
  var change: RoutesDifference

  var lines: [String] {
    change.isEmpty
      ? ["It would change nothing at \(against)."] : ["It would change at \(against):"] + change.lines
  }
}
