import GatewayCore
import Logging
import PrometheusMetrics

/// What the endpoints of the door share.
struct AdminParts: Sendable {
  let limits: AdminLimits
  let control: any GatewayControl
  let registry: PrometheusRegistry
  let policy: AccessPolicy
  let cookie: SessionCookie
  let activity: ActivityRecorder
  let api: AdminAPI
  let feed: DashboardFeed
  let dashboard: DashboardEndpoints
  let session: SessionEndpoints
  let logger: Logger

  init(
    configuration: AdminServerConfiguration, control: any GatewayControl, delivery: any DeliveryControl,
    registry: PrometheusRegistry, values: RequestValues, digest: any Digest, logger: Logger
  ) {
    let tokens = AdminTokens(configuration.tokens, digest: digest, logger: logger)
    let sessions = AdminSessions(tokens: tokens, digest: digest)
    let templates = DashboardTemplates()
    limits = configuration.limits
    self.control = control
    self.registry = registry
    self.logger = logger
    policy = AccessPolicy(tokens: tokens, sessions: sessions)
    cookie = SessionCookie(port: configuration.port)
    activity = ActivityRecorder(registry: registry, period: limits.activityPeriod)
    api = AdminAPI(
      control: control, delivery: delivery, values: values, activity: activity, changes: ChangeLog(logger: logger),
      limits: limits)
    feed = DashboardFeed(control: control, activity: activity, templates: templates)
    dashboard = DashboardEndpoints(
      policy: policy, cookie: cookie, feed: feed, streams: EventStreams(limits: limits), control: control,
      templates: templates,
      digest: digest)
    session = SessionEndpoints(
      policy: policy, sessions: sessions, cookie: cookie, templates: templates, logger: logger)
  }
}
