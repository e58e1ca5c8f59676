import CCurl

/// Owns one easy handle of libcurl's: the options and the state of one transfer at a time.
///
/// It is used for one transfer after the other; options stay as they are until they are set again.
struct EasyHandle: ~Copyable {
  let pointer: UnsafeMutableRawPointer
  private let errorBuffer: UnsafeMutablePointer<CChar>

  init() {
    guard let pointer = curl_easy_init() else { preconditionFailure("libcurl is out of memory") }
    self.pointer = pointer
    errorBuffer = .allocate(capacity: Int(CURL_ERROR_SIZE))
    errorBuffer.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    require(switchyard_curl_set_error_buffer(pointer, errorBuffer))
  }

  deinit {
    curl_easy_cleanup(pointer)
    errorBuffer.deallocate()
  }

  /// Options that this libcurl does not know end the process: it is older than the one this was built for.
  func set(_ option: CURLoption, _ value: Int) { require(switchyard_curl_set_long(pointer, option, value)) }

  /// libcurl copies the text; nil takes its default away.
  func set(_ option: CURLoption, _ value: String?) { require(switchyard_curl_set_string(pointer, option, value)) }

  /// The bytes must stay where they are, unchanged, for as long as the handle.
  func set(_ option: CURLoption, _ bytes: UnsafeRawBufferPointer) {
    require(switchyard_curl_set_blob(pointer, option, bytes.baseAddress, bytes.count))
  }

  /// The list must outlive the transfer.
  func set(_ option: CURLoption, _ list: borrowing StringList) {
    require(switchyard_curl_set_list(pointer, option, list.pointer))
  }

  func clearList(_ option: CURLoption) { require(switchyard_curl_set_list(pointer, option, nil)) }

  /// The bytes must stay where they are, unchanged, until the transfer is over.
  func setBody(_ bytes: UnsafeRawBufferPointer) {
    require(switchyard_curl_set_body(pointer, bytes.baseAddress, bytes.count))
  }

  func setResponseCallbacks(
    head: curl_write_callback, body: curl_write_callback, context: UnsafeMutableRawPointer
  ) {
    require(switchyard_curl_set_response_callbacks(pointer, head, body, context))
  }

  func setAddressCallbacks(
    open: curl_opensocket_callback, beforeRequest: curl_prereq_callback,
    context: UnsafeMutableRawPointer
  ) {
    require(switchyard_curl_set_address_callbacks(pointer, open, beforeRequest, context))
  }

  func number(_ info: CURLINFO) -> Int { switchyard_curl_get_long(pointer, info) }

  func offset(_ info: CURLINFO) -> Int64 { Int64(switchyard_curl_get_offset(pointer, info)) }

  /// What libcurl says about the error that ended the transfer; empty if it says nothing.
  var errorText: String { String(cString: errorBuffer) }

  private func require(_ code: CURLcode) {
    precondition(code == CURLE_OK, "libcurl refuses an option: \(String(cString: curl_easy_strerror(code)))")
  }
}
