/// A program that runs one check on inputs made by chance; its arguments are libFuzzer's.
///
/// A check has no way to fail but to end the process: by a trap of the code under test, or by `require`. libFuzzer then
/// writes the input to a file and says which.
package protocol Fuzzer: SendableMetatype {
  /// Must do the same for the same bytes whenever it is called.
  static func check(_ input: [UInt8])
}

extension Fuzzer {
  /// Runs until libFuzzer has had enough, and ends the process.
  package static func main() { LibFuzzer.run(self) }
}
