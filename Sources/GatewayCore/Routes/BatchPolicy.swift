/// How many events go into one request of a subscriber that takes batches, and how long they wait for each other.
package struct BatchPolicy: Hashable, Sendable {
  package var maxEvents: Int
  package var maxWait: Duration

  package init(maxEvents: Int = 100, maxWait: Duration = .milliseconds(200)) {
    precondition(maxEvents > 0, "a batch has at least one event")
    self.maxEvents = maxEvents
    self.maxWait = maxWait
  }
}
