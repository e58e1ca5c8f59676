import ArgumentParser

/// The flags of `switchyard serve` as they were written; `ServeSettings` reads them.
///
/// All are texts, because each may also stand in the environment: `--some-name` is `SWITCHYARD_SOME_NAME` there.
struct ServeOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Apps and subscribers (default: routes.yaml).", valueName: "file"))
  var routes: String?

  @Option(help: ArgumentHelp("The callback door (default: 0.0.0.0:8080).", valueName: "host:port"))
  var listen: String?

  @Option(help: ArgumentHelp("Where Tencent posts; repeatable (default: / and /callback).", valueName: "path"))
  var callbackPath: [String] = []

  @Option(help: ArgumentHelp("The admin door (default: 127.0.0.1:8090).", valueName: "host:port"))
  var admin: String?

  @Option(help: ArgumentHelp("sqlite:PATH or postgres://… (default: sqlite:./switchyard.db).", valueName: "url"))
  var journal: String?

  @Option(help: ArgumentHelp("What takes callbacks while PostgreSQL is away.", valueName: "file"))
  var spool: String?

  @Option(help: ArgumentHelp("Whose X-Forwarded-For is believed (default: nobody's).", valueName: "cidr,…"))
  var trustedProxies: String?

  @Option(help: ArgumentHelp("HTTPS on the callback door: the certificate chain, PEM.", valueName: "file"))
  var tlsCertificate: String?

  @Option(help: ArgumentHelp("HTTPS on the callback door: the private key, PEM.", valueName: "file"))
  var tlsKey: String?

  @Option(help: ArgumentHelp("How long a callback may wait for the journal (default: 1500ms).", valueName: "duration"))
  var ackDeadline: String?

  @Option(help: ArgumentHelp("All bodies and waiting appends together (default: 256MiB).", valueName: "size"))
  var ingestMemory: String?

  @Option(help: ArgumentHelp("How long delivered history stays replayable (default: 72h).", valueName: "duration"))
  var retain: String?

  @Option(
    help: ArgumentHelp("The journal's size (default: what leaves a tenth of the volume free).", valueName: "size"))
  var journalMaxSize: String?

  @Option(
    help: ArgumentHelp("After SIGTERM: keep accepting this long, not ready (default: 0s).", valueName: "duration"))
  var linger: String?

  @Option(
    help: ArgumentHelp("Then: how long a stop waits for attempts in flight (default: 15s).", valueName: "duration"))
  var drain: String?

  @Option(help: ArgumentHelp("trace, debug, info, notice, warning, error (default: info).", valueName: "level"))
  var logLevel: String?

  @Option(help: ArgumentHelp("text or json (default: text on a terminal, else json).", valueName: "format"))
  var logFormat: String?
}
