import COpenSSL
package import Foundation
package import GatewayCore

/// Reads TLS files as libcurl will when it connects, so that what cannot be used is known before.
package struct OpenSSLTLSInspector: Sendable {
  private let now: @Sendable () -> Date

  /// - Parameter now: What the dates of certificates are held against.
  package init(now: @escaping @Sendable () -> Date = { Date() }) { self.now = now }

  /// Empty if nothing is wrong with them now.
  package func findings(in settings: TLSSettings) -> [TLSFinding] {
    var findings: [TLSFinding] = []
    if let authorities = settings.authorities, withPEM(authorities, switchyard_pem_certificate_count) == 0 {
      findings.append(TLSFinding(.error, .authorities, Self.noCertificate))
    }
    if let identity = settings.identity { findings += self.findings(in: ParsedIdentity(identity)) }
    return findings
  }

  private func findings(in identity: consuming ParsedIdentity) -> [TLSFinding] {
    var findings: [TLSFinding] = []
    if !identity.hasCertificate {
      findings.append(TLSFinding(.error, .certificate, Self.noCertificate))
    } else if !identity.isChainGood {
      findings.append(TLSFinding(.error, .certificate, "holds a broken certificate behind the first; write it anew"))
    }
    if !identity.hasKey {
      findings.append(TLSFinding(.error, .key, identity.isKeyEncrypted ? Self.encryptedKey : Self.noKey))
    }
    guard identity.hasCertificate, identity.hasKey else { return findings }
    if !identity.belongTogether {
      findings.append(
        TLSFinding(.error, .key, "is not the key of the certificate in \"certificate_file\"; replace the two together"))
    }
    let (hasBegun, hasEnded) = identity.validity(at: now())
    if hasEnded {
      findings.append(TLSFinding(.warning, .certificate, "has expired, so servers will refuse it; renew it"))
    } else if !hasBegun {
      findings.append(
        TLSFinding(.warning, .certificate, "is not yet valid; compare its dates with this machine's clock"))
    }
    return findings
  }

  private static let noCertificate =
    "holds no certificate in PEM, from \"-----BEGIN CERTIFICATE-----\" on, or one that is broken; check what it is"
  private static let noKey =
    "holds no private key in PEM, from \"-----BEGIN PRIVATE KEY-----\" on, or one that is broken; check what it is"
  private static let encryptedKey =
    "is encrypted, and the gateway has no passphrase for it; store it without one, readable by the gateway alone"
}
