import Foundation
import GRDB
import GatewayCore

extension DeliveryException {
  static let select = select(members: "members")

  /// - Parameters:
  ///   - members: The expression that stands for the column.
  ///   - also: A column to read besides, behind all others.
  static func select(members: String, also: String? = nil) -> String {
    """
    SELECT first_seq, last_seq, event_count, state, accepted_at, attempts, due_at, first_attempt_at, ended_at,
      last_error, form, \(members), keys, replay_id\(also.map { ", " + $0 } ?? "")
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
    let stored = (members: (row[11] as Data?).map(Array.init), keys: (row[12] as Data?).map(Array.init))
    guard let members = Self.members(stored.members), let keys = Self.keys(stored.keys) else {
      throw StorageFailure.corrupt("the journal has an exception whose events cannot be read")
    }
    self.init(
      first: SequenceNumber(rawValue: row[0]), last: SequenceNumber(rawValue: row[1]), eventCount: row[2],
      state: state, form: form, members: members, keys: keys, acceptedAt: Timestamp(milliseconds: row[4]),
      attempts: row[5], dueAt: Timestamp(milliseconds: row[6]), firstAttemptAt: Timestamp(milliseconds: row[7]),
      endedAt: (row[8] as Int64?).map(Timestamp.init(milliseconds:)), lastError: row[9],
      replay: (row[13] as String?).flatMap { ReplayID($0) })
  }
}
