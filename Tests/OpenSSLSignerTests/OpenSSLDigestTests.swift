import OpenSSLSigner
import Testing

@Suite struct OpenSSLDigestTests {
  private let digest = OpenSSLDigest()

  @Test(
    "SHA-256 of published vectors",
    arguments: [
      ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
      ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
      (
        "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
      ),
    ])
  func publishedVectors(message: String, expected: String) {
    #expect(hexadecimal(digest.sha256([Array(message.utf8)])) == expected)
  }

  @Test("no parts and empty parts hash like the empty message")
  func emptyParts() {
    #expect(digest.sha256([]) == digest.sha256([[]]))
    #expect(digest.sha256([[], Array("abc".utf8), []]) == digest.sha256([Array("abc".utf8)]))
  }

  @Test("the token and time of Tencent's own example hash to its Sign, as two parts")
  func tencentExample() {
    let sign = digest.sha256([Array("xxxxyyyy".utf8), Array("1669872112".utf8)])
    #expect(hexadecimal(sign) == "17773bc39a671d7b9aa835458704d2a6db81360a5940292b587d6d760d484061")
  }

  @Test("equal bytes are equal, and a different byte or length is not")
  func constantTimeEqual() {
    #expect(digest.constantTimeEqual([1, 2, 3], [1, 2, 3]))
    #expect(digest.constantTimeEqual([], []))
    #expect(!digest.constantTimeEqual([1, 2, 3], [1, 2, 4]))
    #expect(!digest.constantTimeEqual([0, 2, 3], [1, 2, 3]))
    #expect(!digest.constantTimeEqual([1, 2, 3], [1, 2]))
    #expect(!digest.constantTimeEqual([], [0]))
  }
}

private func hexadecimal(_ bytes: [UInt8]) -> String {
  bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
}
