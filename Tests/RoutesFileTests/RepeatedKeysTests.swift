import Testing

@testable import RoutesFile

@Suite("Keys that stand more than once")
struct RepeatedKeysTests {
  @Test("every one is told at its own place, together with all other problems")
  func everythingAtOnce() throws {
    let fixture = try RoutesFixture(
      """
      version: 1
      include: [more.yaml]
      apps:
        - {sdkappid: 1400000000, tokens: [a], "tokens": [b], clock_tolerance: soon}
      defaults:
        timeout: 5s
        # Größe 👩‍🚀
        timeout: 6s
        retry: {jitter: 2, jitter: 3, 'jitter': 4, delay: [1s]}
      subscribers:
        - name: audit
          url: https://a.example
          unsigned: true
          events: ["*"]
          name: other
          evnts: []
          evnts: []
      subscribers: []
      version: 2
      """, files: ["more.yaml": "subscribers:\r\n- name: b\r\n  name: c\r\n"])
    let problems = fixture.problems().filter { !$0.contains(" needs ") }
    expect(
      problems,
      are: [
        #"more.yaml:3:3: the key "name" already stands at \#(fixture.folder["more.yaml"]):2; keep one"#,
        #"4:41: the key "tokens" already stands at \#(fixture.path):4; keep one"#,
        #"4:73: "soon" is not a duration"#,
        #"8:3: the key "timeout" already stands at \#(fixture.path):6; keep one"#,
        #"9:19: "jitter" must be a number from 0.0 to 1.0, not "2""#,
        #"9:22: the key "jitter" already stands at \#(fixture.path):9; keep one"#,
        #"9:33: the key "jitter" already stands at \#(fixture.path):9; keep one"#,
        #"9:46: unknown key "delay"; did you mean "delays"?"#,
        #"15:5: the key "name" already stands at \#(fixture.path):11; keep one"#,
        #"16:5: unknown key "evnts"; did you mean "events"?"#,
        #"17:5: the key "evnts" already stands at \#(fixture.path):16; keep one"#,
        #"18:1: the key "subscribers" already stands at \#(fixture.path):10; keep one"#,
        #"19:1: the key "version" already stands at \#(fixture.path):1; keep one"#,
      ])
  }

  @Test("merge keys are told as such, however often they stand")
  func mergeKeys() throws {
    let fixture = try RoutesFixture("version: 1\napps: [{<<: a, <<: b, sdkappid: 1400000000, tokens: [a]}]")
    expect(
      fixture.problems(), are: ["2:9: merge keys", "2:16: merge keys"])
  }

  @Test("before something that is not YAML they are told with it, where they stand first")
  func brokenFile() throws {
    let fixture = try RoutesFixture("version: 1\napps: [{tokens: [a], tokens: [b]}]\nsubscribers: [")
    expect(
      fixture.problems(),
      are: [#"2:9: this mapping has "tokens" more than once; keep one"#, "4:1: this is not YAML"])
  }

  @Test(
    "one that does not stand as it reads is told where Yams says",
    arguments: [
      (#"{"\u0061": 1, a: 2}"#, #"2:8: this mapping has "a" more than once"#),
      ("{&x a: 1, a: 2}", #"2:8: this mapping has "a" more than once"#),
      ("{'': 1, '': 2}", #"2:8: this mapping has "" more than once"#),
      ("{[a]: 1, [a]: 2}", "2:8: more than once"),
    ])
  func otherForms(value: String, problem: String) throws {
    expect(try RoutesFixture("version: 1\napps: \(value)\n").problems(), are: [problem])
  }

  @Test("too many are not all told, but the file is refused")
  func tooMany() throws {
    let lines = repeatElement("version: 1\n", count: RoutesLimits.repeatedKeys + 2).joined()
    let problems = try RoutesFixture(lines).problems()
    #expect(problems.count == RoutesLimits.repeatedKeys + 1)
    #expect(problems.allSatisfy { $0.contains(#"this mapping has "version" more than once"#) })
  }

  @Test("a key that looks like a replaced one is told from it")
  func privateUse() throws {
    let fixture = try RoutesFixture("version: 1\n\u{E000}ersion: 1\nversion: 2\n\u{E001}ersion: 1\nversion: 3\n")
    expect(
      fixture.problems().filter { !$0.contains("warning") },
      are: [
        "2:1: unknown key \"\u{E000}ersion\"", #"3:1: the key "version" already stands at \#(fixture.path):1"#,
        "4:1: unknown key \"\u{E001}ersion\"", #"5:1: the key "version" already stands at \#(fixture.path):1"#,
      ])
  }
}
