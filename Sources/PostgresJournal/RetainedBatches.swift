/// SQL for a stretch of all batches that are retained, in order.
enum RetainedBatches {
  /// A subquery for the first of those that meet a condition, or the last ones.
  ///
  /// Each of the two tables is read along its own index and no further than the limit. Of the view `retained` the server
  /// would read all that meet the condition, and sort them.
  static func some(_ columns: String, where condition: String, limit: String, fromTheEnd: Bool = false) -> String {
    let order = "ORDER BY first_seq\(fromTheEnd ? " DESC" : "") LIMIT \(limit)"
    return """
      (SELECT * FROM (
        (SELECT \(columns) FROM switchyard.batches
          WHERE first_seq >= (SELECT m.retained_from FROM switchyard.meta m) AND \(condition) \(order))
        UNION ALL (SELECT \(columns) FROM switchyard.kept WHERE \(condition) \(order))) r \(order))
      """
  }
}
