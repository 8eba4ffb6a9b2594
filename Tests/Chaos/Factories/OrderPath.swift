import Contracts

/// What is done with an order of the kill test.
enum OrderPath: CaseIterable {
    /// The factory returns a number of its own, the merchant ships.
    case plain
    /// The number comes from the factory's pool.
    case obtained
    /// As `plain`, and every message is sent twice.
    case copied
    /// The merchant takes it back before a number was returned.
    case takenBack
    /// An after-sale takes it back before a number was returned.
    case afterSale
    /// An after-sale is opened at the moment of shipping: one of both wins.
    case race

    /// Half of all orders go the plain way.
    init(_ order: NumberedOrder) {
        switch order.number % 10 {
        case 0...4: self = .plain
        case 5: self = .obtained
        case 6: self = .copied
        case 7: self = .takenBack
        case 8: self = .afterSale
        default: self = .race
        }
    }

    /// Whether it may end so.
    func allows(shipped: Bool) -> Bool {
        switch self {
        case .plain, .obtained, .copied: shipped
        case .takenBack, .afterSale: !shipped
        case .race: true
        }
    }
}
