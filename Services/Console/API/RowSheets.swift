import Contracts
import ReadModel
import Threads

/// A page of a list, of what a shop may see.
typealias ShopList<Row> = @Sendable (any ReadModel, _ shop: String, PageRequest) throws(ReadModelError) -> Page<Row>

// Columns of lists of the read model's rows.

private func flag(_ value: Bool) -> String { value ? "true" : "false" }

private func counted(_ lines: [CountedLine]?) -> String? { lines.map { $0.map { "\($0.sku) ×\($0.quantity)" }.joined(separator: "; ") } }

extension ListSheet where Row == BindingView {
    static var bindings: ListSheet {
        ListSheet("bindings", ["merchantShopId", "factoryShopId", "state", "shopAlias", "reason", "message", "updatedAt"]) {
            [
                $0.merchantShopId, $0.factoryShopId, $0.state.rawValue, $0.shopAlias, $0.reason, $0.message, $0.updatedAt?.description,
            ]
        }
    }
}

extension ListSheet where Row == RuleRow {
    static var rules: ListSheet {
        ListSheet("rules", ["ruleId", "skus", "skuPrefix", "targetKind", "targetId", "priority"]) {
            [
                $0.ruleId, $0.match.skus?.joined(separator: " "), $0.match.skuPrefix, $0.target.kind.rawValue, $0.target.id,
                "\($0.priority)",
            ]
        }
    }
}

extension ListSheet where Row == PoolView {
    static var pools: ListSheet {
        ListSheet("pools", ["carrier", "segments", "total", "obtained"]) { pool in
            let segments = pool.segments.map { "\($0.first)–\($0.last)" }
            return [pool.carrier, segments.joined(separator: " "), "\(pool.total)", "\(pool.obtained)"]
        }
    }
}

extension ListSheet where Row == WarehouseRow {
    static var warehouses: ListSheet {
        ListSheet(
            "warehouses",
            [
                "warehouseId", "code", "provider", "pin", "departmentCode", "warehouseCode", "state", "messageSubscription",
                "authorizationId",
            ]
        ) {
            [
                $0.warehouseId, $0.code, $0.provider, $0.pin, $0.departmentCode, $0.warehouseCode, $0.state.rawValue,
                flag($0.messageSubscription), $0.authorizationId,
            ]
        }
    }
}

extension ListSheet where Row == StockRow {
    static var stock: ListSheet {
        ListSheet("stock", ["warehouseId", "sku", "good", "damaged", "asOf"]) {
            [$0.warehouseId, $0.sku, "\($0.good)", "\($0.damaged)", $0.asOf.description]
        }
    }
}

extension ListSheet where Row == InboundView {
    static var inbounds: ListSheet {
        ListSheet("inbounds", ["inboundId", "warehouseId", "lines", "state", "partnerNumber", "received", "overdue"]) {
            [
                $0.inboundId, $0.warehouseId, counted($0.lines), $0.state.rawValue, $0.partnerNumber, counted($0.received),
                $0.overdue.map(flag),
            ]
        }
    }
}

extension ListSheet where Row == ChannelRow {
    static var channels: ListSheet {
        ListSheet(
            "channels",
            [
                "channelId", "name", "platform", "platformShopId", "authorizationId", "state", "downloadOrders", "orderTypes",
                "transferToAudit", "uploadLogistics", "syncStock",
            ]
        ) { row in
            let policy = row.policy
            return [
                row.channelId, row.name, row.platform, row.platformShopId, row.authorizationId, row.state.rawValue,
                policy.map { flag($0.downloadOrders) }, policy?.orderTypes.map(\.rawValue).joined(separator: " "),
                policy.map { flag($0.transferToAudit) }, policy.map { flag($0.uploadLogistics) }, policy.map { flag($0.syncStock) },
            ]
        }
    }
}

extension ListSheet where Row == AuthorizationView {
    static var authorizations: ListSheet {
        ListSheet(
            "authorizations",
            [
                "authorizationId", "channelId", "provider", "mode", "pin", "departmentCode", "warehouseCode", "state",
                "messageSubscription", "expiresAt", "warehouseId", "reason",
            ]
        ) {
            [
                $0.authorizationId, $0.channelId, $0.provider, $0.mode, $0.pin, $0.departmentCode, $0.warehouseCode, $0.state.rawValue,
                $0.messageSubscription.map(flag), $0.expiresAt?.description, $0.warehouseId, $0.reason,
            ]
        }
    }
}

extension ListSheet where Row == DeadLetterView {
    static var deadLetters: ListSheet {
        ListSheet(
            "dead-letters",
            ["id", "service", "reason", "type", "key", "topic", "partition", "offset", "at", "size", "replayedAt"]
        ) {
            [
                $0.id, $0.service.rawValue, $0.reason, $0.type, $0.key, $0.topic, $0.partition.map { "\($0)" },
                $0.offset.map { "\($0)" }, $0.time.description, "\($0.size)", $0.replayedAt?.description,
            ]
        }
    }
}
