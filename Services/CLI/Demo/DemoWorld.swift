import Contracts
import JSON
import Kafka

/// The state of a demonstration's shops and orders by the events, whoever caused them and whenever: read from the beginning of the topics.
struct DemoWorld {
    enum Answer: Equatable {
        case accepted
        case refused(code: String)
    }

    struct Allocation {
        let orderId: String
        var factoryShopId = ""
        var byRule = false
        var takenBack: DeallocationReason?
        var isOpened = false
        /// From the pool.
        var obtained: String?
        var numbers: [String] = []
        var isReady = false
        var isShipped = false
        var voidedAt: ParcelStage?
    }

    private let keys: Set<String>
    /// First answers, by `ce_causationid`.
    private(set) var answers: [String: Answer] = [:]
    private(set) var registered: Set<String> = []
    private(set) var allocations: [String: Allocation] = [:]
    /// Dead letters of the demonstration's keys, by reason.
    private(set) var dead: [String: Int] = [:]
    /// Events that could not be read.
    private(set) var unreadable = 0

    static let topics = ServiceName.domainServices.flatMap { $0 == .authorization ? [$0.dead] : [$0.events, $0.dead] }

    /// - Parameter keys: the shops and orders that belong to it; other messages are passed over.
    init(keys: Set<String>) { self.keys = keys }

    mutating func take(_ message: Kafka.Message) {
        guard let key = message.key.map({ String(decoding: $0, as: UTF8.self) }), keys.contains(key), let body = message.value else {
            return
        }
        if message.topic.hasSuffix(".dead") {
            dead[message.header("x-dead-reason") ?? "unknown", default: 0] += 1
            return
        }
        let type = message.header(EnvelopeHeader.type) ?? ""
        do {
            if type.hasSuffix(".refused.v1") {
                let refused = try Refused.decode(body)
                answer(refused.commandId, .refused(code: refused.code.rawValue))
            } else {
                if let cause = message.header(EnvelopeHeader.causationId) { answer(cause, .accepted) }
                try learn(type, body)
            }
        } catch { unreadable += 1 }
    }

    private mutating func answer(_ id: String, _ answer: Answer) { if answers[id] == nil { answers[id] = answer } }

    private mutating func learn(_ type: String, _ body: [UInt8]) throws(JSONError) {
        switch type {
        case OrderRegistered.type: registered.insert(try OrderRegistered.decode(body).orderId)
        case Allocated.type:
            let event = try Allocated.decode(body)
            change(event.allocationId) {
                $0.factoryShopId = event.target.id
                $0.byRule = event.ruleId != nil
            }
        case Deallocated.type:
            let event = try Deallocated.decode(body)
            change(event.allocationId) { $0.takenBack = event.reason }
        case Opened.type: change(try Opened.decode(body).allocationId) { $0.isOpened = true }
        case Obtained.type:
            let event = try Obtained.decode(body)
            change(event.allocationId) { $0.obtained = event.waybillNumber }
        case Returned.type:
            let event = try Returned.decode(body)
            change(event.allocationId) { $0.numbers = [event.waybillNumber] + (event.extraNumbers ?? []) }
        case Voided.type:
            let event = try Voided.decode(body)
            change(event.allocationId) { $0.voidedAt = event.stage }
        case Ready.type: change(try Ready.decode(body).allocationId) { $0.isReady = true }
        case Unready.type: change(try Unready.decode(body).allocationId) { $0.isReady = false }
        case Shipped.type: change(try Shipped.decode(body).allocationId) { $0.isShipped = true }
        default: break
        }
    }

    /// Events of three topics come in any order: what follows an allocation may come before it.
    private mutating func change(_ allocationId: String, _ change: (inout Allocation) -> Void) {
        let orderId = allocationId.lastIndex(of: "/").map { String(allocationId[..<$0]) } ?? allocationId
        var allocation = allocations[allocationId] ?? Allocation(orderId: orderId)
        change(&allocation)
        allocations[allocationId] = allocation
    }
}
