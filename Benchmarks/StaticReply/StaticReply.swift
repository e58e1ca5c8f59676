import Foundation
import Hummingbird

/// What accepting is measured against: Hummingbird answering every POST with the OK body, and doing nothing else.
@main
struct StaticReply {
  static func main() async throws {
    let router = Router()
    let reply = ByteBuffer(string: #"{"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":""}"#)
    router.post("callback") { request, _ -> Response in
      for try await _ in request.body {}
      return Response(status: .ok, headers: [.contentType: "application/json"], body: .init(byteBuffer: reply))
    }
    let application = Application(
      router: router, configuration: .init(address: .hostname("127.0.0.1", port: 0)),
      onServerRunning: { channel in
        FileHandle.standardOutput.write(Data("listening on \(channel.localAddress?.port ?? 0)\n".utf8))
      })
    try await application.runService()
  }
}
