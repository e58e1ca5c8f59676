extension CatalogueEntry {
  /// Whether the items are of the types that the row says, and each has both accounts of a pair that are to come from it.
  func describes(_ events: [EventValues], in body: CallbackBody) -> Bool {
    let accounts = [EventField.from, .to].filter { rule.sources[$0]?.isOfItem == true }
    return events.allSatisfy { event in
      items.contains(body.type(of: event.item))
        && accounts.allSatisfy { !event[$0].isEmpty && body.type(of: event[$0]) == .string }
    }
  }
}
