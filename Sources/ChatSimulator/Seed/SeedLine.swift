import Foundation
import GatewayCore

/// One line of a seed file: one account, as a JSON object.
struct SeedLine: Sendable {
  let account: AccountID
  /// Nil: of every app.
  let appID: AppID?
  let isForeign: Bool
  let requests: AccountDirectory.Requests?
  /// What every row about it fails with.
  let failure: Int?
  let friends: [AccountID]
  let blocks: [AccountID]

  /// - Parameter number: Of the line, from 1.
  init(_ bytes: some Sequence<UInt8>, number: Int) throws(SeedError) {
    do {
      self = try JSONDecoder().decode(SeedLine.self, from: Data(bytes))
    } catch let unfit as Unfit {
      throw SeedError(line: number, reason: unfit.reason)
    } catch {
      throw SeedError(
        line: number, reason: "it is not a JSON object; write one account a line, such as {\"account\":\"id\"}")
    }
  }
}

extension SeedLine: Decodable {
  private enum Key: String, CaseIterable {
    case account, app, foreign, requests, fails, friends, blocks
  }

  /// Any key at all, so that an unknown one is seen.
  private struct Name: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }

    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  private struct Unfit: Error { let reason: String }

  init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: Name.self)
    for name in values.allKeys where Key(rawValue: name.stringValue) == nil {
      let known = Key.allCases.map(\.rawValue).joined(separator: ", ")
      throw Unfit(reason: "there is no key \"\(name.stringValue)\"; the keys are \(known)")
    }
    func value<Value: Decodable>(_ key: Key, _ what: String) throws -> Value? {
      do {
        return try values.decodeIfPresent(Value.self, forKey: Name(stringValue: key.rawValue))
      } catch {
        throw Unfit(reason: "\"\(key.rawValue)\" must be \(what)")
      }
    }
    guard let name: String = try value(.account, "a string") else {
      throw Unfit(reason: "\"account\" is missing; name the account")
    }
    account = try Self.account(name)
    appID = try (value(.app, "a number") as Int64?).map { AppID(rawValue: $0) }
    isForeign = try value(.foreign, "true or false") ?? false
    requests = try (value(.requests, "a string") as String?).map(Self.requests)
    failure = try (value(.fails, "a code") as Int?).map(Self.code)
    friends = try (value(.friends, "a list of accounts") ?? [String]()).map(Self.account)
    blocks = try (value(.blocks, "a list of accounts") ?? [String]()).map(Self.account)
  }

  private static func account(_ name: String) throws -> AccountID {
    let account = AccountID(name)
    guard account.isWellFormed else { throw Unfit(reason: "an account must have 1 to \(AccountID.maxBytes) bytes") }
    return account
  }

  private static func requests(_ word: String) throws -> AccountDirectory.Requests {
    guard let requests = AccountDirectory.Requests(rawValue: word) else {
      let words = AccountDirectory.Requests.allCases.map(\.rawValue).joined(separator: ", ")
      throw Unfit(reason: "\"requests\" must be one of \(words)")
    }
    return requests
  }

  private static func code(_ code: Int) throws -> Int {
    guard RowFaults.codes.contains(code) else {
      throw Unfit(reason: "\"fails\" must be from \(RowFaults.codes.lowerBound) to \(RowFaults.codes.upperBound)")
    }
    return code
  }
}
