import Contracts

@testable import StateMachines

/// An order of a merchant whose marketplace and ERP are told by themselves, and what they are asked.
struct UploadScene {
    var shipment = ShipmentScene()
    /// The effect that is under way for each target, and what its answer answers.
    private(set) var underWay: [UploadTarget: (task: UploadTask, origin: Origin)] = [:]

    /// - Parameter targets: those whose channel's policy uploads.
    init(_ targets: [UploadTarget] = [.marketplace]) {
        shipment.tables.put(Self.channel("C-1", "pinduoduo", uploads: targets.contains(.marketplace)))
        shipment.tables.put(Self.channel("C-2", "jackyun", uploads: targets.contains(.erp)))
    }

    static func channel(_ id: String, _ platform: String, uploads: Bool, state: ChannelState = .active) -> ChannelRow {
        let policy = ChannelPolicy(
            downloadOrders: false, orderTypes: [], transferToAudit: false, uploadLogistics: uploads, syncStock: false)
        return ChannelRow(
            channelId: id, merchantShopId: ShipmentScene.merchant, name: "", platform: platform, policy: policy, state: state, version: 0)
    }

    /// Does what is told to the shipment, and keeps the effects that come of it.
    @discardableResult
    mutating func after(_ body: (inout ShipmentScene) throws -> [String]) throws -> [String] {
        let names = try body(&shipment)
        for case .effect(let effect, _, let origin) in shipment.emissions {
            switch effect {
            case let effect as MarketplaceUpload: underWay[.marketplace] = (effect.task, origin)
            case let effect as ERPUpload: underWay[.erp] = (effect.task, origin)
            default: break
            }
        }
        return names
    }

    @discardableResult
    mutating func shipped(_ number: Int = 1, _ waybillNumber: String = "YT0000000000001", extra: [String]? = nil) throws -> [String] {
        try shipment.allocated(number)
        try shipment.returned(number, waybillNumber, extra: extra)
        try shipment.ship(number, id: "ship-\(number)")
        return try after { try $0.sealed(number) }
    }

    @discardableResult
    mutating func amended(_ number: Int = 1, _ waybillNumber: String = "YT0000000000002") throws -> [String] {
        try shipment.amend(number, waybillNumber)
        return try after { try $0.claimed(number, waybillNumber) }
    }

    @discardableResult
    mutating func retry(
        _ number: Int = 1, _ target: UploadTarget = .marketplace, by actor: Actor = ShipmentScene.owner, id: String? = nil
    ) throws -> [String] {
        let command = RetryUpload(orderId: shipment.orderId, allocationId: shipment.allocationId(number), target: target)
        return try after { try $0.send(.retryUpload(command), actor, id: id) }
    }

    /// The target's answer to what is under way.
    @discardableResult
    mutating func answer(_ outcome: UploadOutcome = .confirmed, _ target: UploadTarget = .marketplace) throws -> [String] {
        guard let (task, origin) = underWay.removeValue(forKey: target) else { return [] }
        return try after { try $0.send(.uploaded(target, task, outcome), Actor(.service, "shipping"), id: origin.id) }
    }

    static let refused = UploadOutcome.failed(UploadOutcome.Failure(.partnerRejected, "no", partnerCode: "50001"))

    func task(_ target: UploadTarget = .marketplace) -> UploadTask? { underWay[target]?.task }
}
