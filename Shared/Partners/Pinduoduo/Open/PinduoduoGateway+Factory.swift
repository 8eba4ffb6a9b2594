internal import JSON

/// 厂家代发 (`pdd.fds.*`): the seven calls of a factory. There is none to bind, assign or take back.
/// Source: the pages of these calls on open.pinduoduo.com; open-pdd `src/http/model/fds`.
extension PinduoduoGateway {
    /// The longest window of a list, in milliseconds.
    public static let longestFactoryWindow = 1_800_000

    public func fdsRole(token: String) async throws(PartnerError) -> FdsRole {
        let type = "pdd.fds.role.get"
        guard let role = try await call(type, token: token)["mall_role"]?.wireInt else {
            throw failure(.outcomeOpen, type, "an answer without a role")
        }
        return FdsRole(rawValue: role) ?? .unknown
    }

    /// One page of the assigned orders that changed. Times are milliseconds here; nothing is older than about a month.
    public func fdsOrderList(
        from: Int, to: Int, page: Int = 1, pageSize: Int = pageSize, token: String
    ) async throws(PartnerError) -> PinduoduoPage<FdsOrder> {
        let type = "pdd.fds.order.list.get"
        try checkWindow(type, from, to, longest: Self.longestFactoryWindow, unit: "milliseconds")
        let request = JSONValue.object([
            ("start_updated_time", .int(from)), ("end_updated_time", .int(to)), ("page", .int(page)), ("page_size", .int(pageSize)),
        ])
        let answer = try await call(type, [("param_fds_order_list_get_request", request)], token: token)
        return try self.page(type, answer, list: "order_list", total: "total") { FdsOrder($0) }
    }

    /// All assigned orders that changed in the window; one may be there twice.
    public func fdsOrders(from: Int, to: Int, token: String) async throws(PartnerError) -> PinduoduoRows<FdsOrder> {
        try await backToFront("pdd.fds.order.list.get") { (page) throws(PartnerError) in
            try await fdsOrderList(from: from, to: to, page: page, token: token)
        }
    }

    /// To be asked when a message says "assigned" or "address changed".
    public func fdsOrder(_ key: FdsOrderKey, token: String) async throws(PartnerError) -> FdsOrder {
        let type = "pdd.fds.order.get"
        guard let order = FdsOrder(try await call(type, [("param_fds_order_get_request", key.json())], token: token)) else {
            throw failure(.outcomeOpen, type, "an answer without the order")
        }
        return order
    }

    /// Takes numbers; the platform puts the recipients on the labels. Whether the same `objectId` gets the same number again is not
    /// documented.
    /// - Returns: one for each parcel, in their order.
    public func fdsWaybillGet(_ request: FdsWaybillRequest, token: String) async throws(PartnerError) -> [FdsWaybill] {
        let type = "pdd.fds.waybill.get"
        if let problem = request.problem { throw failure(.rejected, type, problem) }
        let answer = try await call(type, [("param_fds_waybill_get_request", request.json)], token: token, changes: true)
        let waybills = (answer["modules"]?.wireList ?? []).compactMap { FdsWaybill($0) }
        var found: [FdsWaybill] = []
        for parcel in request.parcels {
            guard let waybill = waybills.first(where: { $0.objectId == parcel.objectId }) else {
                throw failure(.outcomeOpen, type, "an answer without the number of \(parcel.objectId)")
            }
            found.append(waybill)
        }
        return found
    }

    /// Gives the number back to the merchant, who ships with it.
    public func fdsWaybillReturn(_ key: FdsOrderKey, wpCode: String, waybillCode: String, token: String) async throws(PartnerError) {
        let type = "pdd.fds.waybill.return"
        let request = key.json(with: ("waybill_code", .string(waybillCode)), ("wp_code", .string(wpCode)))
        let answer = try await call(type, [("param_fds_waybill_return_request", request)], token: token, changes: true)
        try confirm(type, answer["return_result"])
    }

    /// Gives a number up that was taken and not used.
    public func fdsWaybillCancel(_ key: FdsOrderKey, wpCode: String, waybillCode: String, token: String) async throws(PartnerError) {
        let type = "pdd.fds.waybill.cancel"
        let request = key.json(with: ("waybill_code", .string(waybillCode)), ("wp_code", .string(wpCode)))
        let answer = try await call(type, [("pdd_fds_waybill_cancel_request", request)], token: token, changes: true)
        try confirm(type, answer["return_result"])
    }

    /// Numbers of an order's further parcels, 1 to 10.
    /// - Parameter main: the number that was returned first; it must not be among them.
    public func fdsWaybillReturnSlave(
        _ key: FdsOrderKey, wpCode: String, main: String, waybillCodes: [String], token: String
    ) async throws(PartnerError) {
        let type = "pdd.fds.waybill.return.slave"
        guard (1...10).contains(waybillCodes.count), !waybillCodes.contains(main) else {
            throw failure(.rejected, type, "\(waybillCodes.count) further numbers; 1 to 10, without the main one")
        }
        let request = key.json(with: ("waybill_codes", .array(waybillCodes.map { .string($0) })), ("wp_code", .string(wpCode)))
        let answer = try await call(type, [("request", request)], token: token, changes: true)
        try confirm(type, answer["result"] ?? answer["return_result"])
    }
}

/// `mall_role`.
public enum FdsRole: Int, Sendable {
    case unknown = 0
    /// Seen at Pinduoduo's twin, Kuaishou.
    case merchant = 1
    case factory = 2
}

extension FdsOrderKey {
    func json(with more: (String, JSONValue)...) -> JSONValue {
        .object([("mall_mask_id", .string(mallMaskId)), ("order_mask_sn", .string(orderMaskSn))] + more)
    }
}
