/// Where in the body the values of one event stand; `ByteRange.none` for those it does not have.
package struct EventValues: Hashable, Sendable {
  package var item = ByteRange.none
  private var from = ByteRange.none
  private var to = ByteRange.none
  private var group = ByteRange.none
  private var account = ByteRange.none
  private var subject = ByteRange.none
  private var time = ByteRange.none

  package init() {}

  package subscript(field: EventField) -> ByteRange {
    get {
      switch field {
      case .from: from
      case .to: to
      case .group: group
      case .account: account
      case .subject: subject
      case .time: time
      }
    }
    set {
      switch field {
      case .from: from = newValue
      case .to: to = newValue
      case .group: group = newValue
      case .account: account = newValue
      case .subject: subject = newValue
      case .time: time = newValue
      }
    }
  }
}
