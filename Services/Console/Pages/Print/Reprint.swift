import JSON
import ReadModel

/// Why a label is printed again.
enum Reprint: String, CaseIterable, Sendable {
    case damaged, lost, paper, address

    /// Whether the parcel's label was printed before, and waybill can be told that it is again.
    static func isOne(_ parcel: ParcelView) -> Bool { parcel.copies > 0 && parcel.actions.contains("report-reprint") }

    /// Of `report-reprint`.
    func data(_ parcel: ParcelView) -> JSONValue {
        .object([
            ("orderId", .string(parcel.orderId)), ("allocationId", .string(parcel.allocationId)),
            ("factoryShopId", .string(parcel.factoryShopId)), ("reason", .string(rawValue)),
        ])
    }
}
