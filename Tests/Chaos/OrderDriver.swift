import Contracts
import Foundation
import Kafka
import TestSupport

/// Drives orders from their placing to their end: each event that is seen leads to the next command. Blocking, on threads of its own.
final class OrderDriver: Sendable {
    struct Progress {
        var placed = 0
        var ended: Set<String> = []
        var sent: [String: Set<String>] = [:]
        /// Events that answered in a way that is not foreseen.
        var surprises: [String] = []
        var lastEvent = ContinuousClock.now
        /// Seconds without any event while orders were under way.
        var longestStall = 0.0
        var failure: String?
        var isStopped = false
        /// After-sales that are to be opened, in the order of their times.
        var afterSales: [(due: ContinuousClock.Instant, orderId: String)] = []
    }

    let cast = Cast()
    let prefix = uniqueName("chaos")
    let orders: Int
    let progress = Monitor(Progress())
    private let configuration: KafkaConfiguration
    private let rate: Double

    /// - Parameter rate: orders placed a second.
    init(_ configuration: KafkaConfiguration, orders: Int, rate: Double) {
        self.configuration = configuration
        self.orders = orders
        self.rate = rate
    }

    func orderId(_ number: Int) -> String { "\(prefix)-\(number)" }
    func path(_ orderId: String) -> OrderPath { OrderPath(number: Int(orderId.dropFirst(prefix.count + 1)) ?? 0) }

    /// Starts placing and answering.
    func start() throws {
        let end = Monitor<KafkaError??>(nil)
        try NamedThread("driver") { [self] in
            do throws(KafkaError) {
                let reader = try TopicReader(configuration, topics: ServiceName.five.map(\.events), from: .end)
                let producer = try Producer(configuration, overrides: ["message.timeout.ms": "120000"])
                defer { producer.close() }
                end.update { $0 = .some(nil) }
                try run(reader, producer)
            } catch {
                end.update { $0 = .some(error) }
                progress.update { $0.failure = "\(error)" }
            }
        }.detach()
        if let failure = end.wait({ $0 }) ?? nil { throw failure }
    }

    private func run(_ reader: TopicReader, _ producer: Producer) throws(KafkaError) {
        let start = ContinuousClock.now
        while !progress.withLock({ $0.isStopped }) {
            let due = min(orders, Int(start.elapsed * rate) + 1)
            while progress.withLock({ $0.placed }) < due {
                let number = progress.update { progress -> Int in
                    progress.placed += 1
                    return progress.placed
                }
                let orderId = orderId(number)
                try send(.fact(cast.placed(orderId), id: "\(orderId):placed"), orderId, producer)
            }
            for orderId in progress.withLock({ $0.takeDueAfterSales() }) { try openAfterSale(orderId, producer) }
            let events = try reader.next(timeout: 0.02).map { Received($0) }.filter { $0.key?.hasPrefix(prefix) == true }
            note(events)
            for event in events { try answer(event, producer) }
        }
    }

    /// How long a `ship` is ahead of the after-sale that it races with: around what sealing takes, so that either may win.
    private static func headStart(_ orderId: String) -> Duration { .milliseconds(20 * (orderId.utf8.reduce(0) { $0 + Int($1) } % 10)) }

    private func note(_ events: [Received]) {
        progress.update { progress in
            let stall = progress.lastEvent.elapsed
            if progress.ended.count < progress.placed { progress.longestStall = max(progress.longestStall, stall) }
            if !events.isEmpty { progress.lastEvent = .now }
        }
    }

    private func send(_ record: Outgoing, _ orderId: String, _ producer: Producer) throws(KafkaError) {
        let times = path(orderId) == .copied ? 2 : 1
        for _ in 0..<times {
            try producer.send(topic: record.topic, key: record.key, value: record.value, headers: record.headers)
        }
        progress.withLock { _ = $0.sent[orderId, default: []].insert(record.id) }
    }

    private func answer(_ event: Received, _ producer: Producer) throws(KafkaError) {
        guard let orderId = event.key, let name = event.name, let topic = ServiceName.five.first(where: { $0.events == event.topic }) else {
            return
        }
        let path = path(orderId)
        let allocation = "\(orderId)/1"
        switch (topic, name) {
        case (.allocation, "order-registered"):
            try send(.command(cast.allocate(orderId), as: cast.asMerchant, id: "\(orderId):allocate"), orderId, producer)
        case (.waybill, "opened"):
            switch path {
            case .plain, .copied, .race: try giveNumber(number(orderId), orderId, allocation, producer)
            case .obtained:
                try send(.command(cast.obtain(orderId, allocation), as: cast.asFactory, id: "\(orderId):obtain"), orderId, producer)
            case .takenBack:
                try send(.command(cast.deallocate(orderId), as: cast.asMerchant, id: "\(orderId):deallocate"), orderId, producer)
            case .afterSale: try openAfterSale(orderId, producer)
            }
        case (.waybill, "obtained"):
            guard let obtained = try? event.body(Obtained.self) else { return surprise(event) }
            try giveNumber(obtained.waybillNumber, orderId, allocation, producer)
        case (.shipping, "ready"):
            try send(.command(cast.ship(orderId), as: cast.asMerchant, id: "\(orderId):ship"), orderId, producer)
            if path == .race { progress.withLock { $0.afterSales.append((.now + Self.headStart(orderId), orderId)) } }
        case (.shipping, "shipped"), (.waybill, "voided"): progress.update { _ = $0.ended.insert(orderId) }
        case (.shipping, "refused") where path == .race, (.allocation, "refused") where path == .race: break
        case (_, "refused"): surprise(event)
        default: break
        }
    }

    private func giveNumber(_ number: String, _ orderId: String, _ allocation: String, _ producer: Producer) throws(KafkaError) {
        let command = cast.return(orderId, allocation, number: number)
        try send(.command(command, as: cast.asFactory, id: "\(orderId):return"), orderId, producer)
    }

    private func openAfterSale(_ orderId: String, _ producer: Producer) throws(KafkaError) {
        var fact = AfterSaleOpened()
        fact.orderId = orderId
        fact.afterSaleId = "\(orderId)-sale"
        try send(.fact(fact, id: "\(orderId):after-sale"), orderId, producer)
    }

    /// Numbers of YTO's, `YT` and 13 digits, that no segment of the pool holds.
    private func number(_ orderId: String) -> String {
        let digits = orderId.dropFirst(prefix.count + 1)
        return "YT9" + String(repeating: "0", count: 12 - digits.count) + digits
    }

    private func surprise(_ event: Received) {
        progress.update { $0.surprises.append("\(event.topic) \(event.key ?? "") \(event.name ?? ""): \(event.text ?? "")") }
    }

    /// Waits until every order has its end. Blocking.
    /// - Returns: the orders that have none.
    func awaitEnds(within seconds: Double) -> [String] {
        _ = progress.wait(until: .after(seconds)) { [orders] in $0.ended.count >= orders || $0.failure != nil }
        return progress.update { progress in
            progress.isStopped = true
            return (1...orders).map(orderId).filter { !progress.ended.contains($0) }
        }
    }
}

extension OrderDriver.Progress {
    mutating func takeDueAfterSales() -> [String] {
        let now = ContinuousClock.now
        defer { afterSales.removeAll { $0.due <= now } }
        return afterSales.filter { $0.due <= now }.map(\.orderId)
    }
}

extension ContinuousClock.Instant {
    /// Seconds since this moment.
    var elapsed: Double { duration(to: .now) / .seconds(1) }
}
