import Contracts
import ReadModel
import Texts

/// A number that was scanned or pasted, and the parcels that bear it.
struct ScannedNumber: Sendable {
    var number: String
    var parcels: [ParcelView]

    var returnable: [ParcelView] { parcels.filter { $0.actions.contains("return") } }

    /// Numbers beside the parcel's own: JD writes a number of its own on each parcel of a shipment.
    func further(_ parcel: ParcelView) -> [String] {
        var further = parcel.extraNumbers ?? []
        let scanned = WaybillNumber.further(number, carrier: parcel.carrier ?? "")
        if scanned != parcel.waybillNumber, WaybillNumber.waybill(of: scanned, carrier: parcel.carrier ?? "") == parcel.waybillNumber,
            !further.contains(scanned), further.count < 10
        {
            further.append(scanned)
        }
        return further
    }
}

extension ShopPages {
    /// The factory's parcels with a number: of orders that were packed together there are several.
    /// - Parameter number: normalized.
    func scanned(_ number: String, of factory: String) throws(Problem) -> ScannedNumber {
        let whole = WaybillNumber.waybill(of: number, carrier: "JD")
        var found: [ParcelView] = []
        for text in whole == number ? [number] : [number, whole] {
            var query = ParcelQuery(factoryShopId: factory)
            query.text = text
            query.page.limit = PageRequest.limits.upperBound
            let asked = query
            let page = try read { (model) throws(ReadModelError) in try model.parcels(asked) }
            for parcel in page.items where !found.contains(where: { $0.allocationId == parcel.allocationId }) && Self.bears(parcel, number)
            {
                found.append(parcel)
            }
        }
        return ScannedNumber(number: number, parcels: found)
    }

    private static func bears(_ parcel: ParcelView, _ number: String) -> Bool {
        guard let own = parcel.waybillNumber else { return false }
        return own == number || parcel.extraNumbers?.contains(number) == true
            || WaybillNumber.waybill(of: number, carrier: parcel.carrier ?? "") == own
    }
}
