import Contracts
import JSON
import Machines
import StateMachines
import Testing

/// A factory whose ERP gets its parcels.
private struct ERPScene {
    let service = WaybillService()

    init(_ change: (inout ChannelRow) -> Void = { _ in }) {
        let policy = ChannelPolicy(
            downloadOrders: true, orderTypes: [.factoryDropship], transferToAudit: false, uploadLogistics: false, syncStock: false)
        var row = ChannelRow(
            channelId: "E-1", factoryShopId: "F", name: "", platform: "jackyun", policy: policy, state: .active, version: 0)
        change(&row)
        service.simulation.tables.put(row)
    }

    var effects: [(effect: any Effect, origin: Origin)] {
        service.simulation.published.compactMap { emission in
            if case .effect(let effect, _, let origin) = emission { (effect, origin) } else { nil }
        }
    }

    private func answer(_ input: ParcelMachine.Input) -> [String] {
        service.simulation.send(
            Cancel(orderId: "O", allocationId: "O/1", factoryShopId: "F"), to: ParcelMachine.self, "order:O", input, key: "O",
            id: effects.last?.origin.id ?? "none",
            actor: Actor(.service, "waybill")
        ).map(\.name)
    }

    private var creation: ERPOrderCreation {
        var effect = ERPOrderCreation()
        effect.orderId = "O"
        effect.allocationId = "O/1"
        return effects.lazy.compactMap { $0.effect as? ERPOrderCreation }.last ?? effect
    }

    private var cancellation: ERPOrderCancellation {
        var effect = ERPOrderCancellation()
        effect.orderId = "O"
        effect.allocationId = "O/1"
        return effects.lazy.compactMap { $0.effect as? ERPOrderCancellation }.last ?? effect
    }

    @discardableResult
    func created(_ number: String = "JY1") -> [String] { answer(.erp(.created(creation, .created(number)))) }
    @discardableResult
    func creationRefused() -> [String] { answer(.erp(.created(creation, .refused(ERPRefusal(code: "0140", "no"))))) }
    @discardableResult
    func cancelled() -> [String] { answer(.erp(.cancelled(cancellation, .cancelled))) }
    @discardableResult
    func cancellationRefused() -> [String] { answer(.erp(.cancelled(cancellation, .refused(ERPRefusal("shipped"))))) }

    func opened() -> [String] { service.allocate("O/1", to: "F").map(\.name) }
    func voided() -> [String] { service.deallocate("O/1", from: "F").map(\.name) }
}

@Suite struct ERPOrderTests {
    @Test func theERPGetsWhatTheFactorySeesOnce() throws {
        let scene = ERPScene()
        #expect(scene.opened() == ["opened", "effect create-erp-order"])
        let effect = try #require(scene.effects.first?.effect as? ERPOrderCreation)
        #expect(effect.allocationId == "O/1" && effect.channelId == "E-1" && effect.remark == "轻放" && effect.area.city == "金华市")
        #expect(effect.goods.map(\.name) == ["杯子"] && effect.goods.map(\.spec) == ["红"] && effect.goods.map(\.quantity) == [2])
        // The merchant's code is none of what the factory sees.
        #expect(effect.goods.map(\.goodsNo) == ["杯子"])
        #expect(try ERPOrderCreation.decode(effect.json) == effect)
        #expect(scene.opened() == [])
        #expect(scene.created() == ["erp-order-created"])
        let created = try #require(scene.service.events(ERPOrderCreated.self).first)
        #expect(created.factoryShopId == "F" && created.channelId == "E-1" && created.erpNumber == "JY1")
        #expect(scene.created("JY2") == [])
    }

    @Test func whatAPlatformShowsTheFactoryItsERPGetsToo() throws {
        let scene = ERPScene()
        scene.service.fact(PlatformScene.allocated, .allocated(PlatformScene.allocated), PlatformScene.order)
        #expect((scene.effects.first?.effect as? ERPOrderCreation)?.goods.map(\.goodsNo) == ["SKU"])
    }

    @Test func withoutAChannelWhosePolicyWantsItNothingHappens() {
        let changes: [(inout ChannelRow) -> Void] = [
            { $0.policy = nil }, { $0.policy?.downloadOrders = false }, { $0.policy?.orderTypes = [.own] }, { $0.state = .suspended },
            { $0.platform = "pinduoduo" }, { $0.factoryShopId = "G" },
        ]
        for change in changes {
            let scene = ERPScene(change)
            #expect(scene.opened() == ["opened"])
            #expect(scene.voided() == ["voided"])
        }
    }

    @Test func oneThatIsTakenBackMeanwhileIsCancelledOnceItIsThere() throws {
        let scene = ERPScene()
        #expect(scene.opened() == ["opened", "effect create-erp-order"] && scene.voided() == ["voided"])
        #expect(scene.created() == ["erp-order-created", "effect cancel-erp-order"])
        #expect((scene.effects.last?.effect as? ERPOrderCancellation)?.erpNumber == "JY1")
        #expect(scene.cancelled() == ["erp-order-cancelled"])
        #expect(scene.service.simulation.state(ParcelMachine.self, "order:O").erp == nil)
    }

    @Test func oneThatWasDeallocatedFirstIsNeverCreated() {
        let scene = ERPScene()
        _ = scene.voided()
        #expect(scene.opened() == ["opened", "voided"])
    }

    @Test func theEventsCarryACauseOfTheirOwnAndTheConversationTheyBelongTo() throws {
        let scene = ERPScene()
        _ = scene.opened()
        let origin = try #require(scene.effects.first?.origin)
        #expect(origin.id == "O/1/erp/create" && origin.correlationId == "fact-1")
        scene.creationRefused()
        let failed = try #require(scene.service.events(ERPOrderFailed.self).first)
        #expect(failed.step == .create && failed.partnerCode == "0140" && failed.reason == "no" && failed.erpNumber == nil)
    }

    @Test func everyRowOfTheERPsTableHolds() throws {
        let header = "| erp | opened | voided | created | cancelled | refused |"
        let rows = try docstringRows(of: "Shared/StateMachines/Waybill/ERP/ParcelERP.swift", header: header)
        #expect(rows.map(\.[0]) == ["none", "creating", "creating, voided", "created", "cancelling"])
        for row in rows {
            for (column, expected) in zip(["opened", "voided", "created", "cancelled", "refused"], row.dropFirst()) {
                let scene = ERPScene()
                if row[0] != "none" { _ = scene.opened() }
                if row[0] == "creating, voided" { _ = scene.voided() }
                if row[0] == "created" || row[0] == "cancelling" { scene.created() }
                if row[0] == "cancelling" { _ = scene.voided() }
                let names =
                    switch column {
                    case "opened": scene.opened()
                    case "voided": scene.voided()
                    case "created": scene.created()
                    case "cancelled": scene.cancelled()
                    default: row[0] == "cancelling" ? scene.cancellationRefused() : scene.creationRefused()
                    }
                let cell = names.filter { $0 != "opened" && $0 != "voided" }.map { $0.replacing("effect ", with: "") }
                #expect((cell.isEmpty ? "–" : cell.joined(separator: " ")) == expected, "\(row[0]), \(column)")
            }
        }
    }
}
