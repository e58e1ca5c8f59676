import Foundation
import GatewayCore
import Synchronization
import TestSupport
import Testing

@testable import switchyard

@Suite("The server of receive")
struct ReceiveServerTests {
  /// Runs curl against a fresh receiver and gives what it printed, and the receipts.
  private func post(
    _ arguments: [String], query: String = "", secrets: [Secret] = [],
    misbehaviour: Misbehaviour = Misbehaviour(ratio: 0, status: 500, seed: 1), delay: Duration = .zero
  ) async throws -> (answer: String, receipts: [Receipt], tally: ReceiveTally) {
    let receipts = Mutex<[Receipt]>([])
    let receiver = Receiver(
      check: try SignatureCheck(secrets: secrets), misbehaviour: misbehaviour, delay: delay,
      clock: { SignedSample.time }
    ) { receipt in receipts.withLock { $0.append(receipt) } }
    let server = try await ReceiveServer.start(on: ListenAddress(host: "127.0.0.1", port: 0), receiver: receiver)
    let answer = try await curl(arguments + ["http://\(server.address)/hooks\(query)"])
    server.stop()
    return (answer, receipts.withLock { $0 }, receiver.tally)
  }

  private func curl(_ arguments: [String]) async throws -> String {
    let words = ["curl", "-s", "-m", "20", "-w", " %{http_code}"] + arguments
    return try await Command(words, joinsErrors: false).run().text
  }

  private static let signedArguments = [
    "-d", String(decoding: SignedSample.body, as: UTF8.self), "-H", "webhook-id: msg_p5jXN8AQM9LWM0D4loKWxJek",
    "-H", "webhook-timestamp: 1614265330", "-H", "switchyard-attempt: 3",
  ]
  private static let signature = "webhook-signature: v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="

  @Test("answers a delivery that is rightly signed 200")
  func signed() async throws {
    let result = try await post(Self.signedArguments + ["-H", Self.signature], secrets: [SignedSample.secret])
    #expect(result.answer == #"{"status":200} 200"#)
    #expect(result.receipts.map(\.verdict) == [.valid])
    #expect(result.receipts.map(\.headers.attempt) == [3])
    #expect(result.tally.text == "received 1: 1 ok")
  }

  @Test("answers one that is not 401")
  func unsigned() async throws {
    let result = try await post(Self.signedArguments, secrets: [SignedSample.secret])
    #expect(result.answer == #"{"status":401} 401"#)
    #expect(result.receipts.map(\.verdict) == [.missing])
    #expect(result.tally.text == "received 1: 0 ok, 1 without a right signature")
  }

  @Test("fails on purpose, after the delay")
  func misbehaves() async throws {
    let result = try await post(
      ["-d", "{}"], misbehaviour: Misbehaviour(ratio: 1, status: 503, seed: 1), delay: .milliseconds(20))
    #expect(result.answer == #"{"status":503} 503"#)
    #expect(result.tally.text == "received 1: 0 ok, 1 failed on purpose")
  }

  @Test("tells a callback by the query, counts a batch once, and refuses it as a whole")
  func forms() async throws {
    let callback = try await post(["-d", "{}"], query: "?SdkAppid=7&CallbackCommand=Alert.RequestOverLimit")
    #expect(callback.receipts.map { $0.text.contains(" callback Alert.RequestOverLimit  ") } == [true])
    let batch = try await post(
      ["-d", #"[{"type":"a"},{"type":"b"}]"#], misbehaviour: Misbehaviour(ratio: 1, status: 503, seed: 1))
    #expect(batch.receipts.map { $0.text.components(separatedBy: "\n").count } == [2])
    #expect(batch.tally.text == "received 1: 0 ok, 1 failed on purpose")
  }

  @Test("takes a body of 4 MiB after Expect: 100-continue, and none beyond its limit")
  func largeBodies() async throws {
    let file = FileManager.default.temporaryDirectory.appending(path: "body-\(UUID())").path
    defer { try? FileManager.default.removeItem(atPath: file) }
    let expect = ["-H", "Expect: 100-continue", "--data-binary", "@" + file]
    try Data(count: 4 << 20).write(to: URL(filePath: file))
    let taken = try await post(expect)
    #expect(taken.answer == #"{"status":200} 200"#)
    #expect(taken.receipts.map(\.body.length) == [4 << 20])
    try Data(count: ReceiveHandler.maxBodyBytes + 1).write(to: URL(filePath: file))
    let refused = try await post(expect)
    #expect(refused.answer == #"{"status":413} 413"#)
    #expect(refused.receipts.isEmpty)
  }

  @Test("takes nothing but POST")
  func otherMethods() async throws {
    let result = try await post(["-X", "PUT", "-d", "{}"])
    #expect(result.answer == #"{"status":405} 405"#)
    #expect(result.receipts.isEmpty)
  }

  @Test("says where it cannot listen")
  func occupied() async throws {
    let receiver = Receiver(
      check: try SignatureCheck(secrets: []), misbehaviour: Misbehaviour(ratio: 0, status: 500, seed: 1), delay: .zero
    ) { _ in }
    let first = try await ReceiveServer.start(on: ListenAddress(host: "127.0.0.1", port: 0), receiver: receiver)
    let error = await #expect(throws: CommandFailure.self) {
      try await ReceiveServer.start(on: first.address, receiver: receiver)
    }
    #expect(error?.description.contains("cannot listen on \(first.address): Address already in use;") == true)
    first.stop()
  }
}
