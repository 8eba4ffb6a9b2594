import Contracts
import JSON
import Machines
import Testing
import Threads

@testable import StateMachines

/// How long allocation keeps where an order goes.
@Suite struct OrderShreddingTests {
    private func timers(_ scene: OrderScene) -> [(effect: OrderShredding, seconds: Int)] {
        scene.emissions.compactMap { emission in
            guard case .effect(let effect, let due?, _) = emission, let effect = effect as? OrderShredding else { return nil }
            return (effect, (due.milliseconds - 5_000_000) / 1000)
        }
    }

    private func holdsRecipient(_ scene: OrderScene) -> Bool {
        let text = String(decoding: scene.state.json, as: UTF8.self)
        return text.contains("ciphertext") || text.contains("door ")
    }

    private func fire(_ scene: inout OrderScene, _ number: Int?) throws {
        #expect(try scene.send(.shreds(OrderShredding(OrderScene.orderId, number: number))) == [])
    }

    private static let retention = Settings.standard.recipientRetention

    @Test func aFactorysRecipientGoesTheRetentionAfterTheSeal() throws {
        var scene = OrderScene()
        try scene.place()
        try scene.allocate(to: OrderScene.factory)
        #expect(timers(scene).isEmpty)
        #expect(try scene.seal() == ["sealed"])
        #expect(timers(scene).map(\.effect) == [OrderShredding(OrderScene.orderId, number: 1)])
        #expect(timers(scene).map(\.seconds) == [Self.retention])
        // Sealing again answers again, and the time goes on.
        #expect(try scene.seal() == ["sealed"])
        #expect(timers(scene).isEmpty)
        #expect(holdsRecipient(scene))
        try fire(&scene, 1)
        #expect(!holdsRecipient(scene))
        #expect(scene.state.recipient?.area == Area(province: "广东省", city: "深圳市", district: "南山区"))
        try fire(&scene, 1)
    }

    @Test func aWarehousesRecipientGoesThePatienceLater() throws {
        var scene = OrderScene()
        try scene.place()
        try scene.allocate(to: OrderScene.warehouse)
        try scene.seal()
        #expect(timers(scene).map(\.seconds) == [Self.retention + Settings.standard.outboundPatience])
        try fire(&scene, 1)
        #expect(!holdsRecipient(scene))
    }

    @Test func whatMayStillBeAllocatedKeepsIt() throws {
        var scene = OrderScene()
        try scene.place([2, 3])
        try scene.allocate([LineQuantity(lineId: "L1", quantity: 2)], to: OrderScene.factory)
        try scene.seal()
        try fire(&scene, 1)
        #expect(holdsRecipient(scene))
        try scene.allocate(to: OrderScene.otherFactory)
        #expect(scene.published(Allocated.self).first?.recipientSealed != nil)
        try scene.seal("O-1/2")
        try fire(&scene, 1)
        #expect(holdsRecipient(scene))
        try fire(&scene, 2)
        #expect(!holdsRecipient(scene))
    }

    @Test func anAllocationThatWasReleasedIsNotOver() throws {
        var scene = OrderScene()
        try scene.place()
        try scene.allocate(to: OrderScene.warehouse)
        try scene.seal()
        try scene.release()
        try fire(&scene, 1)
        #expect(holdsRecipient(scene))
        #expect(try scene.allocate(to: OrderScene.factory) == ["allocated"])
    }

    @Test func aCancelledOrdersRecipientGoesTheRetentionLater() throws {
        var scene = OrderScene()
        try scene.place()
        try scene.send(OrderScene.cancelled())
        #expect(timers(scene).map(\.effect) == [OrderShredding(OrderScene.orderId, number: nil)])
        #expect(timers(scene).map(\.seconds) == [Self.retention])
        try scene.send(OrderScene.cancelled("another reason"))
        #expect(timers(scene).isEmpty)
        #expect(holdsRecipient(scene))
        try fire(&scene, nil)
        #expect(!holdsRecipient(scene))
        // An address that comes late goes likewise.
        try scene.send(OrderScene.addressChanged("福田区"), at: 9000)
        #expect(holdsRecipient(scene))
        #expect(timers(scene).map(\.effect) == [OrderShredding(OrderScene.orderId, number: nil)])
        try fire(&scene, nil)
        #expect(!holdsRecipient(scene))
    }

    @Test func oneThatIsCancelledBeforeItIsPlacedLosesItToo() throws {
        var scene = OrderScene()
        try scene.send(OrderScene.cancelled())
        try scene.place()
        #expect(timers(scene).count == 1)
        try fire(&scene, nil)
        #expect(!holdsRecipient(scene))
        // With an address and without the order.
        var other = OrderScene()
        try other.send(OrderScene.addressChanged("福田区"))
        try other.send(OrderScene.cancelled())
        #expect(timers(other).count == 1)
        try fire(&other, nil)
        #expect(!holdsRecipient(other))
    }

    @Test func anOrderWhoseRecipientIsDeletedIsNotAllocatedWithoutOne() throws {
        var scene = OrderScene()
        try scene.place()
        try scene.allocate(to: OrderScene.warehouse)
        try scene.seal()
        try fire(&scene, 1)
        try scene.release()
        #expect(try scene.allocate(to: OrderScene.factory) == ["refused invalid"])
        #expect(scene.refusal?.message.contains("address-changed") == true)
        try scene.send(OrderScene.addressChanged("福田区"), at: 9000)
        #expect(try scene.allocate(to: OrderScene.factory) == ["allocated"])
        #expect(scene.published(Allocated.self).first?.recipientSealed != nil)
    }

    @Test func whatCameWithoutARecipientNeedsNoTimer() throws {
        var scene = OrderScene()
        try scene.send(.placed(OrderScene.dropship()))
        try scene.seal()
        #expect(timers(scene).isEmpty)
    }
}
