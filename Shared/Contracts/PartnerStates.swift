public import JSON

/// How far an outbound order at a partner's warehouse is (contract, section 4). A state never goes backwards: the one with the higher
/// rank counts, in whatever order the reports come. Cancellation is an axis of its own.
///
/// | rank | state | |
/// |---|---|---|
/// | 0 | `created` | the partner has it |
/// | 1 | `waybill-obtained` | it has a number; nothing has left |
/// | 2 | `accepted` | the warehouse has it |
/// | 3 | `picking` | |
/// | 4 | `packed` | |
/// | 5 | `handed-over` | to the carrier, still in the house |
/// | 6 | `shipped` | out of the door |
/// | 7 | `in-transit` | |
/// | 8 | `delivered` | |
/// | 9 | `refused` | the recipient did not take it |
/// | 10 | `returning` | on its way back |
/// | 11 | `returned` | |
public enum OutboundState: String, JSONEnumeration {
    case created
    case waybillObtained = "waybill-obtained"
    case accepted
    case picking
    case packed
    case handedOver = "handed-over"
    case shipped
    case inTransit = "in-transit"
    case delivered
    case refused
    case returning
    case returned

    /// Place in the order above.
    public var rank: Int {
        switch self {
        case .created: 0
        case .waybillObtained: 1
        case .accepted: 2
        case .picking: 3
        case .packed: 4
        case .handedOver: 5
        case .shipped: 6
        case .inTransit: 7
        case .delivered: 8
        case .refused: 9
        case .returning: 10
        case .returned: 11
        }
    }

    /// Whether the parcel has left the warehouse; `shipped` itself may have been missed.
    public var isOutOfTheDoor: Bool { rank >= Self.shipped.rank }
}

/// How far an inbound order at a partner's warehouse is (contract, section 4); as for ``OutboundState`` the higher rank counts.
///
/// | rank | state | |
/// |---|---|---|
/// | 0 | `created` | announced |
/// | 1 | `accepted` | the warehouse has it |
/// | 2 | `received` | the goods are counted and in |
/// | 3 | `cancelled` | |
public enum InboundState: String, JSONEnumeration {
    case created, accepted, received, cancelled

    /// Place in the order above.
    public var rank: Int {
        switch self {
        case .created: 0
        case .accepted: 1
        case .received: 2
        case .cancelled: 3
        }
    }
}
