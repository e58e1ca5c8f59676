/// One member of an object as it stands in the text: its key with the quotes, and its value.
package struct JSONMember: Hashable, Sendable {
  package let key: ByteRange
  package let value: ByteRange

  package init(key: ByteRange, value: ByteRange) {
    self.key = key
    self.value = value
  }
}
