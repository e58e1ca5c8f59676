// swift-tools-version: 6.2
import PackageDescription

// Every room of ARCHITECTURE.md is one target, and `uses` is all that it may import besides itself, the standard
// library and the four small packages in `everywhere`. A test holds the sources to this list.

let settings: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
  .treatAllWarnings(as: .error),
]

let everywhere: [Target.Dependency] = [
  .product(name: "Logging", package: "swift-log"),
  .product(name: "CoreMetrics", package: "swift-metrics"),
  .product(name: "DequeModule", package: "swift-collections"),
  .product(name: "OrderedCollections", package: "swift-collections"),
]
let grdb: [Target.Dependency] = [
  .product(name: "GRDB", package: "GRDB.swift"),
  .product(name: "GRDBSQLite", package: "GRDB.swift"),
]
let yams: Target.Dependency = .product(name: "Yams", package: "Yams")
let lifecycle: Target.Dependency = .product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let unixSignals: Target.Dependency = .product(name: "UnixSignals", package: "swift-service-lifecycle")
let arguments: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
// Hummingbird's own types are spread over these modules, and each must be imported where its members are used.
let hummingbird: [Target.Dependency] = [
  .product(name: "Hummingbird", package: "hummingbird"),
  .product(name: "HummingbirdCore", package: "hummingbird"),
  .product(name: "HTTPTypes", package: "swift-http-types"),
  .product(name: "NIOCore", package: "swift-nio"),
  lifecycle,
]
let mustache: Target.Dependency = .product(name: "Mustache", package: "swift-mustache")
let nio: [Target.Dependency] = [
  .product(name: "NIOCore", package: "swift-nio"),
  .product(name: "NIOPosix", package: "swift-nio"),
  .product(name: "NIOHTTP1", package: "swift-nio"),
]
let nioTLS: Target.Dependency = .product(name: "NIOSSL", package: "swift-nio-ssl")
let nioTesting: Target.Dependency = .product(name: "NIOEmbedded", package: "swift-nio")

func room(_ name: String, uses: [Target.Dependency]) -> Target {
  .target(name: name, dependencies: uses + everywhere, swiftSettings: settings)
}

func tests(_ name: String, uses: [Target.Dependency], exclude: [String] = []) -> Target {
  .testTarget(name: name, dependencies: uses + ["TestSupport"] + everywhere, exclude: exclude, swiftSettings: settings)
}

// What the admin door serves, compiled in.
let assets = [
  "openapi.yaml", "icon.svg", "dashboard.css", "dashboard.js", "api.js", "attempts.js", "dead-letters.js", "dialogs.js",
  "dom.js", "live.js", "replays.js", "routes.js", "story.js", "subscribers.js", "dialogs.mustache", "figures.mustache",
  "page.mustache", "routes.mustache", "sign-in.mustache", "subscriber.mustache", "symbols.mustache", "trouble.mustache",
]

