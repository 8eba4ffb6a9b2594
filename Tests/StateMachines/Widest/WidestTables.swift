import Contracts
import JSON
import Machines

extension Widest {
    /// The compacted tables with a row of each kind, as wide as the edge is.
    func tables() throws -> MemoryTables {
        let tables = MemoryTables()
        for (shop, role) in [(Self.merchant, ShopRole.merchant), (Self.factory, .factory)] {
            tables.put(
                try make(ParticipantRow.self) {
                    $0.shopId = shop
                    $0.role = role
                    if role == .merchant, $0.shopAlias == nil { $0.shopAlias = Self.filled(200) }
                })
        }
        tables.put(try make(BindingRow.self) { $0.state = .active })
        tables.put(
            try make(WarehouseRow.self) {
                $0.state = .active
                $0.messageSubscription = true
            })
        for (platform, owner) in [
            (Platform.pinduoduo, Self.merchant), (.jackyun, Self.merchant), (.jackyun, Self.factory), (.pinduoduo, Self.factory),
        ] {
            tables.put(
                try make(ChannelRow.self) {
                    $0.channelId = Self.channelId(platform, of: owner)
                    $0.platform = platform.rawValue
                    $0.merchantShopId = owner == Self.merchant ? owner : nil
                    $0.factoryShopId = owner == Self.factory ? owner : nil
                    $0.state = .active
                    let policy = ChannelPolicy(
                        downloadOrders: true, orderTypes: [.factoryDropship, .own], transferToAudit: false, uploadLogistics: true,
                        syncStock: false)
                    $0.policy = policy
                })
        }
        return tables
    }

    /// Of a channel in the tables.
    static func channelId(_ platform: Platform, of owner: String) -> String { "\(platform.rawValue) \(owner.prefix(40))" }

    static var actors: [Actor] {
        [
            Actor(.merchant, merchant), Actor(.factory, factory), Actor(.service, "shipping"),
            Actor(.partner, Provider.jdFulfillment.rawValue),
        ]
    }
}

/// Opens everything.
final class OpensAll: SecretOpener {
    func opens(_ sealed: Sealed, info: String, aad: String) -> Bool { true }
    func token(for purpose: String) -> String { Widest.filled(200) }
}
