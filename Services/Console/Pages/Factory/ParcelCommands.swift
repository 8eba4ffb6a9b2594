import Contracts
import JSON
import ReadModel

/// What a factory does with parcels, as waybill's commands.
enum ParcelCommand: String, CaseIterable, Sendable {
    case obtain
    case markPrinted = "mark-printed"
    case `return`
    case cancel

    /// Whether it makes sense for a parcel now: accepted, and not done already.
    func isPossible(_ parcel: ParcelView) -> Bool {
        guard parcel.actions.contains(rawValue) else { return false }
        return switch self {
        case .obtain: parcel.waybillNumber == nil
        case .return, .markPrinted, .cancel: parcel.waybillNumber != nil
        }
    }

    /// The command's data for a parcel, with the number that the parcel has.
    /// - Parameter carrier: of `obtain`.
    func data(_ parcel: ParcelView, carrier: String = "") -> JSONValue {
        switch self {
        case .obtain: return .fields(base(parcel) + [("carrier", .string(carrier))])
        case .markPrinted, .cancel: return .fields(base(parcel))
        case .return:
            return Self.returning(
                parcel, carrier: parcel.carrier ?? "", number: parcel.waybillNumber ?? "", further: parcel.extraNumbers ?? [])
        }
    }

    /// - Parameter isUnusual: a person has looked at a number that is none of the carrier's known forms.
    static func returning(
        _ parcel: ParcelView, carrier: String, number: String, further: [String] = [], isUnusual: Bool = false
    ) -> JSONValue {
        .fields(
            ParcelCommand.return.base(parcel) + [
                ("carrier", .string(carrier)), ("waybillNumber", .string(number)),
                ("extraNumbers", further.isEmpty ? nil : .array(further.map { .string($0) })), ("unusual", isUnusual ? .bool(true) : nil),
            ])
    }

    private func base(_ parcel: ParcelView) -> [(String, JSONValue?)] {
        [
            ("orderId", .string(parcel.orderId)), ("allocationId", .string(parcel.allocationId)),
            ("factoryShopId", .string(parcel.factoryShopId)),
        ]
    }
}

extension JSONValue {
    fileprivate static func fields(_ members: [(String, JSONValue?)]) -> JSONValue {
        .object(members.compactMap { name, value in value.map { (name, $0) } })
    }
}

/// Carriers by their codes (contract, section 4), the most used first.
enum CarrierCodes {
    static let all = ["ZTO", "YTO", "YUNDA", "STO", "JT", "SF", "EMS", "JD", "DBL", "CAINIAO"]
}
