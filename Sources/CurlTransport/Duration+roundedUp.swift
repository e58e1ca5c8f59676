import GatewayCore

extension Duration {
  /// Whole milliseconds, not less than the duration: a wait that is cut short would be begun again at once.
  var millisecondsRoundedUp: Int64 {
    let whole = milliseconds
    return .milliseconds(whole) < self ? whole + 1 : whole
  }
}
