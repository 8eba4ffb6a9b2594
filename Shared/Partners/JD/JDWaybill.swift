/// JD's numbers of parcels.
public enum JDWaybill {
    /// A number of a parcel without the parcel's place in its shipment: JD appends "-1-1-" (first of one).
    public static func number(_ text: String) -> String {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count >= 4, parts.suffix(3).dropLast().allSatisfy({ !$0.isEmpty && $0.allSatisfy(\.isASCIIDigit) }),
            parts[parts.count - 1].allSatisfy(\.isASCIIDigit)
        else { return text }
        return parts.dropLast(3).joined(separator: "-")
    }
}
