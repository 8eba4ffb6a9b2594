public import Contracts

/// The meaning of JD's status codes (JD Logistics' document 54597 "order status", as of 2025-06-03; states: contract, section 4).
///
/// Codes that are not listed (purchases of VMI, what JD adds one day) have no state: they change nothing.
public enum JDStatus {
    /// Outbound orders (XSCK).
    ///
    /// | code | JD's words | state |
    /// |---|---|---|
    /// | 10010 | initial | `created` |
    /// | 100130 | pre-sorted, waybill obtained | `waybill-obtained` |
    /// | 10014 | sent to the warehouse | `accepted` |
    /// | 10015 | task assigned | `accepted` |
    /// | 10016 | picked | `picking` |
    /// | 10017 | checked | `packed` |
    /// | 10018 | packed | `packed` |
    /// | 10019 | handed over | `handed-over` |
    /// | 10020 | parcel out | `shipped` |
    /// | 10032 | accepted for sorting | `in-transit` |
    /// | 10033 | accepted by the station | `in-transit` |
    /// | 10054 | sent off by the sorting centre | `in-transit` |
    /// | 10034 | delivered | `delivered` |
    /// | 10035 | refused | `refused` |
    /// | 10031 | pulled back | `returning` |
    /// | 10036 | accepted on its way back | `returning` |
    /// | 10037 | sent on its way back | `returning` |
    /// | 10038 | back | `returned` |
    public static func outbound(_ code: String) -> OutboundState? {
        switch code {
        case "10010": .created
        case "100130": .waybillObtained
        case "10014", "10015": .accepted
        case "10016": .picking
        case "10017", "10018": .packed
        case "10019": .handedOver
        case "10020": .shipped
        case "10032", "10033", "10054": .inTransit
        case "10034": .delivered
        case "10035": .refused
        case "10031", "10036", "10037": .returning
        case "10038": .returned
        default: nil
        }
    }

    /// Purchase inbound orders (CGRK). 92 (cancel failed) and 90 (cancelling) have no state: cancellation is an axis of its own, and only its
    /// end is one.
    ///
    /// | code | JD's words | state |
    /// |---|---|---|
    /// | 4 | waits for the boxes' contents | `created` |
    /// | 5 | waits for serial numbers | `created` |
    /// | 10 | new | `created` |
    /// | 20 | sent to the warehouse | `accepted` |
    /// | 50 | being accepted | `accepted` |
    /// | 70 | done | `received` |
    /// | 91 | cancelled | `cancelled` |
    public static func inbound(_ code: String) -> InboundState? {
        switch code {
        case "4", "5", "10": .created
        case "20", "50": .accepted
        case "70": .received
        case "91": .cancelled
        default: nil
        }
    }

    /// Where the cancellation of an outbound order stands.
    ///
    /// | code | JD's words | stage |
    /// |---|---|---|
    /// | 10027 | cancelling | `pending` |
    /// | 10028 | cancelled | `cancelled` |
    /// | 10029 | cancel failed | `failed` |
    public enum Cancellation: String, Sendable { case pending, cancelled, failed }

    public static func cancellation(_ code: String) -> Cancellation? {
        switch code {
        case "10027": .pending
        case "10028": .cancelled
        case "10029": .failed
        default: nil
        }
    }

    /// Whether the parcel has left the warehouse: from 10020 on, which itself may have been missed. A number alone (100130), or a parcel that
    /// was handed over inside the house (10019), has not.
    public static func isOutOfTheDoor(_ code: String) -> Bool { outbound(code)?.isOutOfTheDoor ?? false }
}
