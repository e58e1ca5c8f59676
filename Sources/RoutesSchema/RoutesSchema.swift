/// The JSON Schema of routes files, compiled into the program: it stays one binary.
///
/// A room of its own, because a change to the code around it need not compile it again. A test holds it to the keys that
/// the readers of RoutesFile know.
package enum RoutesSchema {
  /// JSON Schema 2020-12, without a line feed at its end.
  package static var text: String {
    String(decoding: PackageResources.routes_schema_json.reversed().drop { $0 == 0x0A }.reversed(), as: UTF8.self)
  }
}