let package = Package(
  name: "switchyard",
  platforms: [.macOS(.v15)],
  products: [.executable(name: "switchyard", targets: ["switchyard"])],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser.git", exact: "1.8.2"),
    .package(url: "https://github.com/apple/swift-collections.git", exact: "1.6.0"),
    .package(url: "https://github.com/apple/swift-http-types.git", exact: "1.8.0"),
    .package(url: "https://github.com/apple/swift-log.git", exact: "1.16.2"),
    .package(url: "https://github.com/apple/swift-metrics.git", exact: "2.13.0"),
    .package(url: "https://github.com/apple/swift-nio.git", exact: "2.101.2"),
    .package(url: "https://github.com/apple/swift-nio-ssl.git", exact: "2.37.6"),
    .package(url: "https://github.com/groue/GRDB.swift.git", exact: "7.10.0"),
    .package(url: "https://github.com/hummingbird-project/hummingbird.git", exact: "2.28.1"),
    .package(url: "https://github.com/hummingbird-project/swift-mustache.git", exact: "2.1.1"),
    .package(url: "https://github.com/jpsim/Yams.git", exact: "6.2.2"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle.git", exact: "2.13.0"),
  ],
  targets: [
    room("GatewayCore", uses: []),
    room("TencentChat", uses: ["GatewayCore"]),
    room("RoutesFile", uses: ["GatewayCore", yams]),
    room("CallbackServer", uses: ["GatewayCore", "TencentChat", nioTLS] + nio),
    room("Delivery", uses: ["GatewayCore"]),
    room("SQLiteJournal", uses: ["GatewayCore"] + grdb),
    room("PostgresJournal", uses: ["GatewayCore", "CPostgres"]),
    room("Spool", uses: ["GatewayCore"]),
    room("CurlTransport", uses: ["GatewayCore", "CCurl"]),
    room("OpenSSLSigner", uses: ["GatewayCore", "COpenSSL"]),
    room("PrometheusMetrics", uses: []),
    .target(
      name: "AdminAssets", resources: assets.map { .embedInCode("Resources/\($0)") }, swiftSettings: settings),
    room("AdminServer", uses: ["GatewayCore", "PrometheusMetrics", "AdminAssets", mustache] + hummingbird),
    .target(
      name: "RoutesSchema", resources: [.embedInCode("Resources/routes.schema.json")], swiftSettings: settings),
    room("ChatSimulator", uses: ["GatewayCore", "TencentChat"] + hummingbird),
    .executableTarget(
      name: "switchyard",
      dependencies: [
        "GatewayCore", "TencentChat", "RoutesFile", "RoutesSchema", "CallbackServer", "Delivery", "SQLiteJournal",
        "PostgresJournal", "Spool", "CurlTransport", "OpenSSLSigner", "PrometheusMetrics", "AdminServer",
        "ChatSimulator", arguments, unixSignals,
      ] + nio + everywhere,
      swiftSettings: settings),
    .systemLibrary(name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
    .systemLibrary(name: "COpenSSL", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
    .systemLibrary(name: "CPostgres", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
    .target(name: "TestSupport", path: "Tests/TestSupport", swiftSettings: settings),
    tests("ArchitectureTests", uses: []),
    tests("TestSupportTests", uses: []),
    tests("GatewayCoreTests", uses: ["GatewayCore"]),
    tests("TencentChatTests", uses: ["GatewayCore", "TencentChat", "OpenSSLSigner"], exclude: ["Samples"]),
    tests("RoutesFileTests", uses: ["GatewayCore", "RoutesFile"]),
    tests("JournalConformanceTests", uses: ["GatewayCore", "SQLiteJournal", "PostgresJournal", "OpenSSLSigner"]),
    tests("PostgresJournalTests", uses: ["GatewayCore", "PostgresJournal", "OpenSSLSigner"]),
    tests("SQLiteJournalTests", uses: ["GatewayCore", "SQLiteJournal", "OpenSSLSigner"] + grdb),
    tests("SpoolTests", uses: ["GatewayCore", "Spool", "SQLiteJournal", "OpenSSLSigner"] + grdb),
    tests("DeliveryTests", uses: ["GatewayCore", "TencentChat", "OpenSSLSigner", "SQLiteJournal", "Delivery"]),
    tests("OpenSSLSignerTests", uses: ["GatewayCore", "OpenSSLSigner"]),
    tests("CurlTransportTests", uses: ["GatewayCore", "CurlTransport", nioTLS] + nio),
    tests(
      "CallbackServerTests",
      uses: ["GatewayCore", "TencentChat", "CallbackServer", "OpenSSLSigner", nioTLS, nioTesting] + nio),
    tests("PrometheusMetricsTests", uses: ["PrometheusMetrics"]),
    tests("AdminServerTests", uses: ["GatewayCore", "PrometheusMetrics", "AdminServer", nioTesting] + hummingbird),
    tests(
      "ChatSimulatorTests",
      uses: ["GatewayCore", "TencentChat", "OpenSSLSigner", "CurlTransport", "ChatSimulator"], exclude: ["Samples"]),
    tests(
      "switchyardTests",
      uses: [
        "switchyard", "GatewayCore", "TencentChat", "RoutesFile", "OpenSSLSigner", "CurlTransport", "ChatSimulator",
        "PrometheusMetrics", arguments,
      ]),
  ]
)

// What `make bench` measures against; left out of every other build.
if Context.environment["SWITCHYARD_BENCHMARKS"] != nil {
  package.targets.append(
    .executableTarget(
      name: "static-reply", dependencies: hummingbird, path: "Benchmarks/StaticReply", swiftSettings: settings))
}

// What `make fuzz` runs; left out of every other build. The rooms then count which of their branches an input takes, and
// show their insides.
if Context.environment["SWITCHYARD_FUZZ"] != nil {
  // With the linker that Swift uses by default a fuzzer crashes before it starts.
  let linked: [LinkerSetting] = [.unsafeFlags(["-sanitize=fuzzer", "-use-ld=lld"])]
  let coverage: [SwiftSetting] = [.unsafeFlags(["-sanitize=fuzzer", "-enable-testing"])]

  func fuzzer(_ name: String, uses: [Target.Dependency]) -> Target {
    .executableTarget(
      name: name, dependencies: uses + ["FuzzDriver"] + everywhere, path: "Fuzz/\(name)", swiftSettings: settings,
      linkerSettings: linked)
  }

  for room in package.targets where room.type == .regular && room.name != "TestSupport" {
    room.swiftSettings = settings + coverage
  }
  package.targets += [
    .systemLibrary(name: "CLibFuzzer", path: "Fuzz/CLibFuzzer"),
    .target(name: "FuzzDriver", dependencies: ["CLibFuzzer"], path: "Fuzz/FuzzDriver", swiftSettings: settings),
    fuzzer("QueryFuzzer", uses: ["GatewayCore", "TencentChat", "OpenSSLSigner"]),
    fuzzer("BodyFuzzer", uses: ["GatewayCore", "TencentChat", "OpenSSLSigner"]),
    fuzzer("RoutesFuzzer", uses: ["GatewayCore", "TencentChat", "RoutesFile", "OpenSSLSigner"]),
    fuzzer("AdminQueriesFuzzer", uses: ["GatewayCore", "AdminServer", "PrometheusMetrics"] + hummingbird),
  ]
}
