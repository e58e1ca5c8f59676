import GatewayCore
import TencentChat
import Testing

@Suite struct DerivationRuleTests {
  @Test(
    "The text of each row's rule is what journals hold, and never changes",
    arguments: [
      (
        "Sns.CallbackFriendAdd",
        "1 batch=PairList from=item.From_Account to=item.To_Account time=callback.EventTime key=from,to"
      ),
      (
        "Sns.CallbackFriendDelete",
        "1 batch=PairList from=item.From_Account to=item.To_Account time=callback.EventTime key=from,to"
      ),
      (
        "Sns.CallbackBlackListAdd",
        "1 batch=PairList from=item.From_Account to=item.To_Account time=callback.EventTime key=from,to"
      ),
      (
        "Sns.CallbackBlackListDelete",
        "1 batch=PairList from=item.From_Account to=item.To_Account time=callback.EventTime key=from,to"
      ),
      ("Sns.CallbackPrevFriendAdd", "1 from=callback.From_Account time=callback.EventTime"),
      ("Sns.CallbackPrevFriendResponse", "1 from=callback.From_Account time=callback.EventTime"),
      ("State.StateChange", "1 account=callback.Info/To_Account time=callback.EventTime key=account"),
      (
        "C2C.CallbackAfterSendMsg",
        "1 from=callback.From_Account to=callback.To_Account time=callback.EventTime|callback.MsgTime key=from,to"
      ),
      (
        "Follow.CallbackAfterFollowDelete",
        "1 batch=To_Account from=callback.From_Account to=item time=callback.EventTime key=from,to"
      ),
      (
        "Call.CallbackAfterMemberChanged",
        "1 batch=ChangedUserList account=item.User_Account subject=callback.CallId|callback.CallInfo/CallId "
          + "time=callback.EventTime key=subject"
      ),
    ])
  func texts(command: String, text: String) throws {
    let entry = try #require(EventCatalogue.entries.first { $0.command == command })
    #expect(entry.rule.derivation.rawValue == text)
  }

  @Test("A callback carried whole has a rule of its own")
  func whole() {
    #expect(DerivationRule.whole.derivation.rawValue == "1 time=callback.EventTime")
  }

  @Test("Without its batch field a rule keeps what the top level has")
  func withoutItems() {
    let rule = DerivationRule(
      batchField: "List", sources: [.from: .callback("From_Account"), .to: .item("To_Account"), .account: .wholeItem],
      orderingKey: [.from, .to])
    #expect(rule.withoutItems.derivation.rawValue == "1 from=callback.From_Account")
  }

  @Test("Every rule reads back from its text")
  func roundTrip() throws {
    var rules = EventCatalogue.entries.flatMap { [$0.rule, $0.rule.withoutItems] } + [.whole, DerivationRule()]
    rules.append(
      DerivationRule(
        batchField: "Events",
        sources: [.account: .wholeItem, .group: .callback("Group.Id"), .time: .item("EventTime")],
        orderingKey: [.group]))
    for rule in rules { #expect(try DerivationRule(rule.derivation) == rule) }
  }

  @Test(
    "A text of another revision, or that says what is not known, is an error",
    arguments: [
      "", "2", "2 batch=PairList", "11 batch=PairList", "batch=PairList", "1 batch", "1 batch=", "1  batch=a", "1 to=",
      "1 to=body.To", "1 to=item.", "1 to=callback.a/b/c", "1 to=callback.a/", "1 to=item|callback.a",
      "1 to=callback.a|", "1 to=callback", "1 who=item.To", "1 key=from,who", "1 key=", "1 key=from,", "1 ",
    ])
  func unreadable(text: String) {
    #expect(throws: DerivationError.self) { try DerivationRule(Derivation(rawValue: text)) }
  }
}
