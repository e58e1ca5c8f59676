import Foundation
import GRDB
import GatewayCore

extension DeliveryException {
  static let select = select(members: "members")

  /// - Parameter members: The expression that stands for the column.
  static func select(members: String) -> String {
    """
    SELECT first_seq, last_seq, event_count, state, accepted_at, attempts, due_at, first_attempt_at, ended_at,
      last_error, form, \(members), keys, replay_id
    FROM exceptions
    """
  }

  /// Each state by itself, so that each is read from an index alone.
  static let countWaiting = """
    SELECT TOTAL(retrying), TOTAL(parked), TOTAL(events), MIN(oldest) FROM (
      SELECT COUNT(*) AS retrying, 0 AS parked, TOTAL(event_count) AS events, MIN(accepted_at) AS oldest
      FROM exceptions WHERE lane_id = ?1 AND state = 'retrying'
      UNION ALL
      SELECT 0, COUNT(*), TOTAL(event_count), MIN(accepted_at) FROM exceptions WHERE lane_id = ?1 AND state = 'parked')
    """

  static let countEnded = """
    SELECT TOTAL(event_count) FILTER (WHERE state = 'dead'), TOTAL(event_count) FILTER (WHERE state = 'expired')
    FROM exceptions WHERE lane_id = ? AND state IN ('dead', 'expired')
    """

  init(_ row: Row) throws {
    let (stateText, formText): (String, String) = (row[3], row[10])
    guard let state = State(rawValue: stateText), let form = DeliveryForm(rawValue: formText) else {
      throw StorageFailure.corrupt("the journal has an exception of the unknown kind \(stateText), \(formText)")
    }
    guard let members = Self.members(row[11] as Data?), let keys = Self.keys(row[12] as Data?) else {
      throw StorageFailure.corrupt("the journal has an exception whose events cannot be read")
    }
    self.init(
      first: SequenceNumber(rawValue: row[0]), last: SequenceNumber(rawValue: row[1]), eventCount: row[2],
      state: state, form: form, members: members, keys: keys, acceptedAt: Timestamp(milliseconds: row[4]),
      attempts: row[5], dueAt: Timestamp(milliseconds: row[6]), firstAttemptAt: Timestamp(milliseconds: row[7]),
      endedAt: (row[8] as Int64?).map(Timestamp.init(milliseconds:)), lastError: row[9],
      replay: (row[13] as String?).flatMap { ReplayID($0) })
  }

  var storedMembers: Data? { members.isEmpty ? nil : Data(SequenceList.encode(members)) }

  private static func members(_ stored: Data?) -> [SequenceNumber]? {
    stored.map { SequenceList.decode(Array($0)) } ?? .some([])
  }

  var storedKeys: Data? {
    guard keys.contains(where: { $0 != nil }) else { return nil }
    return Data(
      keys.flatMap { key in
        guard let key else { return [UInt8(0)] + Array(repeating: 0, count: MemoryLayout<UInt64>.size) }
        return [1] + withUnsafeBytes(of: key.rawValue.bigEndian, Array.init)
      })
  }

  private static func keys(_ stored: Data?) -> [OrderingKey?]? {
    guard let stored = stored.map(Array.init) else { return [] }
    let size = 1 + MemoryLayout<UInt64>.size
    guard stored.count.isMultiple(of: size) else { return nil }
    return stride(from: 0, to: stored.count, by: size).map { start in
      guard stored[start] == 1 else { return nil }
      return OrderingKey(rawValue: stored[(start + 1)..<(start + size)].reduce(0) { $0 << 8 | UInt64($1) })
    }
  }
}
