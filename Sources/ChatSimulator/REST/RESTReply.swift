import TencentChat

/// The body of an answer: compact JSON with its fields in the documents' order.
///
/// A call whose rows all fail is still OK: the documents print none that is not. `ErrorInfo` is empty where a call is OK;
/// the `"0"` in the sample of `friend_delete` is taken for a slip, since the other samples and all tables have it empty.
enum RESTReply {
  static func body(_ rows: [RowResult], of command: RESTCommand) -> [UInt8] {
    var json = Array(#"{"ResultItem":["#.utf8)
    for (index, row) in rows.enumerated() {
      if index > 0 { json.append(UInt8(ascii: ",")) }
      json += Array(#"{"To_Account":"#.utf8) + JSONString.literal(row.account.name)
      json += Array(#","ResultCode":\#(row.failure?.code ?? 0),"ResultInfo":"#.utf8)
      json += JSONString.literal(row.failure?.text(in: command) ?? "") + Array("}".utf8)
    }
    json += Array("],".utf8)
    let failed = rows.filter { $0.failure != nil }
    if !failed.isEmpty, command.listsFailedAccounts {
      let accounts = failed.map { JSONString.literal($0.account.name) }.joined(separator: [UInt8(ascii: ",")])
      json += Array(#""Fail_Account":["#.utf8) + accounts + Array("],".utf8)
    }
    return json + Array(#""ActionStatus":"OK","ErrorCode":0,"ErrorInfo":"","ErrorDisplay":""}"#.utf8)
  }

  static func body(_ error: RESTError) -> [UInt8] {
    Array(#"{"ActionStatus":"FAIL","ErrorCode":\#(error.code),"ErrorInfo":"#.utf8) + JSONString.literal(error.info)
      + Array("}".utf8)
  }
}
