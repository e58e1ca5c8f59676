import Foundation
import GRDB
import GatewayCore

extension Database {
  /// Writes one settlement. A lane that has been deleted takes none: its exceptions would belong to nobody.
  func write(_ settlement: Settlement) throws {
    let lane = settlement.lane.rawValue
    let clock = settlement.clock
    let move = try cachedStatement(sql: Settlement.moveLane)
    try move.execute(arguments: [
      lane, settlement.cursor?.rawValue, clock != nil, clock?.heldMilliseconds, clock?.heldSince?.milliseconds,
      settlement.hold != nil, settlement.hold?.until?.milliseconds,
      settlement.hold?.goneURL.map(Int64.init(bitPattern:)), settlement.hold?.pausedAt?.milliseconds,
    ])
    guard changesCount == 1 else { throw StorageFailure.refused("there is no lane \(lane) to settle") }
    if let dueBy = settlement.dueBy {
      try cachedStatement(sql: Settlement.bringForward).execute(arguments: [lane, dueBy.milliseconds])
    }
    let remove = try cachedStatement(sql: Settlement.removeException)
    for first in settlement.removed { try remove.execute(arguments: [lane, first.rawValue]) }
    let write = try cachedStatement(sql: Settlement.writeException)
    for exception in settlement.written {
      try write.execute(arguments: [
        lane, exception.first.rawValue, exception.last.rawValue, exception.eventCount, exception.state.rawValue,
        exception.acceptedAt.milliseconds, exception.attempts, exception.dueAt.milliseconds,
        exception.firstAttemptAt.milliseconds, exception.endedAt?.milliseconds, exception.lastError,
        exception.form.rawValue, exception.storedMembers.map { Data($0) }, exception.storedKeys.map { Data($0) },
        exception.replay?.description,
      ])
    }
    for attempt in settlement.attempts { try insert(attempt, of: settlement.lane) }
  }
}

extension Settlement {
  /// The lowest sequence number whose batch it may have made free to trim; nil if none.
  var lowestFreed: SequenceNumber? {
    let expired = written.lazy.filter { $0.state == .expired }.map(\.first).min()
    return [removed.min(), expired].compactMap(\.self).min()
  }

  fileprivate static let moveLane = """
    UPDATE lanes SET next_seq = COALESCE(?2, next_seq),
      held_ms = IIF(?3, ?4, held_ms), held_since = IIF(?3, ?5, held_since),
      hold_until = IIF(?6, ?7, hold_until), gone_url = IIF(?6, ?8, gone_url),
      paused_at = IIF(?6, ?9, paused_at)
    WHERE lane_id = ?1
    """

  fileprivate static let bringForward = """
    UPDATE exceptions SET due_at = ?2 WHERE lane_id = ?1 AND state = 'retrying' AND due_at > ?2
    """

  fileprivate static let removeException = "DELETE FROM exceptions WHERE lane_id = ? AND first_seq = ?"

  /// An update in place leaves the indexes alone whose columns keep their values.
  fileprivate static let writeException = """
    INSERT INTO exceptions (lane_id, first_seq, last_seq, event_count, state, accepted_at, attempts, due_at,
      first_attempt_at, ended_at, last_error, form, members, keys, replay_id)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (lane_id, first_seq) DO UPDATE SET
      last_seq = excluded.last_seq, event_count = excluded.event_count, state = excluded.state,
      accepted_at = excluded.accepted_at, attempts = excluded.attempts, due_at = excluded.due_at,
      first_attempt_at = excluded.first_attempt_at, ended_at = excluded.ended_at, last_error = excluded.last_error,
      form = excluded.form, members = excluded.members, keys = excluded.keys, replay_id = excluded.replay_id
    """
}
