import Contracts
import HTTP
import Partners
import Runtime

/// Holds Pinduoduo's message socket, of which the platform's application has one: what a message is about is passed on to the channels of
/// its shop, and the message is acknowledged only when Kafka has that. What is not acknowledged comes again, and a second time changes
/// nothing.
struct MessageSocket: Sendable {
    /// Seconds from one heartbeat to the next; of silence after which the connection counts as dead; and between attempts to connect
    /// (doubled after each that failed, with jitter).
    struct Pace: Sendable {
        var heartbeat = 5.0
        var idle = 15.0
        var firstPause = 1.0
        var longestPause = 60.0
    }

    /// Messages that may wait for Kafka at a time.
    private static let concurrency = 64
    /// A connection that has lived so long, in seconds, was good: the next attempt needs no long pause.
    private static let goodLife = 30.0

    private let environment: ServiceEnvironment
    private let router: MessageRouter
    private let application: PinduoduoGateway.Application
    private let pace: Pace
    private let isConnected: Gauge

    /// nil when the platform has no application at Pinduoduo.
    init?(_ environment: ServiceEnvironment, pace: Pace = Pace()) {
        guard let own = environment.partners.pinduoduo else { return nil }
        self.environment = environment
        self.pace = pace
        router = MessageRouter(
            topics: PinduoduoTopics(factoryOrders: environment.partners.pinduoduoFactoryTopics), tables: environment.tables)
        application = PinduoduoGateway.Application(clientId: own.appKey, clientSecret: own.appSecret)
        isConnected = environment.metrics.gauge("daifa_message_socket_connected", "1 while this replica holds Pinduoduo's message socket.")
    }

    /// Until the task is cancelled.
    func run(_ sender: ItemSender) async {
        var pause = pace.firstPause
        while !Task.isCancelled {
            let began = Clock.seconds
            let reason: WebSocketClosed
            do throws(WebSocketClosed) { reason = try await hold(sender) } catch { reason = error }
            isConnected.set(0)
            if Task.isCancelled { return }
            if Clock.seconds - began > Self.goodLife { pause = pace.firstPause }
            environment.logger.notice("the message socket is connected again soon", ["reason": "\(reason)", "after": "\(pause) s"])
            try? await Task.sleep(for: .seconds(pause * Double.random(in: 0.75...1.25)))
            pause = min(pace.longestPause, pause * 2)
        }
    }

    /// Holds one connection until it closes.
    private func hold(_ sender: ItemSender) async throws(WebSocketClosed) -> WebSocketClosed {
        var limits = WebSocketClient.Limits()
        limits.connectSeconds = environment.partners.pinduoduoTimeout
        limits.idleSeconds = pace.idle
        // A new signature for each connection.
        let url = PinduoduoMessages.socketURL(
            base: environment.partners.pinduoduoMessageURL, application: application, milliseconds: Clock.now.milliseconds)
        let socket = try await WebSocketClient.connect(url, limits: limits)
        defer { socket.close() }
        isConnected.set(1)
        environment.logger.info("the message socket is open")
        let heartbeat = Task {
            while !Task.isCancelled, socket.send(PinduoduoMessages.heartbeat(milliseconds: Clock.now.milliseconds)) {
                try? await Task.sleep(for: .seconds(pace.heartbeat))
            }
        }
        defer { heartbeat.cancel() }
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
                    group.addTask { await handle(text, socket, sender) }
                }
            }
        }
    }

    private func handle(_ text: String, _ socket: WebSocketClient, _ sender: ItemSender) async {
        let message: PinduoduoMessages.Message
        do {
            guard let found = try PinduoduoMessages.frame(text).message else { return }
            message = found
        } catch {
            count("unreadable")
            environment.logger.warning("a frame of the message socket cannot be read", ["reason": "\(error)"])
            return
        }
        let items = router.items(message)
        do {
            for item in items {
                let step = "pinduoduo-message/\(message.id)/\(item.channelId)"
                try await sender.send(item, shardOf: item.aggregate, origin: .step(step, key: item.aggregate))
            }
            count(items.isEmpty ? "of-no-interest" : "passed-on")
            socket.send(message.ack(milliseconds: Clock.now.milliseconds))
        } catch {
            count("not-stored")
            environment.logger.warning("a message waits for Kafka: the platform sends it again", ["reason": "\(error)"])
            socket.send(message.fail(reason: "not stored", milliseconds: Clock.now.milliseconds))
        }
    }

    private func count(_ outcome: String) {
        environment.metrics.counter(
            "daifa_messages_total", "Messages of Pinduoduo's socket, by what came of them.", labels: ["outcome": outcome]
        ).increment()
    }
}
