// How databases hold which events an exception stands for.

extension DeliveryException {
  /// A `SequenceList` of several members; nil for one event and for a range.
  package var storedMembers: [UInt8]? { members.isEmpty ? nil : SequenceList.encode(members) }

  /// Nil if the bytes are no such list.
  package static func members(_ stored: [UInt8]?) -> [SequenceNumber]? {
    stored.map(SequenceList.decode) ?? .some([])
  }

  /// The ordering keys, 9 bytes each: 1 and the key, or 0 where an event has none; nil if it holds nothing back.
  package var storedKeys: [UInt8]? {
    guard keys.contains(where: { $0 != nil }) else { return nil }
    return keys.flatMap { key in
      guard let key else { return [UInt8(0)] + Array(repeating: 0, count: MemoryLayout<UInt64>.size) }
      return [1] + withUnsafeBytes(of: key.rawValue.bigEndian, Array.init)
    }
  }

  /// Nil if the bytes are no such keys.
  package static func keys(_ stored: [UInt8]?) -> [OrderingKey?]? {
    guard let stored else { return [] }
    let size = 1 + MemoryLayout<UInt64>.size
    guard stored.count.isMultiple(of: size) else { return nil }
    return stride(from: 0, to: stored.count, by: size).map { start in
      guard stored[start] == 1 else { return nil }
      return OrderingKey(rawValue: stored[(start + 1)..<(start + size)].reduce(0) { $0 << 8 | UInt64($1) })
    }
  }
}
