import Foundation
import GatewayCore
import TencentChat
import Testing

@testable import switchyard

@Suite("explain")
struct ExplainerTests {
  private typealias Sample = ExplainedSample

  @Test("tells the events, with the ids they will have")
  func events() throws {
    let explanation = try Sample.explain()
    #expect(explanation.callback?.command == "Sns.CallbackBlackListAdd")
    #expect(explanation.callback?.row?.batch == "PairList")
    #expect(explanation.callback?.repeats.idsStay == true)
    #expect(explanation.events.map(\.to) == ["id1", "x\u{1B}[2J", "id3"])
    #expect(explanation.events[0].id == (try Sample.explain().events[0].id))
    #expect(explanation.events[0].partitionKey == "id|id1")
    #expect(explanation.events[0].time == Sample.now.description)
    let few = try Sample.explain(eventsShown: 1)
    #expect(few.events.count == 1)
    #expect(few.text.contains("  and 2 more, which --all lists"))
  }

  @Test("says by what repeats are known, and whether the ids stay")
  func repeats() throws {
    func repeats(_ duplicates: AppConfiguration.Duplicates, _ query: String) throws -> ExplainedCallback.Repeats? {
      let app = AppConfiguration(id: Sample.app.id, duplicates: duplicates)
      return try Sample.explain(app: app, query: query).callback?.repeats
    }
    let without = "SdkAppid=1400000000"
    let none = try #require(try repeats(.byRequestID, without))
    #expect(!none.areKnown && !none.idsStay && none.by == "request-id")
    let body = try #require(try repeats(.byBody(within: .seconds(600)), without))
    #expect(body.areKnown && !body.idsStay && body.words.contains(" for 10m;"))
    #expect(try repeats(.none, Sample.query)?.areKnown == false)
  }

