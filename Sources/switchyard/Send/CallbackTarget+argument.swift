import ArgumentParser
import TencentChat

extension CallbackTarget: ExpressibleByArgument {
  init?(argument: String) { self.init(argument) }
}
