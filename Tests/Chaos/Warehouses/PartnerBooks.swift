import Contracts
import JSON
import TestSupport

/// What the partner has in the end.
struct PartnerBooks {
    struct Order {
        var number: String
        var status: String
        var waybill: String?

        var isDelivered: Bool { status == "10034" }
        var isCancelled: Bool { status == "10028" }
    }

    /// By the allocation's id.
    var orders: [String: [Order]] = [:]
    /// How many were made for an allocation, as the log of creates has it.
    var creates: [String: Int] = [:]
    /// How often the partner was asked for one and did it, or had done it, and how many of these answers were lost on purpose.
    var asked = 0
    var lost = 0

    static let create = ["jingdong.eclp.order.addOrder", "/integratedsupplychain/order/delivery/create/v1"]

    init(_ sandbox: PartnerSandbox) async throws {
        orders = try await Self.orders(sandbox)
        for create in try await sandbox.control("creates").array ?? [] where Self.create.contains(create["operation"]?.string ?? "") {
            creates[Self.allocationId(create["key"]?.string ?? ""), default: 0] += 1
        }
        for operation in Self.create {
            let calls = try await sandbox.control("calls?operation=\(operation)&limit=1000000").array ?? []
            asked += calls.count { ["ok", "drop"].contains($0["outcome"]?.string ?? "") }
            lost += calls.count { $0["outcome"]?.string == "drop" }
        }
    }

    static func orders(_ sandbox: PartnerSandbox) async throws -> [String: [Order]] {
        var orders: [String: [Order]] = [:]
        for order in try await sandbox.control("outbound").array ?? [] {
            guard let key = order["key"]?.string, let number = order["number"]?.string, let status = order["status"]?.string else {
                continue
            }
            orders[allocationId(key), default: []].append(Order(number: number, status: status, waybill: order["waybill"]?.string))
        }
        return orders
    }

    /// An allocation's id has its last `_` as `/` here.
    private static func allocationId(_ key: String) -> String {
        guard let index = key.lastIndex(of: "_") else { return key }
        return key[..<index] + "/" + key[key.index(after: index)...]
    }

    /// JD's codes in our words, as JD Logistics' document 54597 tells them; nil: a code of another axis.
    static func state(_ code: String) -> OutboundState? {
        let states: [OutboundState: [String]] = [
            .created: ["10010"], .waybillObtained: ["100130"], .accepted: ["10014", "10015"], .picking: ["10016"],
            .packed: ["10017", "10018"], .handedOver: ["10019"], .shipped: ["10020"], .inTransit: ["10054", "10032", "10033"],
            .delivered: ["10034"],
        ]
        return states.first { $0.value.contains(code) }?.key
    }
}