  @Test("says why a callback is carried whole, and of an empty list that it has no events")
  func odd() throws {
    let mismatch = try Sample.explain(query: "CallbackCommand=Other&SdkAppid=1400000000")
    #expect(mismatch.callback?.unsplitReason == "command_mismatch")
    #expect(mismatch.text.contains("one event of type callback, carried whole: command_mismatch"))
    let empty = try Sample.explain(
      query: "SdkAppid=1400000000", body: Array(#"{"CallbackCommand":"Sns.CallbackFriendAdd","PairList":[]}"#.utf8))
    #expect(empty.callback?.command == "Sns.CallbackFriendAdd")
    #expect(empty.text.contains("  becomes  no event, since PairList is empty; nothing is written down\n"))
    #expect(empty.events.isEmpty && empty.subscribers.isEmpty && empty.delivery == nil)
  }

  @Test("says of an empty list neither that repeats are known nor that ids stay: there are none")
  func repeatsOfNothing() throws {
    let duplicates: [AppConfiguration.Duplicates] = [.byRequestID, .byBody(within: .seconds(600)), .none]
    for one in duplicates {
      let explanation = try Sample.explain(
        app: AppConfiguration(id: Sample.app.id, duplicates: one),
        body: Array(#"{"CallbackCommand":"Sns.CallbackBlackListAdd","PairList":[]}"#.utf8))
      let repeats = try #require(explanation.callback?.repeats)
      #expect(!repeats.areKnown && !repeats.idsStay)
      #expect(explanation.text.contains("  repeats  nothing is written down, so there is nothing to repeat\n"))
    }
  }

  @Test("says who is asked before a command, and what is answered if that fails")
  func decisions() throws {
    let body = Array(#"{"From_Account":"id","FriendItem":[{"To_Account":"a\u001b"}]}"#.utf8)
    let query = "CallbackCommand=Sns.CallbackPrevFriendAdd&SdkAppid=1400000000"
    func explain(
      _ onFailure: Decision.OnFailure?, command: String = "Sns.CallbackPrevFriendAdd"
    ) throws -> Explanation {
      let decision = onFailure.map {
        Decision(commands: [command], endpoint: Sample.subscriber("decider").endpoint, secrets: [], onFailure: $0)
      }
      return try Sample.explain(query: query, body: body, decisions: [decision].compactMap(\.self))
    }
    let denying = try explain(.deny)
    let decision = try #require(denying.callback?.decision)
    #expect(decision.url == "https://decider.example/hooks?•••")
    #expect(decision.answerOnFailure.contains(#""ResultCode":38000"#))
    #expect(denying.text.contains("  decider  https://decider.example/hooks?••• is asked, and has 1s\n"))
    #expect(denying.text.contains("  answer   the decider's; if it fails, on_failure is deny: {"))
    #expect(try explain(.allow).callback?.decision?.answerOnFailure.contains(#""ResultCode":0"#) == true)
    for nobody in [try explain(nil), try explain(.deny, command: "C2C.CallbackBeforeSendMsg")] {
      #expect(nobody.callback?.decision == nil && nobody.callback?.isQuestion == true)
      #expect(nobody.text.contains("  decider  none, so it may happen\n"))
      #expect(nobody.delivery?.body.contains(#","decision":{"ActionStatus":"OK","ErrorCode":0,"#) == true)
    }
    #expect(try Sample.explain().callback?.isQuestion == false)
  }

  @Test("says that the decision in the delivery is made up where somebody would be asked for it")
  func madeUpDecision() throws {
    let query = "CallbackCommand=C2C.CallbackBeforeSendMsg&SdkAppid=1400000000"
    let body = Array(#"{"CallbackCommand":"C2C.CallbackBeforeSendMsg","From_Account":"a","To_Account":"b"}"#.utf8)
    let line = "Nobody has been asked: its data.decision is made up, the answer that lets it happen.\n\nPOST "
    func explain(_ form: DeliveryForm, isDecided: Bool) throws -> Explanation {
      var audit = Sample.subscriber("audit")
      audit.format = form
      let decision = Decision(
        commands: ["C2C.CallbackBeforeSendMsg"], endpoint: Sample.subscriber("decider").endpoint, secrets: [])
      return try Sample.explain([audit], query: query, body: body, decisions: isDecided ? [decision] : [])
    }
    for form in [DeliveryForm.event, .batch] {
      let asked = try explain(form, isDecided: true)
      #expect(asked.delivery?.decisionIsMadeUp == true && asked.text.contains(line))
      #expect(asked.delivery?.body.contains(#","decision":{"ActionStatus":"OK","ErrorCode":0,"#) == true)
      #expect(try asked.jsonLine().contains(#""delivery":{"body":"#))
      #expect(try asked.jsonLine().contains(#","decisionIsMadeUp":true,"#))
      // What nobody decides is answered so by the gateway itself.
      let undecided = try explain(form, isDecided: false)
      #expect(undecided.delivery?.decisionIsMadeUp == false && !undecided.text.contains("made up"))
    }
    let whole = try explain(.original, isDecided: true)
    #expect(whole.delivery?.decisionIsMadeUp == false && !whole.text.contains("made up"))
  }

  @Test("says who gets which events, and why not the others")
  func shares() throws {
    var matching = Sample.subscriber("matching")
    matching.match = EventMatch([
      .init(field: .to, globs: [Glob("id*")]), .init(field: .group, globs: [Glob("a"), Glob("b")]),
    ])
    var some = Sample.subscriber("some")
    some.match = EventMatch([.init(field: .to, globs: [Glob("id*")])])
    var held = Sample.subscriber("held", events: ["blocklist.*"])
    held.paused = true
    var elsewhere = Sample.subscriber("elsewhere", events: ["friend.added", "group.*"])
    elsewhere.apps = [AppID(rawValue: 7)]
    let shares = try Sample.explain([Sample.subscriber("audit"), matching, some, held, elsewhere]).subscribers
    #expect(shares.map(\.name) == ["audit", "matching", "some", "held", "elsewhere"])
    #expect(shares.map(\.events) == [[0, 1, 2], [], [0, 2], [0, 1, 2], []])
    #expect(shares.map(\.waits) == [nil, nil, nil, "it is paused in the routes file", nil])
    #expect(shares[0].whyNot == nil)
    #expect(shares[1].whyNot == "`match` leaves out 3: `to` of 1 is none of id*; 3 without `group`")
    #expect(shares[2].whyNot == "`match` leaves out 1: `to` of 1 is none of id*")
    #expect(
      shares[4].whyNot == "`apps` has 7, not 1400000000; "
        + "`events` has friend.added, group.*: nothing there matches blocklist.added")
  }

  @Test("shows the very delivery that the gateway would make, but for what is secret")
  func delivery() throws {
    var audit = Sample.subscriber("audit")
    audit.secrets.append(Secret("whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbc="))
    audit.headers = [.init(name: "Authorization", value: Secret("hidden-value"))]
    let delivery = try #require(try Sample.explain([Sample.subscriber("none", events: ["user.*"]), audit]).delivery)
    #expect(delivery.subscriber == "audit")
    #expect(delivery.url == "https://audit.example/hooks?•••")
    let headers = Dictionary(uniqueKeysWithValues: delivery.headers.map { ($0.name, $0.value) })
    #expect(headers["webhook-signature"] == "v1,<signature> v1a,<signature>")
    #expect(headers["Authorization"] == "•••")
    #expect(headers["webhook-id"] == delivery.events[0])
    #expect(headers["webhook-timestamp"] == "1669872112")
    #expect(delivery.length == delivery.body.utf8.count)
    let event = try JSONSerialization.jsonObject(with: Data(delivery.body.utf8)) as? [String: Any]
    #expect(event?["id"] as? String == delivery.events[0])
  }

  @Test("shows a batch of as many events as go into one")
  func batch() throws {
    var warehouse = Sample.subscriber("warehouse")
    warehouse.format = .batch
    warehouse.batch = BatchPolicy(maxEvents: 2)
    let explanation = try Sample.explain([Sample.subscriber("audit"), warehouse], showing: "warehouse")
    let delivery = try #require(explanation.delivery)
    #expect(delivery.events.count == 2)
    #expect(delivery.headers.contains { $0.name == "webhook-id" && $0.value.hasPrefix("batch-") })
    #expect((try JSONSerialization.jsonObject(with: Data(delivery.body.utf8)) as? [Any])?.count == 2)
  }

  @Test("shows a callback that is sent on as it came, with neither its old Sign nor a new one")
  func original() throws {
    var legacy = Sample.subscriber("legacy")
    legacy.format = .original
    legacy.secrets = []
    let app = AppConfiguration(id: Sample.app.id, tokens: [Sample.token])
    let explanation = try Sample.explain([legacy], app: app, query: Sample.query + "&" + Sample.sign)
    let delivery = try #require(explanation.delivery)
    #expect(
      delivery.url
        == "https://legacy.example/hooks?•••&\(Sample.query)&RequestTime=1669872112&Sign=<signature>")
    #expect(Array(delivery.body.utf8) == Sample.body)
    #expect(delivery.headers.contains { $0.name == "switchyard-via" && $0.value == "<mark>" })
    #expect(!delivery.headers.contains { $0.name == "webhook-signature" })
    let unsigned = try #require(try Sample.explain([legacy]).delivery)
    #expect(unsigned.url == "https://legacy.example/hooks?•••&\(Sample.query)")
  }

  @Test("lets neither a secret nor a control character out", arguments: DeliveryForm.allCases)
  func confidential(form: DeliveryForm) throws {
    var audit = Sample.subscriber("audit")
    audit.format = form
    audit.headers = [.init(name: "Authorization", value: Secret("hidden-value"))]
    let app = AppConfiguration(id: Sample.app.id, tokens: [Sample.token])
    let raw = Array(String(decoding: Sample.body, as: UTF8.self).replacing("id3", with: "\u{9B}\u{202E}\u{7F}").utf8)
    let explanation = try Sample.explain([audit], app: app, query: Sample.query + "&" + Sample.sign, body: raw)
    let json = try explanation.jsonLine()
    for shown in [explanation.text, json] {
      for secret in ["xxxxyyyy", "17773bc3", "hidden-value", "hidden-key", "MfKQ9r8G"] {
        #expect(!shown.contains(secret), "\(secret)")
      }
      #expect(shown.unicodeScalars.allSatisfy { $0.isPrintable || $0 == "\n" })
    }
    #expect(!json.contains("\n"))
    let document = try #require(try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any])
    let body = try #require((document["delivery"] as? [String: Any])?["body"] as? String)
    #expect(Array(body.utf8) == explanation.delivery.map { Array($0.body.utf8) })
  }

  @Test("is told in paragraphs")
  func text() throws {
    let lines = try Sample.explain().text.components(separatedBy: "\n")
    #expect(
      Array(lines[..<11]) == [
        "It is taken:", "  size     191 bytes", "  app      1400000000 is in the routes file",
        "  address  callbacks of the app may come from anywhere",
        "  Sign     not asked for, since the app has no tokens",
        "  body     one JSON object, and a command is named", "",
        "  command  Sns.CallbackBlackListAdd, of app 1400000000",
        "  becomes  3 events of type blocklist.added, one for each of PairList",
        "  repeats  known by RequestId, command and body as long as the first is kept; the ids stay the same",
        #"  answer   {"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":""}"#,
      ])
    #expect(lines.contains("  audit  3 of 3, a request each"))
    #expect(lines.contains("POST https://audit.example/hooks?•••"))
  }
}
