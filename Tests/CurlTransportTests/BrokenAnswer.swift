import GatewayCore
import Testing

/// What a receiver does instead of answering, and what the attempt must count as then.
struct BrokenAnswer: Sendable, CustomTestStringConvertible {
  let name: String
  let steps: [LoopbackServer.Step]
  let outcome: AttemptOutcome
  var status: Int?
  /// Nil if the attempt is a success.
  var sentence: String?

  var testDescription: String { name }

  static let all = unreadable + endlessHeads + cutShort + endlessBodies
}

extension BrokenAnswer {
  static let unreadable = [
    BrokenAnswer(
      name: "garbage", steps: [.write("\u{0}\u{1}\u{2} nonsense\r\n\r\n")], outcome: .other,
      sentence: "the answer is not HTTP; if the port speaks TLS, the URL must begin with https://"),
    BrokenAnswer(
      name: "garbage without end", steps: [.writeForEver(String(repeating: "\u{0}", count: 1000))], outcome: .other,
      sentence: "the answer is not HTTP; if the port speaks TLS, the URL must begin with https://"),
    BrokenAnswer(
      name: "the alert of a TLS port", steps: [.write("\u{15}\u{3}\u{1}\u{0}\u{2}\u{2}\u{46}"), .close],
      outcome: .other,
      sentence: "the answer is not HTTP; if the port speaks TLS, the URL must begin with https://"),
    BrokenAnswer(
      name: "a version that does not exist", steps: [.write("HTTP/3.1 200 OK\r\n\r\n")], outcome: .other,
      sentence: "the answer is not HTTP/1: Unsupported HTTP version (3.1) in response"),
    BrokenAnswer(
      name: "a status of two digits", steps: [.write("HTTP/1.1 20 OK\r\n\r\n")], outcome: .other,
      sentence: "the answer is not HTTP/1: Unsupported response code in HTTP response"),
    BrokenAnswer(
      name: "a header without a colon", steps: [.write("HTTP/1.1 200 OK\r\nno header\r\n\r\n")], outcome: .other,
      status: 200, sentence: "the answer is not valid HTTP: Header without colon"),
    BrokenAnswer(
      name: "a length that is no number", steps: [.write("HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n")],
      outcome: .other, status: 200, sentence: "the answer is not valid HTTP: Invalid Content-Length: value"),
    BrokenAnswer(
      name: "an unknown transfer encoding",
      steps: [.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: rot13\r\n\r\nx"), .close], outcome: .other, status: 200,
      sentence: "the answer is not valid HTTP: Unrecognized content encoding type. "
        + "libcurl understands deflate, gzip, br, zstd content encodings."),
    BrokenAnswer(
      name: "a chunk whose length is no number", steps: [.write(chunked + "zz\r\nabc\r\n")], outcome: .other,
      status: 200,
      sentence: "the answer is not valid HTTP: Illegal or missing hexadecimal sequence in chunked-encoding"),
    BrokenAnswer(
      name: "a chunk longer than its length", steps: [.write(chunked + "2\r\nabcdef\r\n0\r\n\r\n")], outcome: .other,
      status: 200, sentence: "the answer is not valid HTTP: Malformed encoding found in chunked-encoding"),
    BrokenAnswer(
      name: "a chunk with a length beyond all measure", steps: [.write(chunked + "fffffffffffffffffffffff\r\n")],
      outcome: .other, status: 200,
      sentence: "the answer is not valid HTTP: Too long hexadecimal number in chunked-encoding"),
    BrokenAnswer(
      name: "a line without end behind the chunks",
      steps: [.write(chunked + "0\r\n"), .writeForEver(String(repeating: "x", count: 1000))], outcome: .other,
      status: 200, sentence: "the answer is not valid HTTP: a line behind its body is too long"),
    BrokenAnswer(
      name: "a broken chunk of a 500", steps: [.write(chunked.replacing("200 OK", with: "500 Oh") + "zz\r\n")],
      outcome: .http5xx, status: 500, sentence: "the answer was 500"),
  ]

  static let endlessHeads = [
    BrokenAnswer(
      name: "small lines",
      steps: [.write("HTTP/1.1 200 OK\r\n"), .writeForEver(String(repeating: "X: y\r\n", count: 1000))],
      outcome: .other,
      status: 200, sentence: headTooLong),
    BrokenAnswer(
      name: "20,000 small lines, sent at once",
      steps: [.write("HTTP/1.1 200 OK\r\n\(String(repeating: "X: y\r\n", count: 20_000))\r\n")], outcome: .other,
      status: 200, sentence: headTooLong),
    BrokenAnswer(
      name: "one line of 80 KiB", steps: [.answer("200 OK", headers: header(kibibytes: 80))], outcome: .other,
      status: 200, sentence: headTooLong),
    BrokenAnswer(
      name: "one line of 150 KiB, beyond what libcurl keeps",
      steps: [.answer("200 OK", headers: header(kibibytes: 150))], outcome: .other, status: 200, sentence: headTooLong),
    BrokenAnswer(
      name: "one line of 1 MiB, beyond what libcurl counts",
      steps: [.answer("200 OK", headers: header(kibibytes: 1024))], outcome: .other, status: 200,
      sentence: headTooLong),
    BrokenAnswer(
      name: "one line without end",
      steps: [.write("HTTP/1.1 200 OK\r\nX: "), .writeForEver(String(repeating: "x", count: 10_000))],
      outcome: .other, status: 200, sentence: headTooLong),
    BrokenAnswer(
      name: "the line of the status without end",
      steps: [.write("HTTP/1.1 200 "), .writeForEver(String(repeating: "x", count: 10_000))],
      outcome: .other, sentence: headTooLong),
    BrokenAnswer(
      name: "a 500", steps: [.write("HTTP/1.1 500 Oh\r\n"), .writeForEver(String(repeating: "X: y\r\n", count: 1000))],
      outcome: .http5xx, status: 500,
      sentence: "the answer was 500"),
    BrokenAnswer(
      name: "interim answers",
      steps: [.writeForEver(String(repeating: "HTTP/1.1 103 Early Hints\r\n\r\n", count: 1000))], outcome: .other,
      status: 103,
      sentence: "64 KiB of interim answers came, the last a 103, and no final one"),
    BrokenAnswer(
      name: "interim answers that ask for the body",
      steps: [.writeForEver(String(repeating: "HTTP/1.1 100 Continue\r\n\r\n", count: 1000))],
      outcome: .other, status: 100, sentence: "64 KiB of interim answers came, the last a 100, and no final one"),
  ]

  static let cutShort = [
    BrokenAnswer(
      name: "before it begins", steps: [.close], outcome: .connect,
      sentence: "the connection was closed before an answer came"),
    BrokenAnswer(
      name: "by a reset before it begins", steps: [.reset], outcome: .connect,
      sentence: "the connection broke: "),
    BrokenAnswer(
      name: "in the status line", steps: [.write("HTTP/1.1 2"), .close], outcome: .connect,
      sentence: "the connection was closed before an answer came"),
    BrokenAnswer(
      name: "in the head", steps: [.write("HTTP/1.1 200 OK\r\nX: y\r\n"), .close], outcome: .connect, status: 200,
      sentence: "the connection was closed in the head of the answer"),
    BrokenAnswer(
      name: "in a header", steps: [.write("HTTP/1.1 200 OK\r\nContent-Len"), .close], outcome: .connect, status: 200,
      sentence: "the connection was closed in the head of the answer"),
    BrokenAnswer(
      name: "in the head of a 404", steps: [.write("HTTP/1.1 404 Gone\r\nX: y\r\n"), .close], outcome: .http4xx,
      status: 404, sentence: "the answer was 404"),
    BrokenAnswer(
      name: "in the head of an interim answer", steps: [.write("HTTP/1.1 103 Early Hints\r\nX: y\r\n"), .close],
      outcome: .connect, status: 103, sentence: "the connection was closed in the head of the answer"),
    BrokenAnswer(
      name: "after an interim answer", steps: [.write("HTTP/1.1 103 Early Hints\r\n\r\n"), .close], outcome: .connect,
      status: 103, sentence: "the connection was closed before an answer came"),
    BrokenAnswer(
      name: "in the body", steps: [.write("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"), .close],
      outcome: .connect, status: 200,
      sentence: "the connection broke: transfer closed with 6 bytes remaining to read"),
    BrokenAnswer(
      name: "by a reset in the body", steps: [.write("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"), .reset],
      outcome: .connect, status: 200, sentence: "the connection broke: Recv failure: Connection reset by peer"),
    BrokenAnswer(
      name: "in a chunk", steps: [.write(chunked + "5\r\nab"), .close], outcome: .connect, status: 200,
      sentence: "the connection broke: transfer closed with outstanding read data remaining"),
  ]

  static let endlessBodies = [
    BrokenAnswer(
      name: "up to the end of the connection",
      steps: [.write("HTTP/1.1 200 OK\r\n\r\n"), .writeForEver(String(repeating: "x", count: 10_000))],
      outcome: .success, status: 200),
    BrokenAnswer(
      name: "with a length beyond all measure",
      steps: [
        .write("HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999999\r\n\r\n"),
        .writeForEver(String(repeating: "x", count: 10_000)),
      ], outcome: .success, status: 200),
    BrokenAnswer(
      name: "in chunks", steps: [.write(chunked), .writeForEver(String(repeating: "4\r\nabcd\r\n", count: 1000))],
      outcome: .success, status: 200),
    BrokenAnswer(
      name: "in trailers",
      steps: [.write(chunked + "0\r\n"), .writeForEver(String(repeating: "X: y\r\n", count: 1000))], outcome: .success,
      status: 200),
    BrokenAnswer(
      name: "of a 500",
      steps: [.write("HTTP/1.1 500 Oh\r\n\r\n"), .writeForEver(String(repeating: "xxxx", count: 1000))],
      outcome: .http5xx,
      status: 500, sentence: "the answer was 500"),
    BrokenAnswer(
      name: "behind a change of protocols",
      steps: [
        .write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n"),
        .writeForEver(String(repeating: "xxxx", count: 1000)),
      ], outcome: .other, status: 101, sentence: "the answer had the status 101, which has no meaning here"),
  ]

  private static let headTooLong = "the head of the answer is longer than 64 KiB"
  private static let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"

  private static func header(kibibytes: Int) -> String { "X: \(String(repeating: "x", count: kibibytes << 10))\r\n" }
}
