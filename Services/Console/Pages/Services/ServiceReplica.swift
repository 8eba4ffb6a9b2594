import JSON
import Threads

/// One replica of a service, or a service of which none is there, as the API tells it (contract, section 9).
struct ServiceReplica: Sendable, Equatable {
    var service = ""
    /// nil: no replica has told anything in time.
    var instance: String?
    var isReady = false
    /// What it waits for while it is not ready.
    var reason: String?
    var shards: [(shard: Int, lag: Int)] = []
    var outbox = 0
    /// Calls to partners, by state.
    var effects: [(state: String, count: Int)] = []
    var at: Timestamp?

    /// Messages that wait, of all shards.
    var lag: Int { shards.reduce(0) { Self.sum($0, $1.lag) } }

    init(service: String) { self.service = service }

    /// - Returns: nil for what is no replica.
    init?(_ item: JSONValue) {
        guard let service = item["service"]?.string else { return nil }
        self.init(service: service)
        instance = item["instance"]?.string
        isReady = item["ready"] == .bool(true)
        reason = item["reason"]?.string
        shards = (item["shards"]?.array ?? []).compactMap { entry in
            entry["shard"]?.int.flatMap { shard in entry["lag"]?.int.map { (shard, max(0, $0)) } }
        }
        outbox = max(0, item["outbox"]?.int ?? 0)
        if case .object(let members)? = item["effects"] {
            effects = members.compactMap { name, count in count.int.map { (name, max(0, $0)) } }
        }
        at = item["at"]?.string.flatMap { Timestamp($0) }
    }

    func effects(_ state: String) -> Int { effects.first { $0.state == state }?.count ?? 0 }

    /// Numbers that somebody else wrote may not fit together.
    static func sum(_ left: Int, _ right: Int) -> Int {
        let (total, overflows) = left.addingReportingOverflow(right)
        return overflows ? .max : total
    }

    static func == (left: ServiceReplica, right: ServiceReplica) -> Bool {
        left.service == right.service && left.instance == right.instance && left.isReady == right.isReady && left.reason == right.reason
            && left.shards.elementsEqual(right.shards) { $0 == $1 } && left.outbox == right.outbox
            && left.effects.elementsEqual(right.effects) { $0 == $1 } && left.at == right.at
    }
}

/// The way of a message through the system, as checks of which each needs those before it.
struct ServiceChain: Equatable {
    enum Link: String, CaseIterable { case kafka, topics, store, shards, outbox, effects, partners }
    /// `halted`: something before it fails, so that nothing is known of it.
    enum State: String { case ready, slow, notReady, halted }

    /// Messages behind which a shard, and the outbox, has fallen back.
    static let slowFrom = 1000

    /// In order.
    let links: [(link: Link, state: State, replicas: [String])]

    /// The first one that fails.
    var failure: Link? { links.first { $0.state == .notReady }?.link }

    init(_ replicas: [ServiceReplica]) {
        var isHalted = false
        links = Link.allCases.map { link in
            if isHalted { return (link, .halted, []) }
            let failing = replicas.filter { Self.fails(link, $0) }.map { $0.instance ?? $0.service }
            if !failing.isEmpty {
                isHalted = true
                return (link, .notReady, failing)
            }
            let slow = replicas.filter { Self.isSlow(link, $0) }.map { $0.instance ?? $0.service }
            return (link, slow.isEmpty ? .ready : .slow, slow)
        }
    }

    /// What a replica that is not ready waits for begins with the thing's name.
    private static func fails(_ link: Link, _ replica: ServiceReplica) -> Bool {
        guard !replica.isReady else { return false }
        let reason = replica.reason ?? ""
        switch link {
        case .kafka: return reason.hasPrefix("Kafka")
        case .topics: return reason.hasPrefix("tables") || reason.hasPrefix("events") || reason.hasPrefix("its own rows")
        case .store: return reason.hasPrefix("the store")
        // Whatever else it waits for, and whoever says nothing: nobody works on its shards.
        case .shards: return true
        case .outbox, .effects, .partners: return false
        }
    }

    private static func isSlow(_ link: Link, _ replica: ServiceReplica) -> Bool {
        switch link {
        case .shards: replica.shards.contains { $0.lag >= slowFrom }
        case .outbox: replica.outbox >= slowFrom
        case .effects: replica.effects("waiting") >= slowFrom
        case .partners: replica.effects("retrying") > 0
        case .kafka, .topics, .store: false
        }
    }

    static func == (left: ServiceChain, right: ServiceChain) -> Bool { left.links.elementsEqual(right.links) { $0 == $1 } }
}
