import ArgumentParser
import CurlTransport
import Foundation
import GatewayCore
import Logging
import Synchronization
import TencentChat
import Testing

@testable import switchyard

@Suite("The sender of callbacks")
struct CallbackSenderTests {
  @Test("posts every callback once over real connections", arguments: [nil, 2000.0])
  func posts(rate: Double?) async throws {
    let receipts = Mutex<[Receipt]>([])
    let receiver = Receiver(
      check: try SignatureCheck(secrets: []), misbehaviour: Misbehaviour(ratio: 0.25, status: 503, seed: 3),
      delay: .zero
    ) { receipt in receipts.withLock { $0.append(receipt) } }
    let server = try await ReceiveServer.start(on: ListenAddress(host: "127.0.0.1", port: 0), receiver: receiver)
    let target = try #require(CallbackTarget(argument: "http://\(server.address)/callback"))
    let transport = CurlTransport(userAgent: "test", threads: 1, logger: Logger(label: "test"))
    let sender = CallbackSender(plan: SendPlan(count: 300, rate: rate), transport: transport) { number in
      target.request(query: "n=\(number)", body: Array("{\"id\":\"\(number)\"}".utf8))
    }
    let tally = await sender.run { _ in }
    transport.shutdown()
    server.stop()
    let ids = receipts.withLock { $0.map { $0.json.components(separatedBy: "\"event\":").last } }
    #expect(Set(ids).count == 300 && ids.count == 300)
    #expect(tally.done == 300)
    #expect(tally.ok == receiver.tally.accepted)
    #expect(tally.kinds.first { $0.key.name == "503" }?.value.count == receiver.tally.failed)
    #expect(receiver.tally.failed > 0)
  }

  @Test("says that nobody listens")
  func nobodyListens() async throws {
    let target = try #require(CallbackTarget(argument: "http://127.0.0.1:1/callback"))
    let transport = CurlTransport(userAgent: "test", threads: 1, logger: Logger(label: "test"))
    let sender = CallbackSender(plan: SendPlan(count: 1), transport: transport) { _ in
      target.request(query: "a=b", body: [])
    }
    let tally = await sender.run { _ in }
    transport.shutdown()
    let calls = try #require(tally.kinds[SendTally.Kind(name: "connect", isOK: false)])
    #expect(calls.count == 1)
    #expect(calls.reason != nil)
  }
}
