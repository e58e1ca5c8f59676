import CCurl

/// Owns one multi handle of libcurl's: the transfers of one thread, and the connections they share.
///
/// Every easy handle must be removed before it goes.
struct MultiHandle: ~Copyable {
  /// Connections that are kept, idle ones and those in use. When more are in use, each that becomes idle is closed, so
  /// it is well above what one thread has in flight.
  private static let connectionLimit = 4096

  private let pointer: UnsafeMutableRawPointer

  init() {
    guard let pointer = curl_multi_init() else { preconditionFailure("libcurl is out of memory") }
    _ = switchyard_curl_multi_set_long(pointer, CURLMOPT_MAXCONNECTS, Self.connectionLimit)
    _ = switchyard_curl_multi_set_long(pointer, CURLMOPT_PIPELINING, Int(CURLPIPE_NOTHING))
    self.pointer = pointer
  }

  deinit {
    // Closing the connections would call back once more.
    _ = switchyard_curl_multi_set_callbacks(pointer, nil, nil, nil)
    curl_multi_cleanup(pointer)
  }

  /// Both callbacks get `context`, which must outlive the handle.
  func setCallbacks(
    socket: curl_socket_callback, timer: curl_multi_timer_callback, context: UnsafeMutableRawPointer
  ) {
    let code = switchyard_curl_multi_set_callbacks(pointer, socket, timer, context)
    precondition(code == CURLM_OK, "libcurl refuses its callbacks")
  }

  func add(_ easy: borrowing EasyHandle) -> Bool { curl_multi_add_handle(pointer, easy.pointer) == CURLM_OK }

  func remove(_ easy: borrowing EasyHandle) { curl_multi_remove_handle(pointer, easy.pointer) }

  /// A socket is ready for what `events` (`CURL_CSELECT_…`) says.
  func socketIsReady(_ socket: Int32, events: Int32) {
    var running: Int32 = 0
    curl_multi_socket_action(pointer, socket, events, &running)
  }

  /// The time that the timer callback asked for has come.
  func timerFired() {
    var running: Int32 = 0
    curl_multi_socket_action(pointer, -1, 0, &running)
  }

  /// Goes on with everything that is ready; true while any transfer is under way. For one who waits by `wait`.
  func perform() -> Bool {
    var running: Int32 = 0
    return curl_multi_perform(pointer, &running) == CURLM_OK && running > 0
  }

  /// Until something is ready, at most so long.
  func wait(milliseconds: Int32) { curl_multi_poll(pointer, nil, 0, milliseconds, nil) }

  /// The next transfer that is over; nil when there is none left.
  func nextCompleted() -> (easy: UnsafeMutableRawPointer, code: CURLcode)? {
    var left: Int32 = 0
    while let message = curl_multi_info_read(pointer, &left) {
      if message.pointee.msg == CURLMSG_DONE { return (message.pointee.easy_handle, message.pointee.data.result) }
    }
    return nil
  }
}
