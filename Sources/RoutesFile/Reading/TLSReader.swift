import GatewayCore

/// Reads a subscriber's `tls` and the files that it names.
///
/// All of them are looked at, whatever is wrong with one, so that each is watched and putting it right is noticed. While
/// a certificate and its key are replaced there may be a moment in which they do not belong together: such a load fails
/// as a whole, and the one after it does not.
struct TLSReader {
  static let keys = TLSFinding.File.allCases.map(\.routesKey)

  let rules: RoutesRules
  let session: LoadSession

  /// Nil if it names no file, and if it will not do.
  func read(_ value: ValueReader) -> TLSSettings? {
    guard let mapping = MappingReader(value.node, what: "\"tls\"", keys: Self.keys, session: session) else {
      return nil
    }
    demand(.key, with: .certificate, in: mapping)
    demand(.certificate, with: .key, in: mapping)
    var paths = TLSPaths()
    for file in TLSFinding.File.allCases {
      paths[file] = mapping[file.routesKey]?.text().map(session.folder.absolute)
    }
    let contents = session.tlsContents[paths] ?? TLSContents(paths, rules: rules, session: session)
    session.tlsContents[paths] = contents
    for finding in contents.findings { report(finding, in: mapping) }
    return contents.settings
  }

  private func demand(_ file: TLSFinding.File, with other: TLSFinding.File, in mapping: MappingReader) {
    guard let value = mapping[other.routesKey], mapping[file.routesKey] == nil else { return }
    value.fail("\"\(other.routesKey)\" needs \"\(file.routesKey)\" beside it; add it, or remove this")
  }

  private func report(_ finding: TLSFinding, in mapping: MappingReader) {
    guard let value = mapping[finding.file.routesKey] else { return }
    let message = "the file \"\(value.shown)\" \(finding.clause)"
    switch finding.severity {
    case .error: value.fail(message)
    case .warning: session.warn(message, at: value.node.location)
    }
  }
}

/// Which files a `tls` names, by absolute paths.
struct TLSPaths: Hashable {
  private var paths: [TLSFinding.File: String] = [:]

  subscript(file: TLSFinding.File) -> String? {
    get { paths[file] }
    set { paths[file] = newValue }
  }
}

/// What the files of a `tls` hold, and what is wrong with that.
struct TLSContents {
  /// Nil if there is nothing in them to go by.
  let settings: TLSSettings?
  let findings: [TLSFinding]

  init(_ paths: TLSPaths, rules: RoutesRules, session: LoadSession) {
    var bytes: [TLSFinding.File: [UInt8]] = [:]
    var findings: [TLSFinding] = []
    for file in TLSFinding.File.allCases {
      guard let path = paths[file] else { continue }
      do {
        bytes[file] = try session.bytes(ofFileAt: path, limit: file.limit)
      } catch {
        findings.append(
          TLSFinding(
            .error, file, "cannot be read: \(error.reason); put it there for the gateway to read, or correct its path"))
      }
    }
    var identity: ClientIdentity?
    if let certificates = bytes[.certificate], let key = bytes[.key] {
      identity = ClientIdentity(certificates: certificates, key: SecretBytes(key))
    }
    let isAny = bytes[.authorities] != nil || identity != nil
    settings = isAny ? TLSSettings(authorities: bytes[.authorities], identity: identity) : nil
    self.findings = findings + (settings.map(rules.inspectTLS) ?? [])
  }
}

extension TLSFinding.File {
  var routesKey: String {
    switch self {
    case .authorities: "ca_file"
    case .certificate: "certificate_file"
    case .key: "key_file"
    }
  }

  fileprivate var limit: ByteSize {
    switch self {
    case .authorities: RoutesLimits.authoritiesFileSize
    case .certificate, .key: RoutesLimits.identityFileSize
    }
  }
}
