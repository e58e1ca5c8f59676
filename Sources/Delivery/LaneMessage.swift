import GatewayCore

/// What a lane's task is told.
enum LaneMessage: Sendable {
  /// An attempt has ended.
  case finished(LaneSend, AttemptResult)
  /// A page of the journal has been read.
  case scanned(Result<LanePage, JournalError>)
  /// Due retries have been read.
  case retriesLoaded(Result<LaneRetries, JournalError>)
  /// A retry to probe the subscriber with has been read, if there is one.
  case probeLoaded(Result<LaneRetries, JournalError>)
  /// Parked events have been read.
  case runsLoaded([ParkedTurn], Result<[LaneRun], JournalError>)
  /// A settlement is on disk, or the journal did not take it.
  case settled(Result<Void, JournalError>)
  /// Attempts that were recorded alone are on disk, or are not.
  case attemptsRecorded(Result<Void, JournalError>)
  /// The journal keeps attempts of it that will grow old.
  case attemptsLeft
  /// The subscriber's settings have changed.
  case update(LaneRoute)
  /// Totals have been counted anew up to where the scan stands.
  case counted(Result<LaneTotals, JournalError>)
  /// The lane's exceptions have been counted.
  case exceptionsCounted(Result<ExceptionCounts, JournalError>)
  /// Everything below must be given up, to make room or because it has been kept long enough.
  case expire(below: SequenceNumber, reason: String, alsoDead: Bool)
  /// What is to be given up has been read.
  case expiryRead(Result<LaneExpiry, JournalError>)
  /// An operator pauses the subscriber.
  case pause(LaneAnswer)
  /// An operator resumes it.
  case resume(LaneAnswer)
  /// An operator sends these dead letters again.
  case revive([SequenceNumber], ReplayID, LaneAnswer)
  /// They have been read.
  case revivalRead(Result<[DeliveryException], JournalError>, ReplayID, LaneAnswer)
  /// The range that was given up last is no longer in the journal.
  case expiredRangeDiscarded
  /// Start nothing new; end when what is in flight has ended.
  case stop
  /// End now: what is in flight is left alone.
  case abandon
}

/// What was read from the journal, for the window.
struct LanePage: Sendable {
  enum Item: Sendable {
    case batch(any DerivedBatch)
    case unreadable(StoredBatch, reason: String)
  }

  /// The version of the settings it was read for.
  var version: Int
  /// Where the scan stood.
  var start: SequenceNumber
  var items: [Item]
  var through: SequenceNumber
}

/// The batches that events are in, by the event's number.
typealias LoadedEvents = [SequenceNumber: any DerivedBatch]

/// The first events of a run of parked ones.
struct LaneRun: Sendable {
  var turn: ParkedTurn
  /// All its events; none if the journal does not have it.
  var members: [SequenceNumber]
  var loaded: LoadedEvents
  /// Why the first one cannot be read; nil if it can.
  var unreadable: String?
}

/// Retries that are due.
struct LaneRetries: Sendable {
  var readable: [(exception: DeliveryException, events: LoadedEvents)]
  var unreadable: [(exception: DeliveryException, reason: String)]
  /// When the one after these is due.
  var nextDue: Timestamp?
}

/// How many wanted events lie behind a position.
struct LaneTotals: Sendable {
  var version: Int
  var passed: Int
}

/// What lies below a limit that must be given up.
struct LaneExpiry: Sendable {
  var limit: SequenceNumber
  var reason: String
  var exceptions: [DeliveryException]
  /// Wanted events from where the scan stands to the limit.
  var unscanned: Int
  var acceptedAt: Timestamp
}
