public import Contracts
public import Threads

/// JD's report about an outbound order.
public struct OutboundReport: Sendable, Equatable {
    public struct Status: Sendable, Equatable {
        public var code: String
        /// nil: JD gave no time.
        public var at: Timestamp?

        public init(code: String, at: Timestamp?) {
            self.code = code
            self.at = at
        }
    }

    public struct Line: Sendable, Equatable {
        /// The merchant's code of the goods, where JD repeats it.
        public var sku: String?
        /// EMG….
        public var goodsNumber: String?
        /// The line's place in the order that we sent, from 1.
        public var orderLine: Int?
        /// The quantity ordered.
        public var planned: Int?
        /// The quantity picked; nil until it is known, and always from ECLP.
        public var actual: Int?

        /// Whether JD tells what was picked: ISC does.
        public var isCounted: Bool

        public init(sku: String?, goodsNumber: String?, orderLine: Int?, planned: Int?, actual: Int?, isCounted: Bool = false) {
            self.sku = sku
            self.goodsNumber = goodsNumber
            self.orderLine = orderLine
            self.planned = planned
            self.actual = actual
            self.isCounted = isCounted
        }
    }

    public var number: String
    /// Our key, where JD repeats it.
    public var key: String?
    /// JD's current status.
    public var code: String
    /// In JD's order.
    public var statuses: [Status]
    /// Our code of the carrier where there is one, else JD's.
    public var carrier: String?
    /// Without JD's "-1-1-". A number may be there long before the parcel leaves.
    public var waybillNumber: String?
    /// Of further parcels.
    public var extraNumbers: [String]
    public var lines: [Line]
    /// Every part of an order that JD has split, asked for by itself; empty for a whole one.
    public var children: [OutboundReport]

    public init(
        number: String, key: String? = nil, code: String, statuses: [Status] = [], carrier: String? = nil, waybillNumber: String? = nil,
        extraNumbers: [String] = [], lines: [Line] = [], children: [OutboundReport] = []
    ) {
        self.number = number
        self.key = key
        self.code = code
        self.statuses = statuses
        self.carrier = carrier
        self.waybillNumber = waybillNumber
        self.extraNumbers = extraNumbers
        self.lines = lines
        self.children = children
    }

    public var isSplit: Bool { !children.isEmpty }

    /// How far the order has come: the highest state of all that JD reports, for a split one that of the part that has come least far (parts
    /// that are cancelled do not count). nil: none of the codes has a state.
    public var progress: (state: OutboundState, code: String, at: Timestamp?)? {
        guard isSplit else {
            return (statuses + [Status(code: code, at: nil)]).reduce(nil) { best, status in
                guard let state = JDStatus.outbound(status.code) else { return best }
                // Of two entries for one state the earlier tells when it was reached.
                if let best, best.state.rank >= state.rank { return best }
                return (state, status.code, status.at)
            }
        }
        let parts = children.filter { $0.cancellation != .cancelled }
        let reached = parts.compactMap(\.progress)
        guard reached.count == parts.count else { return nil }
        return reached.min { $0.state.rank < $1.state.rank }
    }

    /// Of a split order: `cancelled` when every part is, else the first part's that has one.
    public var cancellation: JDStatus.Cancellation? {
        guard isSplit else { return JDStatus.cancellation(code) }
        let parts = children.compactMap(\.cancellation)
        if parts.count == children.count, parts.allSatisfy({ $0 == .cancelled }) { return .cancelled }
        return parts.first { $0 != .cancelled }
    }

    /// The orders that JD handles as one: a whole order itself, of a split one all parts that were not split again. Parts that are
    /// cancelled are left out, unless all are.
    public var parcels: [OutboundReport] {
        let parcels = isSplit ? children.flatMap(\.parcels) : [self]
        let live = parcels.filter { $0.cancellation != .cancelled }
        return live.isEmpty ? parcels : live
    }

    public var isOutOfTheDoor: Bool { progress?.state.isOutOfTheDoor ?? false }
}
