extension CatalogueEntry {
  /// Whether the items, and what is taken from them, are of the types that the row says. A time may be missing.
  func describes(_ events: [EventValues], in body: CallbackBody) -> Bool {
    let strings = rule.sources.compactMap { field, source in
      if case .item = source, field != .time { field } else { nil }
    }
    return events.allSatisfy { event in
      body.type(of: event.item) == items
        && strings.allSatisfy { !event[$0].isEmpty && body.type(of: event[$0]) == .string }
    }
  }
}
