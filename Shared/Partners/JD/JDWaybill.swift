import Contracts

/// JD's numbers of parcels.
public enum JDWaybill {
    /// A number of a parcel without the parcel's place in its shipment: JD appends "-1-1-" (first of one).
    public static func number(_ text: String) -> String { WaybillNumber.withoutPlace(text) }
}
