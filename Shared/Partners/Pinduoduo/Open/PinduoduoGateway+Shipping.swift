internal import JSON

/// How a merchant's orders are shipped on the platform.
extension PinduoduoGateway {
    /// Addresses that returns may go to.
    public func refundAddresses(token: String) async throws(PartnerError) -> [PinduoduoReturnAddress] {
        let type = "pdd.refund.address.list.get"
        guard let list = try await call(type, token: token)["refund_address_list"] else {
            throw failure(.outcomeOpen, type, "an answer without the list")
        }
        return list.wireList.compactMap { PinduoduoReturnAddress($0) }
    }

    /// The platform's carriers; they rarely change.
    public func logisticsCompanies(token: String? = nil) async throws(PartnerError) -> [PinduoduoLogisticsCompany] {
        let type = "pdd.logistics.companies.get"
        guard let list = try await call(type, token: token)["logistics_companies"] else {
            throw failure(.outcomeOpen, type, "an answer without the list")
        }
        return list.wireList.compactMap { PinduoduoLogisticsCompany($0) }
    }

    /// Tells the buyer that the order is on its way.
    /// - Parameters:
    ///   - logisticsId: of a carrier that is available.
    ///   - returnAddressId: nil: the product's default, else the shop's.
    ///   - delivery: `change` for an order that is shipped already: it replaces carrier and number.
    public func shipOnline(
        orderSn: String, logisticsId: Int, trackingNumber: String, returnAddressId: String? = nil, delivery: PinduoduoDelivery = .first,
        token: String
    ) async throws(PartnerError) {
        let type = "pdd.logistics.online.send"
        let answer = try await call(
            type,
            [
                ("order_sn", .string(orderSn)), ("logistics_id", .int(logisticsId)), ("tracking_number", .string(trackingNumber)),
                ("refund_address_id", returnAddressId.map { .string($0) } ?? .null), ("redelivery_type", .int(delivery.rawValue)),
            ], token: token, changes: true)
        try confirm(type, answer["is_success"])
    }

    /// Further parcels of an order: for the buyer to see.
    /// - Parameter tracks: carrier's id and number of each.
    public func extraLogistics(
        orderSn: String, tracks: [(logisticsId: Int, trackingNumber: String)], purpose: PinduoduoExtraParcel, token: String
    ) async throws(PartnerError) {
        let type = "pdd.order.upload.extra.logistics"
        let list = tracks.map { track in
            JSONValue.object([("shipping_id", .int(track.logisticsId)), ("tracking_number", .string(track.trackingNumber))])
        }
        let answer = try await call(
            type, [("order_sn", .string(orderSn)), ("extra_track_list", .array(list)), ("extra_track_type", .int(purpose.rawValue))],
            token: token, changes: true)
        // `success` in Pinduoduo's Java SDK and open-pdd, `is_success` elsewhere.
        try unlessDenied(type, answer["success"] ?? answer["is_success"])
    }

    /// For calls whose answer has no documented form: without an error it was done, unless it says that it was not.
    func unlessDenied(_ type: String, _ success: JSONValue?) throws(PartnerError) {
        if success?.wireBool == false { try confirm(type, success) }
    }

    /// - Throws: `rejected` when the answer says no; `outcomeOpen` when it says nothing.
    func confirm(_ type: String, _ success: JSONValue?) throws(PartnerError) {
        switch success?.wireBool {
        case true?: return
        case false?: throw failure(.rejected, type, "the platform answered that it did not do it, without a reason")
        case nil: throw failure(.outcomeOpen, type, "an answer that does not say whether it was done")
        }
    }
}

/// `redelivery_type`.
public enum PinduoduoDelivery: Int, Sendable {
    /// The order is to be shipped.
    case first = 1
    /// The order is shipped: its carrier and number are replaced.
    case change = 2
}

/// `extra_track_type`.
public enum PinduoduoExtraParcel: Int, Sendable {
    case split = 1
    case resend = 2
    case gift = 3
}

/// Where returns go.
public struct PinduoduoReturnAddress: Sendable, Equatable {
    public var id: String
    /// All that the platform knows it by.
    public var ids: [String]
    public var isDefault: Bool
    /// The platform's judgement of the address.
    public var isLegal: Bool
    public var province: String?
    public var city: String?
    public var district: String?

    init?(_ row: JSONValue) {
        ids = [row["refund_address_id"]?.wireText, row["id"]?.wireText].compactMap { $0 }
        guard let id = ids.first else { return nil }
        self.id = id
        isDefault = row["is_default"]?.pinduoduoFlag ?? false
        isLegal = row["is_legal"]?.pinduoduoFlag ?? true
        province = row["province_name"]?.wireText
        city = row["city_name"]?.wireText
        district = row["district_name"]?.wireText
    }
}

/// A carrier, as the platform numbers them.
public struct PinduoduoLogisticsCompany: Sendable, Equatable {
    public var id: Int
    public var code: String?
    public var name: String?
    /// Orders can be shipped with it.
    public var isAvailable: Bool

    public init(id: Int, code: String?, name: String?, isAvailable: Bool) {
        self.id = id
        self.code = code
        self.name = name
        self.isAvailable = isAvailable
    }

    init?(_ row: JSONValue) {
        guard let id = row["id"]?.wireInt else { return nil }
        self.init(
            id: id, code: row["code"]?.wireText, name: row["logistics_company"]?.wireText, isAvailable: row["available"]?.wireBool ?? false
        )
    }
}
