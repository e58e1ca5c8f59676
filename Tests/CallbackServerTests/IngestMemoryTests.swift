import CallbackServer
import Testing

@Suite("The memory for bodies and waiting appends")
struct IngestMemoryTests {
  @Test("gives out its capacity to the byte, and nothing of what does not fit")
  func capacity() {
    let memory = IngestMemory(capacity: 10)
    #expect(memory.reserve(6))
    #expect(!memory.reserve(5))
    #expect(memory.used == 6)
    #expect(memory.reserve(4))
    memory.release(10)
    #expect(memory.used == 0)
  }
}
