import CLibFuzzer
import Foundation
import Synchronization

/// libFuzzer calls a C function, which cannot carry the fuzzer with it: so the process keeps the one that it runs.
enum LibFuzzer {
  private static let running = Mutex<(any Fuzzer.Type)?>(nil)

  static func run(_ fuzzer: any Fuzzer.Type) -> Never {
    running.withLock { $0 = fuzzer }
    var count = CommandLine.argc
    var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
    exit(LLVMFuzzerRunDriver(&count, &arguments) { LibFuzzer.look(at: $0, $1) })
  }

  private static func look(at bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let fuzzer = running.withLock { $0 }
    fuzzer?.check(Array(UnsafeBufferPointer(start: bytes, count: count)))
    return 0
  }
}
