import Contracts
import JSON
import Kafka
import TestSupport
import Testing
import Threads

/// A merchant and a factory of a test's own in the system that all tests share, and the steps that lead to where a test begins.
struct Scenario: Sendable {
    let system: TestSupport.System
    let cast: Cast

    var client: Client { system.client }

    static func start() async throws -> Scenario {
        Scenario(system: try await System.shared(), cast: Cast())
    }

    /// Both shops are registered, and bound.
    static func bound() async throws -> Scenario {
        let scenario = try await start()
        try await scenario.register()
        try await scenario.bind()
        return scenario
    }

    // MARK: Commands

    /// Sends a command that must be accepted; gives its answer.
    @discardableResult
    func accepted(_ command: Outgoing, sourceLocation: SourceLocation = #_sourceLocation) async throws -> Received {
        let answer = try await client.answer(to: command)
        try #require(
            !answer.isRefusal, "\(command.header("ce_type") ?? "") was refused: \(answer.text ?? "")", sourceLocation: sourceLocation)
        return answer
    }

    /// Sends a command that must be refused, with its own key; gives the refusal.
    @discardableResult
    func refused(
        _ command: Outgoing, _ code: RefusalCode, field: String? = nil, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> Refused {
        let answer = try await client.answer(to: command)
        let refused = try #require(
            answer.refused, "\(answer.type ?? "") instead of a refusal: \(answer.text ?? "")", sourceLocation: sourceLocation)
        #expect(refused.code == code, "\(refused.message)", sourceLocation: sourceLocation)
        #expect(refused.field == field, "\(refused.message)", sourceLocation: sourceLocation)
        #expect(refused.commandId == command.id, sourceLocation: sourceLocation)
        #expect(refused.commandType == command.header("ce_type"), sourceLocation: sourceLocation)
        #expect(answer.message.key == command.key, sourceLocation: sourceLocation)
        #expect(!refused.message.isEmpty, sourceLocation: sourceLocation)
        return refused
    }

    func merchant(_ message: some Contracts.Message) -> Outgoing { .command(message, as: cast.asMerchant) }
    func factory(_ message: some Contracts.Message) -> Outgoing { .command(message, as: cast.asFactory) }

    // MARK: Steps

    func register() async throws {
        async let merchant = accepted(merchant(cast.registerMerchant))
        async let factory = accepted(factory(cast.registerFactory))
        _ = try await (merchant, factory)
    }

    func bind() async throws {
        try await accepted(merchant(cast.apply))
        try await accepted(factory(cast.approve))
    }

    /// An order that allocation knows.
    func place(
        _ orderId: String = uniqueName("order"), quantities: [Int] = [2, 3], holds: [PlacedHold]? = nil, mergeKey: String? = nil
    ) async throws -> String {
        try await tell(cast.placed(orderId, quantities: quantities, holds: holds, mergeKey: mergeKey))
        _ = try await client.event(OrderRegistered.self, key: orderId)
        return orderId
    }

    func tell(_ fact: some Contracts.Message, at time: Timestamp = .now) async throws {
        try await client.send(.fact(fact, at: time))
    }

    /// An allocation that waybill has opened; its id.
    func allocate(_ orderId: String, lines: [LineQuantity]? = nil) async throws -> String {
        let answer = try await accepted(merchant(cast.allocate(orderId, lines: lines)))
        let allocationId = try answer.body(Allocated.self).allocationId
        _ = try await client.event(Opened.self, key: orderId) { $0.data["allocationId"]?.string == allocationId }
        return allocationId
    }

    /// An order with one allocation of all its lines.
    func allocated(mergeKey: String? = nil) async throws -> (orderId: String, allocationId: String) {
        let orderId = try await place(mergeKey: mergeKey)
        return (orderId, try await allocate(orderId))
    }

    /// Returns a number; shipping is ready when this returns.
    @discardableResult
    func giveBack(_ orderId: String, _ allocationId: String, number: String = Cast.waybillNumber()) async throws -> String {
        try await accepted(factory(cast.return(orderId, allocationId, number: number)))
        _ = try await client.event(Ready.self, key: orderId) { $0.data["allocationId"]?.string == allocationId }
        return number
    }

    /// An order that can be shipped.
    func ready() async throws -> (orderId: String, allocationId: String) {
        let (orderId, allocationId) = try await allocated()
        try await giveBack(orderId, allocationId)
        return (orderId, allocationId)
    }

    /// An order that is shipped.
    func shipped() async throws -> (orderId: String, allocationId: String) {
        let (orderId, allocationId) = try await ready()
        try await accepted(merchant(cast.ship(orderId)))
        return (orderId, allocationId)
    }
}

/// All tests that share the system: in parallel, each with shops and orders of its own.
@Suite(.timeLimit(.minutes(10))) struct JourneySuite {}
