package import GatewayCore

/// The relationships that apps begin with.
package struct StartingGraphs: Sendable {
  package var named: [AppID: RelationshipGraph]
  /// What every other app begins with.
  package var others: RelationshipGraph

  package init(named: [AppID: RelationshipGraph] = [:], others: RelationshipGraph = RelationshipGraph()) {
    self.named = named
    self.others = others
  }
}
