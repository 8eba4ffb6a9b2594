/// How many calls a second a partner lets through, for each of its operations, in all and for one shop.
public struct CallRates: Sendable, Equatable {
    public struct Limit: Sendable, Equatable {
        /// Calls a second in all; nil: no bound.
        public var total: Double?
        /// Calls a second for one shop; nil: no bound.
        public var perShop: Double?

        public init(total: Double? = nil, perShop: Double? = nil) {
            self.total = total
            self.perShop = perShop
        }
    }

    public struct Failure: Error, Sendable, Equatable {
        /// The part that cannot be read.
        public let part: String
    }

    public var byOperation: [String: Limit]
    /// The limit of operations that are not named.
    public var others: Limit

    public init(_ byOperation: [String: Limit] = [:], others: Limit = Limit()) {
        self.byOperation = byOperation
        self.others = others
    }

    public subscript(operation: String) -> Limit { byOperation[operation] ?? others }

    /// These rates with those that the others name.
    public func changed(by rates: CallRates) -> CallRates {
        func changed(_ limit: Limit?, _ change: Limit) -> Limit {
            Limit(total: change.total ?? limit?.total, perShop: change.perShop ?? limit?.perShop)
        }
        var all = self
        for (operation, limit) in rates.byOperation { all.byOperation[operation] = changed(byOperation[operation], limit) }
        all.others = changed(others, rates.others)
        return all
    }

    /// From a text: `pdd.fds.order.get=200/shop,pdd.fds.order.get=2000,*=50`. `*` stands for all other
    /// operations; with `/shop` the rate is for one shop, without it for all together.
    /// - Throws: `Failure` with the first part that is none.
    public init(_ text: String) throws(Failure) {
        self.init()
        for part in text.split(whereSeparator: { $0 == "," || $0.isWhitespace }) {
            let sides = part.split(separator: "=", omittingEmptySubsequences: false)
            guard sides.count == 2, !sides[0].isEmpty else { throw Failure(part: String(part)) }
            let isPerShop = sides[1].hasSuffix("/shop")
            guard let rate = Double(isPerShop ? sides[1].dropLast(5) : sides[1]), rate > 0, rate <= 1_000_000 else {
                throw Failure(part: String(part))
            }
            let operation = String(sides[0])
            var limit = operation == "*" ? self.others : byOperation[operation] ?? Limit()
            if isPerShop { limit.perShop = rate } else { limit.total = rate }
            if operation == "*" { self.others = limit } else { byOperation[operation] = limit }
        }
    }
}
