import Contracts
import HTTP
import Observability
import PartnerEffects
import Partners
import Runtime
import Threads

/// Holds Pinduoduo's message socket, of which the platform's application has one: what a message is about is passed on to the channels of
/// its shop, and the message is acknowledged only when Kafka has that. A message that is not acknowledged comes again, and a second time
/// changes nothing.
struct MessageSocket: Sendable {
    /// Seconds from one heartbeat to the next; of silence after which the connection counts as dead; and between attempts to connect
    /// (doubled after each that failed, with jitter).
    struct Pace: Sendable {
        var heartbeat = 5.0
        var idle = 15.0
        /// Seconds from one look at the backlog to the next.
        var backlog = 60.0
        var firstPause = 1.0
        var longestPause = 60.0
    }

    /// Messages that may wait for Kafka at a time.
    private static let concurrency = 64
    /// A connection that has lived so long, in seconds, was good: the next attempt needs no long pause.
    private static let goodLife = 30.0

    private let base: String
    private let application: PinduoduoGateway.Application
    private let connectSeconds: Double
    private let router: MessageRouter
    private let pace: Pace
    private let clock: ServiceClock
    private let logger: Logger
    private let messages: CounterFamily
    private let isConnected: Gauge
    private let backlog: Gauge
    /// How many messages wait for the application at the platform.
    private let askBacklog: @Sendable () async throws(PartnerError) -> Int

    /// - Parameters:
    ///   - base: the socket's address without what each connection adds.
    ///   - connectSeconds: for address, TLS and handshake.
    init(
        base: String, application: PinduoduoGateway.Application, connectSeconds: Double, router: MessageRouter, pace: Pace = Pace(),
        clock: ServiceClock, logger: Logger, metrics: Metrics, backlog: @escaping @Sendable () async throws(PartnerError) -> Int
    ) {
        self.base = base
        self.application = application
        self.connectSeconds = connectSeconds
        self.router = router
        self.pace = pace
        self.clock = clock
        self.logger = logger
        messages = CounterFamily(metrics, .socketMessages)
        isConnected = metrics.gauge(.socketConnected)
        self.backlog = metrics.gauge(.socketBacklog)
        askBacklog = backlog
    }

    /// nil when the platform has no application at Pinduoduo.
    init?(_ environment: PartnerEnvironment) {
        guard let own = environment.partners.pinduoduo, let gateway = environment.pinduoduo() else { return nil }
        self.init(
            base: environment.partners.pinduoduoMessageURL,
            application: PinduoduoGateway.Application(clientId: own.appKey, clientSecret: own.appSecret),
            connectSeconds: environment.partners.pinduoduoTimeout,
            router: MessageRouter(
                topics: PinduoduoTopics(factoryOrders: environment.partners.pinduoduoFactoryTopics), tables: environment.tables),
            clock: environment.clock, logger: environment.logger, metrics: environment.metrics,
            backlog: { () throws(PartnerError) in try await gateway.messageBacklog() })
    }

    /// Gives an item to its shard; returns when Kafka has it.
    typealias Deliver = @Sendable (OrderPushed, _ origin: Origin) async throws -> Void

    /// Until the task is cancelled.
    func run(_ deliver: @escaping Deliver) async {
        var pause = pace.firstPause
        while !Task.isCancelled {
            let began = clock.uptime
            let reason: WebSocketClosed
            do throws(WebSocketClosed) { reason = try await hold(deliver) } catch { reason = error }
            isConnected.set(0)
            backlog.set(0)
            if Task.isCancelled { return }
            if clock.uptime - began > Self.goodLife { pause = pace.firstPause }
            logger.notice("the message socket is connected again soon", ["reason": "\(reason)", "after": "\(pause) s"])
            try? await Task.sleep(for: .seconds(pause * Double.random(in: 0.75...1.25)))
            pause = min(pace.longestPause, pause * 2)
        }
    }

    /// Holds one connection until it closes.
    private func hold(_ deliver: @escaping Deliver) async throws(WebSocketClosed) -> WebSocketClosed {
        var limits = WebSocketClient.Limits()
        limits.connectSeconds = connectSeconds
        limits.idleSeconds = pace.idle
        // A new signature for each connection.
        let url = PinduoduoMessages.socketURL(
            base: base, application: application, milliseconds: clock.now.milliseconds)
        let socket = try await WebSocketClient.connect(url, limits: limits)
        defer { socket.close() }
        isConnected.set(1)
        logger.info("the message socket is open")
        let heartbeat = Task {
            while !Task.isCancelled, socket.send(PinduoduoMessages.heartbeat(milliseconds: clock.now.milliseconds)) {
                try? await Task.sleep(for: .seconds(pace.heartbeat))
            }
        }
        defer { heartbeat.cancel() }
        let measuring = Task { await measureBacklog() }
        defer { measuring.cancel() }
        return await withTaskGroup(of: Void.self) { group in
            var waiting = 0
            while true {
                switch await socket.next() {
                case .opened: continue
                case .closed(let why): return why
                case .text(let text):
                    if waiting == Self.concurrency {
                        await group.next()
                        waiting -= 1
                    }
                    waiting += 1
                    group.addTask { await handle(text, socket, deliver) }
                }
            }
        }
    }

    private func measureBacklog() async {
        while !Task.isCancelled {
            do throws(PartnerError) {
                let number = try await askBacklog()
                // A replica that has let go of the socket must not report beside the one that holds it.
                if !Task.isCancelled { backlog.set(number) }
            } catch { logger.debug("the backlog of messages is not known", ["reason": "\(error)"]) }
            try? await Task.sleep(for: .seconds(pace.backlog))
        }
    }

    private func handle(_ text: String, _ socket: WebSocketClient, _ deliver: Deliver) async {
        let message: PinduoduoMessages.Message
        do {
            guard let found = try PinduoduoMessages.frame(text).message else { return }
            message = found
        } catch {
            count("unreadable")
            logger.warning("a frame of the message socket cannot be read", ["reason": "\(error)"])
            return
        }
        let items = router.items(message)
        do {
            for item in items {
                let step = "pinduoduo-message/\(message.id)/\(item.channelId)"
                try await deliver(item, .step(step, key: item.aggregate))
            }
            count(items.isEmpty ? "of-no-interest" : "passed-on")
            socket.send(message.ack(milliseconds: clock.now.milliseconds))
        } catch {
            count("not-stored")
            logger.warning("a message waits for Kafka: the platform sends it again", ["reason": "\(error)"])
            socket.send(message.fail(reason: "not stored", milliseconds: clock.now.milliseconds))
        }
    }

    private func count(_ outcome: String) { messages[outcome].increment() }
}
