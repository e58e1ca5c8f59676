/// Sequence numbers in rising order as bytes: the distance of each to the one before (the first to 0), in seven bits a
/// byte, lowest first, the eighth bit set where more follow.
package enum SequenceList {
  package static func encode(_ numbers: [SequenceNumber]) -> [UInt8] {
    var bytes: [UInt8] = []
    var previous: Int64 = 0
    for number in numbers {
      var distance = UInt64(number.rawValue - previous)
      while distance > 0x7F {
        bytes.append(UInt8(truncatingIfNeeded: distance) | 0x80)
        distance >>= 7
      }
      bytes.append(UInt8(distance))
      previous = number.rawValue
    }
    return bytes
  }

  /// Nil if that is not what the bytes are.
  package static func decode(_ bytes: [UInt8]) -> [SequenceNumber]? {
    var numbers: [SequenceNumber] = []
    var (previous, distance, shift): (Int64, UInt64, UInt64) = (0, 0, 0)
    for byte in bytes {
      guard shift < 63 else { return nil }
      distance |= UInt64(byte & 0x7F) << shift
      shift += 7
      guard byte & 0x80 == 0 else { continue }
      let (sum, overflow) = previous.addingReportingOverflow(Int64(truncatingIfNeeded: distance))
      guard !overflow, numbers.isEmpty || distance > 0 else { return nil }
      numbers.append(SequenceNumber(rawValue: sum))
      (previous, distance, shift) = (sum, 0, 0)
    }
    return shift == 0 ? numbers : nil
  }
}
