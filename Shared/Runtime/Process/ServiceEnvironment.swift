public import Contracts
public import HTTP
public import Machines
public import Observability
import Synchronization
public import Threads

/// The means of a process that its effects and singletons share: settings, a log, metrics, a clock, and a way to speak HTTP.
public final class ServiceEnvironment: Sendable {
    public let service: ServiceName
    public let settings: Settings
    public let http: any HTTPSender
    public let logger: Logger
    public let metrics: Metrics
    public let clock: ServiceClock
    private let shared = Mutex<[String: any Sendable]>([:])

    public init(
        service: ServiceName, settings: Settings, http: any HTTPSender, logger: Logger, metrics: Metrics,
        clock: ServiceClock = ServiceClock()
    ) {
        self.service = service
        self.settings = settings
        self.http = http
        self.logger = logger
        self.metrics = metrics
        self.clock = clock
    }

    /// An object that all of this process share, such as a partner's rate limiter; made when it is first asked for.
    public func shared<Object: Sendable>(_ name: String, _ make: () -> Object) -> Object {
        shared.withLock { shared in
            if let known = shared[name] as? Object { return known }
            let made = make()
            shared[name] = made
            return made
        }
    }
}
