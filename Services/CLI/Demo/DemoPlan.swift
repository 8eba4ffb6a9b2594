import Partners

/// Which order meets which fate: settled before anything is sent, by the seed alone.
struct DemoPlan {
    enum Hold: Equatable { case afterSale, risk }

    enum TakeBack: Equatable { case merchant, afterSale, risk }

    enum Fate: Equatable {
        /// Held when it came: cannot be allocated.
        case held(Hold)
        case shipped
        /// Taken back by the merchant, allocated to another factory, shipped from there.
        case reallocated(to: Int)
        case takenBack(TakeBack, afterReturn: Bool)
    }

    /// Where the waybill number comes from.
    enum Number: Equatable {
        case pool
        /// The pool is used up: refused, then the factory's own.
        case emptyPool
        case own
        /// With a second number for a second parcel.
        case ownWithExtra
        /// A number that is none: refused, then the factory's own.
        case invalid
        /// The number of another door's parcel: refused, then the factory's own.
        case used(index: Int)
        /// Packed together with an order to the same door.
        case merged(index: Int)
    }

    struct Order {
        let orderId: String
        let merchant: Int
        let row: OrderExport.Row
        /// Allocated by the merchant's rule on arrival.
        let byRule: Bool
        /// The factory to which the order is allocated first.
        let factory: Int
        let fate: Fate
        var number: Number
        /// nil: allocated and shipped singly, not as part of a batch.
        let isSingle: Bool

        /// The factory from which the parcel leaves.
        var lastFactory: Int { if case .reallocated(let other) = fate { other } else { factory } }
        var allocationId: String { if case .reallocated = fate { "\(orderId)/2" } else { "\(orderId)/1" } }
        var isHeld: Bool { if case .held = fate { true } else { false } }
        /// Whether a waybill number is returned for it.
        var isReturned: Bool {
            switch fate {
            case .held: false
            case .shipped, .reallocated: true
            case .takenBack(_, let afterReturn): afterReturn
            }
        }
        var isShipped: Bool {
            switch fate {
            case .shipped, .reallocated: true
            case .held, .takenBack: false
            }
        }
    }

    private(set) var orders: [Order] = []

    /// - Parameter exports: as the scenario's merchants have them.
    init(_ scenario: DemoScenario, _ exports: [DemoScenario.Export]) {
        for (merchant, export) in exports.enumerated() {
            for row in export.result.rows where row.status == .toShip { orders.append(Self.order(row, merchant, scenario)) }
        }
        mergeParcels()
        chooseUsedNumbers()
    }

    func indices(where condition: (Order) -> Bool) -> [Int] { orders.indices.filter { condition(orders[$0]) } }

    private static func order(_ row: OrderExport.Row, _ merchant: Int, _ scenario: DemoScenario) -> Order {
        let orderId = OrderExportTranslation.orderId(row)
        func draw(_ what: String, _ bound: Int) -> Int { DemoHash.of("\(scenario.run)|\(orderId)|\(what)", below: bound) }
        let byRule = merchant == 0 && (row.sku ?? "").hasPrefix(DemoScenario.rulePrefix)
        let bound = scenario.merchants[merchant].bound
        let factory = byRule ? DemoScenario.ruleFactory : bound[draw("factory", 3) % bound.count]
        let other = bound.first { $0 != factory } ?? factory
        return Order(
            orderId: orderId, merchant: merchant, row: row, byRule: byRule, factory: factory,
            fate: hold(row).map(Fate.held) ?? fate(draw("fate", 100), other: other), number: number(draw("number", 100)),
            isSingle: draw("single", 100) < 30)
    }

    private static func hold(_ row: OrderExport.Row) -> Hold? {
        if row.riskHeld { return .risk }
        switch row.afterSale {
        case .open, .refunded: return .afterSale
        case .none, .closed: return nil
        }
    }

    private static func fate(_ drawn: Int, other: Int) -> Fate {
        switch drawn {
        case 0..<3: .takenBack(.merchant, afterReturn: false)
        case 3..<6: .reallocated(to: other)
        case 6..<8: .takenBack(.afterSale, afterReturn: false)
        case 8..<10: .takenBack(.afterSale, afterReturn: true)
        case 10..<12: .takenBack(.risk, afterReturn: false)
        case 12..<13: .takenBack(.risk, afterReturn: true)
        default: .shipped
        }
    }

    private static func number(_ drawn: Int) -> Number {
        switch drawn {
        case 0..<45: .pool
        case 45..<48: .emptyPool
        case 48..<51: .ownWithExtra
        case 51..<54: .invalid
        // The other order's index is chosen once all orders are known.
        case 54..<57: .used(index: 0)
        default: .own
        }
    }

    /// Recipient and factory of a parcel: parcels that share both may carry one number.
    private struct Door: Hashable {
        let merchant: Int
        let factory: Int
        let recipient: OrderExport.Recipient
    }

    /// Of orders of one merchant from one factory to one door, those with own numbers go into the first one's parcel.
    private mutating func mergeParcels() {
        var first: [Door: Int] = [:]
        for index in orders.indices where orders[index].number == .own && orders[index].isShipped {
            let door = Door(merchant: orders[index].merchant, factory: orders[index].lastFactory, recipient: orders[index].row.recipient)
            if let other = first[door] { orders[index].number = .merged(index: other) } else { first[door] = index }
        }
    }

    private mutating func chooseUsedNumbers() {
        let own = orders.indices.filter { orders[$0].number == .own && orders[$0].isReturned }
        for index in orders.indices {
            guard case .used = orders[index].number else { continue }
            let other = own.first { $0 != index && orders[$0].row.recipient != orders[index].row.recipient }
            orders[index].number = other.map { .used(index: $0) } ?? .own
        }
    }
}
