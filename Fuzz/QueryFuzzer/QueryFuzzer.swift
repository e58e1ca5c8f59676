import FuzzDriver
import GatewayCore
import OpenSSLSigner
import TencentChat

/// The query of a callback's URL: what is read of it, what may be written down of it, and whose signature it bears.
@main
enum QueryFuzzer: Fuzzer {
  static func check(_ input: [UInt8]) {
    let raw = String(decoding: input, as: UTF8.self)
    let query = CallbackQuery(raw)
    checkCredentials(of: query)
    if let model = QueryModel(raw) { checkValues(of: query, against: model) }
    SignatureCheck.check(query)
  }

  /// Nothing of `Sign` and `RequestTime` is left, and all else says what it said before.
  private static func checkCredentials(of query: CallbackQuery) {
    let kept = CallbackQuery(query.withoutCredentials)
    require(kept.signature == nil && kept.requestTime == nil, "credentials are removed", query.withoutCredentials)
    require(
      isSame(kept.withoutCredentials, query.withoutCredentials), "removing credentials again changes nothing",
      kept.withoutCredentials)
    require(
      values(of: kept).elementsEqual(values(of: query), by: isSame), "what is kept says the same",
      "\(values(of: kept)) instead of \(values(of: query))")
  }

  private static func checkValues(of query: CallbackQuery, against model: QueryModel) {
    let credentials = [query.signature, query.requestTime]
    let expected = ["sdkappid", "callbackcommand", "requestid", "clientip", "optplatform"].map(model.value)
    let given = [model.value(of: "sdkappid").flatMap { AppID($0) }.map(\.description)] + expected.dropFirst()
    require(
      values(of: query).elementsEqual(given, by: isSame), "the values are those that Foundation reads",
      "\(values(of: query)) instead of \(given)")
    require(
      credentials.elementsEqual(["sign", "requesttime"].map(model.value), by: isSame),
      "the credentials are those that Foundation reads", "\(credentials)")
    require(
      isSame(query.withoutCredentials, model.withoutCredentials), "only credentials are removed",
      query.withoutCredentials)
  }

  private static func values(of query: CallbackQuery) -> [String?] {
    [query.appID?.description, query.command, query.requestID, query.clientIP, query.platform]
  }

  /// Byte for byte: two strings are equal in Swift if they only look alike.
  private static func isSame(_ left: String?, _ right: String?) -> Bool {
    left.map { Array($0.utf8) } == right.map { Array($0.utf8) }
  }
}
