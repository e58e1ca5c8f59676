/// Which gateway works which lanes, where several gateways share a journal.
///
/// A subscriber's own lane and those of its replays are owned together, by one gateway at a time, for as long as that
/// gateway renews its lease. Each change of the owner gives the lanes a new epoch; a settlement that carries an older one
/// settles nothing. All methods may be called from any task.
package protocol LaneLeases: Sendable {
  /// This gateway, as the others know it: new with each start.
  var gateway: GatewayID { get }

  /// How long a lease lasts: counted on a clock that goes on while the machine sleeps, from before it was asked for.
  var duration: Duration { get }

  /// Renews this gateway's lease, which the first call makes known to the others, and tells how things stand.
  func renew(_ presence: GatewayPresence) async throws(JournalError) -> LeaseTable

  /// Takes the lanes of subscribers that nobody owns, whose owner's lease has run out, or that are this gateway's
  /// already. Returns the subscribers' own lanes that it has now, with their new epochs.
  func claim(_ subscribers: [String]) async throws(JournalError) -> [LaneRecord]

  /// Lets go of the lanes of subscribers, as far as they are this gateway's.
  func release(_ subscribers: [String]) async throws(JournalError)

  /// Lets go of everything: this gateway is not known to the others any more.
  func leave() async throws(JournalError)

  /// Leaves word for whoever owns a subscriber's lanes, who finds it in its next `LeaseTable`.
  func post(_ order: [UInt8], to subscriber: String) async throws(JournalError) -> LaneOrderID

  /// Answers an order that was found in a `LeaseTable`; it is not found there again.
  func answer(_ order: LaneOrderID, _ answer: [UInt8]) async throws(JournalError)

  /// What an order was answered; nil if it has not been. An order that has been answered and read is forgotten.
  func takeAnswer(to order: LaneOrderID) async throws(JournalError) -> [UInt8]?
}

/// One run of one gateway among those that share a journal.
package struct GatewayID: Hashable, Sendable, Comparable, CustomStringConvertible {
  package let rawValue: UInt64

  package init(rawValue: UInt64) { self.rawValue = rawValue }

  package static func random() -> GatewayID { GatewayID(rawValue: .random(in: 1...UInt64(Int64.max))) }

  package var description: String { Hex.text(rawValue) }

  package static func < (left: GatewayID, right: GatewayID) -> Bool { left.rawValue < right.rawValue }
}

/// What a gateway tells the others of itself.
package struct GatewayPresence: Hashable, Sendable {
  /// Of the routes file in force.
  package var fingerprint: String
  /// The subscribers whose lanes it could work, sorted.
  package var subscribers: [String]
  /// Subscribers of its routes file that it cannot work as things stand, sorted: their positions are to be kept.
  package var misconfigured: [String]
  /// For people: the host's name and the process.
  package var name: String

  package init(fingerprint: String, subscribers: [String], misconfigured: [String] = [], name: String) {
    self.fingerprint = fingerprint
    self.subscribers = subscribers
    self.misconfigured = misconfigured
    self.name = name
  }
}

/// How things stand among the gateways, at one moment.
package struct LeaseTable: Hashable, Sendable {
  /// Those whose lease runs, lowest id first; this one is among them.
  package var gateways: [Gateway]
  /// The subscribers' own lanes, by subscriber, also retired ones.
  package var lanes: [String: Lane]
  /// Orders for the lanes that this gateway owns, oldest first.
  package var orders: [LaneOrder]

  package struct Gateway: Hashable, Sendable {
    package var id: GatewayID
    package var presence: GatewayPresence

    package init(id: GatewayID, presence: GatewayPresence) {
      self.id = id
      self.presence = presence
    }
  }

  package struct Lane: Hashable, Sendable {
    /// Nil if nobody owns it, or its owner's lease has run out.
    package var owner: GatewayID?
    package var epoch: Int64

    package init(owner: GatewayID?, epoch: Int64) {
      self.owner = owner
      self.epoch = epoch
    }
  }

  package init(gateways: [Gateway], lanes: [String: Lane], orders: [LaneOrder] = []) {
    self.gateways = gateways
    self.lanes = lanes
    self.orders = orders
  }
}

package struct LaneOrderID: Hashable, Sendable, RawRepresentable {
  package let rawValue: Int64

  package init(rawValue: Int64) { self.rawValue = rawValue }
}

/// Something that a lane's owner is asked to do.
package struct LaneOrder: Hashable, Sendable {
  package var id: LaneOrderID
  package var subscriber: String
  package var body: [UInt8]

  package init(id: LaneOrderID, subscriber: String, body: [UInt8]) {
    self.id = id
    self.subscriber = subscriber
    self.body = body
  }
}
