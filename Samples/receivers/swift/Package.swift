// swift-tools-version:6.0
import PackageDescription

let package = Package(
  name: "receiver",
  platforms: [.macOS(.v13)],
  dependencies: [
    .package(url: "https://github.com/apple/swift-crypto.git", from: "3.12.3")
  ],
  targets: [
    .systemLibrary(
      name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"]), .brew(["sqlite"])]),
    .executableTarget(
      name: "receiver", dependencies: ["CSQLite", .product(name: "Crypto", package: "swift-crypto")]),
  ]
)
