import AdminAssets
import Mustache

/// The templates of the dashboard, read once. What is put into them is escaped, but for what they have rendered before.
struct DashboardTemplates: Sendable {
  private let library: MustacheLibrary

  init() {
    var library = MustacheLibrary()
    do {
      for template in AdminAssets.templates {
        let text = String(decoding: template.bytes, as: UTF8.self)
        // An editor ends a file with a line break, which would come between what is put together.
        try library.register(text.hasSuffix("\n") ? String(text.dropLast()) : text, named: template.name)
      }
    } catch {
      preconditionFailure("the templates are compiled in: \(error)")
    }
    self.library = library
  }

  func render(_ name: String, _ values: [String: Any]) -> String {
    guard let text = library.render(values, withTemplate: name) else {
      preconditionFailure("there is no template \(name)")
    }
    return text
  }
}
