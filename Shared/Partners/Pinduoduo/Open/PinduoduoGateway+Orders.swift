import Contracts
public import Threads
internal import JSON

/// A merchant's orders and after-sales. Times are seconds since 1970, windows at most 30 minutes, and nothing is older than three months.
extension PinduoduoGateway {
    /// The longest window of an increment, in seconds.
    public static let longestWindow = 1800

    /// One page of the orders that changed. The window's end must stay three minutes behind the platform's clock, or orders are missed.
    /// - Parameter usesHasNext: the page then says whether another follows instead of counting all, which costs the platform less.
    public func orderIncrement(
        from: Int, to: Int, page: Int = 1, pageSize: Int = pageSize, usesHasNext: Bool = false, token: String
    ) async throws(PartnerError) -> PinduoduoPage<PinduoduoOrder> {
        let type = "pdd.order.number.list.increment.get"
        try checkWindow(type, from, to, longest: Self.longestWindow, unit: "seconds")
        var parameters: [(name: String, value: JSONValue)] = [
            ("start_updated_at", .int(from)), ("end_updated_at", .int(to)), ("page", .int(page)), ("page_size", .int(pageSize)),
            // All orders: whether drawn by lot, whatever their status and after-sale.
            ("is_lucky_flag", .int(0)), ("order_status", .int(5)), ("refund_status", .int(5)),
        ]
        if usesHasNext { parameters.append(("use_has_next", .bool(true))) }
        return try self.page(type, try await call(type, parameters, token: token), list: "order_sn_list", total: "total_count") {
            PinduoduoOrder($0)
        }
    }

    /// All orders that changed in the window; an order may be there twice.
    public func orders(from: Int, to: Int, token: String) async throws(PartnerError) -> PinduoduoRows<PinduoduoOrder> {
        try await backToFront("pdd.order.number.list.increment.get") { (page) throws(PartnerError) in
            try await orderIncrement(from: from, to: to, page: page, token: token)
        }
    }

    public func order(_ orderSn: String, token: String) async throws(PartnerError) -> PinduoduoOrder {
        let type = "pdd.order.information.get"
        let answer = try await call(type, [("order_sn", .string(orderSn))], token: token)
        guard let order = PinduoduoOrder(answer["order_info"] ?? answer) else {
            throw failure(.outcomeOpen, type, "an answer without the order")
        }
        return order
    }

    /// One page of the after-sales that changed.
    public func refundIncrement(
        from: Int, to: Int, page: Int = 1, pageSize: Int = pageSize, token: String
    ) async throws(PartnerError) -> PinduoduoPage<PinduoduoRefund> {
        let type = "pdd.refund.list.increment.get"
        try checkWindow(type, from, to, longest: Self.longestWindow, unit: "seconds")
        let parameters: [(name: String, value: JSONValue)] = [
            ("start_updated_at", .int(from)), ("end_updated_at", .int(to)), ("page", .int(page)), ("page_size", .int(pageSize)),
            // Both are required; 1 is "all" of the types, and of the statuses the one number of the page's example that is in no table.
            ("after_sales_type", .int(1)), ("after_sales_status", .int(1)),
        ]
        return try self.page(type, try await call(type, parameters, token: token), list: "refund_list", total: "total_count") {
            PinduoduoRefund($0)
        }
    }

    /// All after-sales that changed in the window; one may be there twice.
    public func refunds(from: Int, to: Int, token: String) async throws(PartnerError) -> PinduoduoRows<PinduoduoRefund> {
        try await backToFront("pdd.refund.list.increment.get") { (page) throws(PartnerError) in
            try await refundIncrement(from: from, to: to, page: page, token: token)
        }
    }

    /// Those of the orders that have an after-sale. To be asked right before shipping.
    public func refundStatusCheck(_ orderSns: [String], token: String) async throws(PartnerError) -> Set<String> {
        guard !orderSns.isEmpty else { return [] }
        let type = "pdd.refund.status.check"
        let answer = try await call(type, [("order_sns", .string(orderSns.joined(separator: ",")))], token: token)
        // A missing list must not look like "none has".
        guard let found = answer["order_sns_exists_refund"] else { throw failure(.outcomeOpen, type, "an answer without the list") }
        return Set(found.wireList.compactMap { $0["order_sn"]?.wireText ?? $0.wireText })
    }

    /// The platform's clock.
    public func time() async throws(PartnerError) -> Timestamp {
        let type = "pdd.time.get"
        guard let time = try await call(type)["time"]?.pinduoduoTime else { throw failure(.outcomeOpen, type, "an answer without a time") }
        return time
    }
}

/// An after-sale, from a row of `pdd.refund.list.increment.get` (fields of its page on open.pinduoduo.com).
public struct PinduoduoRefund: Sendable, Equatable {
    /// 售后编号.
    public var id: String
    public var orderSn: String
    /// Numbers of the order interface.
    public var afterSalesStatus: Int?
    /// 2 refund only, 3 return and refund, 4 exchange, 5 resend, 6 repair.
    public var afterSalesType: Int?
    public var createdAt: Timestamp?
    public var updatedAt: Timestamp?
    /// The number of the parcel that comes back from the buyer.
    public var trackingNumber: String?

    init?(_ row: JSONValue) {
        // The platform's messages call the same `refund_id` and `tid` (`RefundCreated`, as open clients of its message socket read it), the
        // order interface says `after_sales_…`; that a row of the list may do so is inferred.
        guard let id = row["id"]?.wireText ?? row["refund_id"]?.wireText ?? row["after_sales_id"]?.wireText,
            let orderSn = row["order_sn"]?.wireText ?? row["tid"]?.wireText
        else { return nil }
        self.id = id
        self.orderSn = orderSn
        afterSalesStatus = row["after_sales_status"]?.wireInt
        afterSalesType = row["after_sales_type"]?.wireInt
        createdAt = row["created_time"]?.pinduoduoTime
        updatedAt = row["updated_time"]?.pinduoduoTime
        trackingNumber = row["tracking_number"]?.wireText
    }

    /// Where it stands; a status that is not in the table counts as open. The kind is the type's, where that tells.
    public var state: PinduoduoAfterSale {
        let state = afterSalesStatus.flatMap { PinduoduoAfterSale(orderStatus: $0) } ?? .open(.unspecified)
        guard case .open = state, let kind else { return state }
        return .open(kind)
    }

    public var kind: PinduoduoAfterSale.Kind? {
        switch afterSalesType {
        case 2: .refund
        case 3: .returnAndRefund
        case 4: .exchange
        case 5: .resend
        case 6: .repair
        default: nil
        }
    }
}
