import GatewayCore
import TencentChat
import Testing

@Suite struct EventCatalogueTests {
  @Test("The rows are those that the contract promises")
  func rows() {
    let rows = EventCatalogue.entries.map { "\($0.command) \($0.type) \($0.timing)" }
    #expect(
      rows == [
        "Sns.CallbackFriendAdd friend.added after",
        "Sns.CallbackFriendDelete friend.deleted after",
        "Sns.CallbackBlackListAdd blocklist.added after",
        "Sns.CallbackBlackListDelete blocklist.deleted after",
        "Sns.CallbackPrevFriendAdd friend.add_requested before",
        "Sns.CallbackPrevFriendResponse friend.response_requested before",
      ])
  }

  @Test("No command and no type stands twice, and none is the type of callbacks carried whole")
  func unique() {
    let entries = EventCatalogue.entries
    #expect(Set(entries.map(\.command)).count == entries.count)
    #expect(Set(entries.map(\.type)).count == entries.count)
    #expect(!entries.contains { $0.type == .callback })
  }

  @Test("A command that Tencent waits for never splits")
  func beforeNeverSplits() {
    #expect(EventCatalogue.entries.allSatisfy { $0.timing == .after || $0.rule.batchField == nil })
  }
}
