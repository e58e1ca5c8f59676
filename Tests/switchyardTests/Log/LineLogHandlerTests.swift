import ArgumentParser
import Foundation
import GatewayCore
import Logging
import Testing

@testable import switchyard

@Suite("A log handler")
struct LineLogHandlerTests {
  @Test("writes one line an event, from its level up, with the metadata of logger, provider and call")
  func lines() throws {
    let pipe = Pipe()
    let writer = LineWriter(descriptor: pipe.fileHandleForWriting.fileDescriptor, patience: .seconds(1))
    let factory = LogFormat.json.handlerFactory(level: .info, output: writer) { Timestamp(milliseconds: 0) }
    var logger = Logger(label: "test", factory: factory)
    logger.handler.metadataProvider = Logger.MetadataProvider { ["who": "provider", "from": "provider"] }
    logger[metadataKey: "who"] = "logger"
    logger.debug("unseen")
    logger.info("seen", metadata: ["who": "call"])
    logger.error("failed", error: CommandFailure("no luck"))
    try pipe.fileHandleForWriting.close()
    let lines = String(decoding: pipe.fileHandleForReading.availableData, as: UTF8.self).split(separator: "\n")
    try #require(lines.count == 2)
    let prefix = #"{"time":"1970-01-01T00:00:00.000Z","level":"#
    #expect(lines[0] == prefix + #""info","message":"seen","from":"provider","who":"call"}"#)
    #expect(
      lines[1] == prefix + #""error","message":"failed","error.message":"no luck","#
        + #""error.type":"switchyard.CommandFailure","from":"provider","who":"provider"}"#)
  }

  @Test("takes every level of swift-log and both formats as arguments")
  func arguments() {
    #expect(
      Logger.Level.allCases.map { Logger.Level(argument: $0.rawValue) } == Logger.Level.allCases)
    #expect(Logger.Level(argument: "loud") == nil)
    #expect(LogFormat(argument: "json") == .json)
    #expect(LogFormat(argument: "xml") == nil)
  }
}
