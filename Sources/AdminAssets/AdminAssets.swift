/// The files that the admin door serves as they are, compiled into the program: it stays one binary.
///
/// A room of its own, because a change to the code around them need not compile them again.
package enum AdminAssets {
  /// `GET /openapi.yaml`: the OpenAPI 3.1 document of the admin API.
  package static let openAPI = PackageResources.openapi_yaml
}
