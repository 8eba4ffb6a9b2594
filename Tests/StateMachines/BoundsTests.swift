import Contracts
import JSON
import Machines
import Testing
import Threads

@testable import StateMachines

/// What comes from outside fills no aggregate without end.
struct BoundsTests {
    private static let many = 3 * Bounds.waiting

    @Test func shipCommandsWaitUpToTheBound() throws {
        var scene = ShipmentScene()
        try scene.allocated()
        try scene.returned()
        try scene.ship()
        var waiting = scene.state.ships?.count ?? 0
        for _ in 0..<Self.many {
            let out = try scene.ship()
            if waiting < Bounds.waiting { #expect(out == []) } else { #expect(out == ["refused too-many-pending"]) }
            waiting = scene.state.ships?.count ?? 0
        }
        #expect(waiting == Bounds.waiting)
    }

    @Test func pullsWaitUpToTheBound() throws {
        var scene = OutboundScene()
        try scene.bring(to: "created")
        for count in 0..<Self.many {
            #expect(try scene.pull() == (count < Bounds.waiting ? ["query-outbound"] : ["too-many-pending"]))
        }
        #expect(scene.state.pulls?.count == Bounds.waiting)
    }

    @Test func claimsOfAHeldNumberWaitUpToTheBoundAndThoseOfThePoolAlways() {
        var state = NumberMachine.State()
        func send(_ kind: NumberClaim.Kind, _ order: Int) -> [String] {
            let parcel = ParcelIdentity(
                orderId: "O-\(order)", allocationId: "O-\(order)/1", merchantShopId: "M", factoryShopId: "F", mergeKey: nil)
            let origin = Origin(id: "claim-\(order)", type: "", key: "", correlationId: "")
            let now = Timestamp(milliseconds: 0)
            let context = Context(
                origin: origin, actor: Actor(.service, "waybill"), time: now, now: now, tables: MemoryTables())
            let outbox = RecordingOutbox(handling: origin, of: NumberMachine.self)
            let claim = NumberClaim(parcel, carrier: "ZTO", number: "78000000000001", kind: kind)
            if case .accept(let events) = NumberMachine.decide(state, .claim(claim), context) {
                for event in events {
                    NumberMachine.evolve(&state, event)
                    event.publish(to: outbox)
                }
            }
            return outbox.emissions.map { emission in
                guard case .item(let item as ParcelAnswer, _, _) = emission else { return emission.name }
                return item.outcome.rawValue
            }
        }
        #expect(send(.hold, 0) == ["granted"])
        for order in 1...Bounds.waitingClaims { #expect(send(.bind, order) == []) }
        for order in 1...50 { #expect(send(.hold, 10_000 + order) == ["busy"]) }
        #expect(send(.fresh, 20_000) == [])
        #expect(state.waiting?.count == Bounds.waitingClaims + 1)
    }

    @Test func ordersThatArePackedTogetherNeedNoList() {
        var state = NumberMachine.State()
        for order in 0..<1000 {
            let parcel = ParcelIdentity(
                orderId: "O-\(order)", allocationId: "O-\(order)/1", merchantShopId: "M", factoryShopId: "F", mergeKey: "door")
            let claim = NumberClaim(parcel, carrier: "ZTO", number: "78000000000001", kind: .bind)
            NumberMachine.evolve(&state, .granted(claim, .absent))
        }
        #expect(state.holder?.orders == ["O-0", "O-1"])
    }

    // MARK: The pool

    private struct Pool {
        var state = PoolMachine.State()

        mutating func send(_ input: PoolMachine.Input) -> [String] {
            let origin = Origin(id: "message", type: "", key: "F", correlationId: "")
            let now = Timestamp(milliseconds: 0)
            let context = Context(origin: origin, actor: Actor(.factory, "F"), time: now, now: now, tables: MemoryTables())
            let outbox = RecordingOutbox(handling: origin, of: PoolMachine.self)
            switch PoolMachine.decide(state, input, context) {
            case .refuse(let refusal): outbox.refuse(refusal, origin: origin)
            case .accept(let events):
                for event in events {
                    PoolMachine.evolve(&state, event)
                    event.publish(to: outbox)
                }
            }
            return outbox.emissions.map { emission in
                guard case .item(let item as NumberClaim, _, _) = emission else { return emission.name }
                return item.number
            }
        }

        mutating func topUp(_ first: Int, count: Int = 1) -> [String] {
            let command = TopUp(
                factoryShopId: "F", carrier: "ZTO", first: String(78_000_000_000_000 + first),
                last: String(78_000_000_000_000 + first + count - 1))
            return send(.topUp(command))
        }

        mutating func take() -> [String] {
            send(
                .take(
                    PoolNumberRequest(
                        ParcelIdentity(orderId: "O", allocationId: "O/1", merchantShopId: "M", factoryShopId: "F", mergeKey: nil),
                        carrier: "ZTO")))
        }

        var segments: Int { state.carriers.first?.segments.count ?? 0 }
    }

    @Test func segmentsThatAreUsedUpAreFolded() {
        var pool = Pool()
        // Even ones first, then the odd ones between them.
        for number in Array(stride(from: 0, to: 100, by: 2)) + Array(stride(from: 1, to: 100, by: 2)) {
            #expect(pool.topUp(number) == ["topped-up"])
            #expect(pool.take() == [String(78_000_000_000_000 + number)])
        }
        #expect(pool.segments == 1 && pool.take() == ["tell answer"])
        #expect(pool.topUp(50) == ["refused invalid"] && pool.topUp(100) == ["topped-up"])
        #expect(pool.take() == ["78000000000100"])
    }

    @Test func whatIsUsedUpDoesNotFillThePool() {
        var pool = Pool()
        for number in 0..<3 * Bounds.usedSegments {
            #expect(pool.topUp(2 * number) == ["topped-up"])
            #expect(pool.take() == [String(78_000_000_000_000 + 2 * number)])
        }
        #expect(pool.segments == Bounds.usedSegments)
        #expect(pool.topUp(2 * (3 * Bounds.usedSegments - 1)) == ["refused invalid"])
    }

    @Test func segmentsWithNumbersLeftAreBounded() {
        var pool = Pool()
        for number in 0..<Bounds.segments { #expect(pool.topUp(10 * number, count: 2) == ["topped-up"]) }
        #expect(pool.topUp(1_000_000) == ["refused too-many-pending"])
        #expect(pool.take().count == 1 && pool.take().count == 1)
        #expect(pool.topUp(1_000_000) == ["topped-up"])
    }
}
