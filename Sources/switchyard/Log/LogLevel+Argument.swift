// A conformance of another module's type to another module's protocol is public, and so are its imports.
public import ArgumentParser
public import Logging

/// `--log-level` takes swift-log's own words, from `trace` to `critical`.
extension Logger.Level: @retroactive ExpressibleByArgument {}
