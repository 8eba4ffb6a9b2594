/// Where an order's after-sale stands, for what may be done with the order.
public enum PinduoduoAfterSale: Sendable, Equatable {
    public typealias Kind = OrderExport.AfterSale.Kind

    /// There is none.
    case absent
    /// Not decided, or decided and not done.
    case open(Kind)
    /// Ended without a refund: withdrawn, refused, expired, exchanged, repaired.
    case closed
    /// The money went back.
    case refunded

    /// The order interface's `after_sales_status`; nil for a number that is not in the table.
    ///
    /// | status | |
    /// |---|---|
    /// | 0 | none |
    /// | 2, 4, 5, 6 | open: refund (asked for, merchant agreed, platform agreed, merchant refused and the buyer's turn) |
    /// | 3, 7 | open: return and refund (asked for, agreed and the buyer is to send) |
    /// | 8 | open: the platform handles it |
    /// | 9, 11, 12, 13 | closed: platform refused, buyer withdrew, buyer overdue, expired |
    /// | 10 | refunded |
    /// | 14, 15, 18 | open: exchange (merchant's turn, buyer's turn, buyer to confirm) |
    /// | 16, 17 | closed: exchange done, failed |
    /// | 21, 22, 27 | open: repair (merchant to agree, buyer to send, buyer to receive) |
    /// | 24, 25 | closed: repair closed, done |
    /// | 31 | open: refusal at the door agreed |
    /// | 32 | open: resend, merchant to ship |
    /// | 33 | open: recall |
    ///
    /// Source: the page of pdd.refund.list.increment.get on open.pinduoduo.com.
    public init?(orderStatus status: Int) {
        switch status {
        case 0: self = .absent
        case 2, 4, 5, 6: self = .open(.refund)
        case 3, 7: self = .open(.returnAndRefund)
        case 8: self = .open(.unspecified)
        case 9, 11, 12, 13: self = .closed
        case 10: self = .refunded
        default:
            guard let shared = Self.exchangesAndRepairs(status) else { return nil }
            self = shared
        }
    }

    /// The factories' interface's `after_sales_status`: other numbers than the order interface's.
    ///
    /// | status | |
    /// |---|---|
    /// | 0 | none (initial) |
    /// | 1, 2, 3, 9, 11 | open: merchant's turn, to be dispatched, customer service's turn, merchant refused and the buyer's turn, merchant's turn |
    /// | 4 | open: refund under way |
    /// | 5 | refunded |
    /// | 6, 7, 12 | closed: withdrawn, customer service refused, failed |
    /// | 10 | open: return and refund agreed |
    /// | 14 to 32 | as in the order interface |
    ///
    /// A number that is not in the table counts as open: nothing is shipped that may be refunded.
    /// Source: the page of pdd.fds.order.get on open.pinduoduo.com.
    public init(factoryStatus status: Int) {
        switch status {
        case 0: self = .absent
        case 1, 2, 3, 9, 11: self = .open(.unspecified)
        case 4: self = .open(.refund)
        case 5: self = .refunded
        case 6, 7, 12: self = .closed
        case 10: self = .open(.returnAndRefund)
        default: self = Self.exchangesAndRepairs(status) ?? .open(.unspecified)
        }
    }

    /// The states that both interfaces number alike.
    private static func exchangesAndRepairs(_ status: Int) -> PinduoduoAfterSale? {
        switch status {
        case 14, 15, 18: .open(.exchange)
        case 16, 17, 24, 25: .closed
        case 21, 22, 27: .open(.repair)
        case 31: .open(.refusal)
        case 32: .open(.resend)
        case 33: .open(.recall)
        default: nil
        }
    }

    /// An order's `refund_status` (1 none or closed, 2 in progress, 3 refunding, 4 refunded) and `after_sales_status` taken together.
    ///
    /// Where they disagree the one that holds the order counts: refunded, then open. A status that is not in the table is judged by
    /// `refund_status` alone, and is open when there is none.
    public init(refundStatus: Int?, orderStatus: Int?) {
        let detail = orderStatus.flatMap { PinduoduoAfterSale(orderStatus: $0) }
        if refundStatus == 4 || detail == .refunded {
            self = .refunded
        } else if let detail, case .open = detail {
            self = detail
        } else if refundStatus == 2 || refundStatus == 3 {
            self = .open(refundStatus == 3 ? .refund : .unspecified)
        } else if let detail {
            self = detail
        } else if orderStatus == nil {
            self = .absent
        } else {
            self = refundStatus == 1 ? .closed : .open(.unspecified)
        }
    }

    public var isOpen: Bool { if case .open = self { true } else { false } }
}
