import GatewayCore

/// Posts callbacks by a plan, as Tencent would: none is sent twice.
///
/// At a given rate calls go out when they are due, whether or not earlier ones have been answered, until
/// `SendPlan.maxInFlightPaced` are under way; what is due then waits, and the rate achieved falls behind.
struct CallbackSender: Sendable {
  let plan: SendPlan
  let transport: any Transport
  /// Makes the call with this number, from 0.
  let request: @Sendable (Int) -> OutboundRequest

  /// - Parameter progress: called after each answer.
  func run(progress: @escaping @Sendable (SendTally) -> Void) async -> SendTally {
    let (results, result) = AsyncStream<AttemptResult>.makeStream()
    let (slots, slot) = AsyncStream<Void>.makeStream()
    for _ in 0..<plan.maxInFlight { slot.yield() }
    async let tally = collect(results, slot, progress)
    await post(slots, result)
    return await tally
  }

  private func post(_ slots: AsyncStream<Void>, _ result: AsyncStream<AttemptResult>.Continuation) async {
    let start = ContinuousClock.now
    var index = 0
    for await _ in slots {
      if let offset = plan.offset(of: index) {
        // The task is never cancelled, and a sleep cut short would only send early.
        try? await Task.sleep(until: start + offset, clock: .continuous)
      }
      transport.send(request(index)) { result.yield($0) }
      index += 1
      if index == plan.count { break }
    }
  }

  private func collect(
    _ results: AsyncStream<AttemptResult>, _ slot: AsyncStream<Void>.Continuation, _ progress: (SendTally) -> Void
  ) async -> SendTally {
    var tally = SendTally()
    for await result in results {
      tally.count(result)
      slot.yield()
      progress(tally)
      if tally.done == plan.count { break }
    }
    return tally
  }
}
