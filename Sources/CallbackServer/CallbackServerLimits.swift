/// The bounds of the callback door. The defaults are what the contract promises; tests shorten them.
package struct CallbackServerLimits: Sendable {
  /// Request line and header fields of one request, in bytes.
  package var headSize = 64 << 10
  /// All heads together of which more than one piece has come and that are not whole yet, in bytes. Tencent's come in
  /// one. They have memory of their own, or strangers could keep bodies out.
  package var unfinishedHeadsSize = 32 << 20
  /// From the first byte of a head to its last.
  package var headTime: Duration = .seconds(10)
  /// One body, in bytes.
  package var bodySize = 4 << 20
  /// From the end of a head to the last byte of its body.
  package var bodyTime: Duration = .seconds(10)
  /// From the opening of a connection to its first byte; a TLS handshake counts as waiting.
  package var firstByteTime: Duration = .seconds(30)
  /// From the last byte of a body that asks before something happens to the answer, whatever becomes of the decider and
  /// the journal. The contract promises 1.7 s.
  package var decisionAnswerTime: Duration = .milliseconds(1650)
  /// The same to where the journal gives up.
  package var decisionJournalTime: Duration = .milliseconds(1600)
  /// The same to where the decider is given up: beyond the longest timeout of a decider.
  package var decidingTime: Duration = .milliseconds(1450)
  /// Questions to one decider that may be open at one time. Each may hold a connection.
  package var openQuestions = 256
  /// Between two requests. The contract promises 75 s at least.
  package var idleTime: Duration = .seconds(120)
  /// After an answer that leaves part of a request unread: how long, and for how many bytes, the rest is read and
  /// thrown away. Closing at once would reset the connection, and a client that still sends would not see its answer.
  package var lingerTime: Duration = .seconds(5)
  package var lingerSize = 16 << 20
  /// Connections open at one time; one more is closed as soon as it opens.
  package var connections = 16_384
  /// Bytes of pipelined requests that wait for the answer before them, besides one read of the socket.
  package var heldInputSize = 64 << 10
  /// The parser is fed pieces of this size, so that few requests are taken apart ahead of their turn.
  package var parserPieceSize = 8 << 10
  /// Refused callbacks logged per second and reason; the others are counted in one line.
  package var refusalLinesPerSecond = 10

  package init() {}
}
