import Foundation
import FuzzDriver
import GatewayCore
import OrderedCollections

@testable import RoutesFile

/// What is promised of all routes that come out of a load.
enum GoodRoutesCheck {
  static func check(_ routes: Routes) {
    for (id, app) in routes.apps {
      require(app.id == id && id.rawValue > 0, "an app stands under its id", "\(id)")
      for range in app.allowedAddresses ?? [] {
        require(AddressRange(range.description) == range, "a range of addresses is read back", "\(range)")
      }
    }
    for (name, subscriber) in routes.subscribers {
      require(subscriber.name == name, "a subscriber stands under its name", name)
      check(subscriber, apps: Set(routes.apps.keys))
    }
  }

  private static func check(_ subscriber: Subscriber, apps: Set<AppID>) {
    let isName = subscriber.name.utf8.allSatisfy { "abcdefghijklmnopqrstuvwxyz0123456789-".utf8.contains($0) }
    require(isName && (1...63).contains(subscriber.name.utf8.count), "a name is one", subscriber.name)
    require(!subscriber.events.isEmpty, "a subscriber wants events")
    checkURL(subscriber.endpoint.url)
    for secret in subscriber.secrets {
      let key = secret.exposed.split(separator: "_", maxSplits: 1).last.flatMap { Data(base64Encoded: String($0)) }
      require((24...64).contains(key?.count ?? 0), "Foundation reads a secret's base64", secret.exposed)
    }
    for header in subscriber.headers {
      let isName = header.name.utf8.allSatisfy { (0x21...0x7E).contains($0) && !noneOfName.contains($0) }
      require(isName && !header.name.isEmpty, "a header's name is a token", header.name)
      let isLine = header.value.exposed.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }
      require(isLine, "a header's value is one line", header.value.exposed)
    }
  }

  /// RFC 9110, section 5.6.2: the delimiters.
  private static let noneOfName = Array("()<>@,;:\\\"/[]?={}".utf8)

  /// Foundation takes the URL for one, and to the same host.
  private static func checkURL(_ text: String) {
    guard let parts = URLComponents(string: text, encodingInvalidCharacters: false), let host = parts.host,
      let own = try? SubscriberURL(text)
    else {
      require(false, "Foundation accepts a URL that is accepted", text)
      return
    }
    let bare = host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host
    require(bare.lowercased() == own.host, "Foundation reads the same host", "\(host), \(own.host)")
    require(["http", "https"].contains(parts.scheme?.lowercased()), "a URL is of the web", text)
    require(parts.user == nil && parts.password == nil && parts.fragment == nil, "a URL is but an address", text)
  }
}
