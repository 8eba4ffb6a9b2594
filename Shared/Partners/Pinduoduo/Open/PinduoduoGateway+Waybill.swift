internal import JSON

/// Electronic waybills: what a sender has ordered from carriers, and the carriers' labels.
extension PinduoduoGateway {
    /// The shop's accounts with the carrier, or with all carriers.
    public func waybillSearch(wpCode: String? = nil, token: String) async throws(PartnerError) -> [WaybillAccount] {
        let type = "pdd.waybill.search"
        let answer = try await call(type, [("wp_code", wpCode.map { .string($0) } ?? .null)], token: token)
        guard let list = answer["waybill_apply_subscription_cols"] else { throw failure(.outcomeOpen, type, "an answer without the list") }
        return list.wireList.flatMap(WaybillAccount.accounts)
    }

    /// The address from which the carrier fetches parcels in that district.
    /// - Throws: `rejected` when the shop has ordered none there.
    public func senderAddress(
        wpCode: String, province: String, city: String, district: String, token: String
    ) async throws(PartnerError) -> WaybillAddress {
        let accounts = try await waybillSearch(wpCode: wpCode, token: token)
        if let address = WaybillAccount.address(in: accounts, wpCode: wpCode, province: province, city: city, district: district) {
            return address
        }
        throw failure(
            .rejected, "pdd.waybill.search",
            "no sender address of \(wpCode) in \(province) \(city) \(district): order the carrier's electronic waybills for it at Pinduoduo"
        )
    }

    /// The URL of the carrier's standard label: the first of type 1, which is the plain one.
    /// - Throws: `rejected` when it has none.
    public func standardTemplate(wpCode: String, token: String) async throws(PartnerError) -> String {
        let type = "pdd.cloudprint.stdtemplates.get"
        let answer = try await call(type, [("wp_code", .string(wpCode))], token: token)
        guard let carriers = (answer["result"] ?? answer)["datas"] else { throw failure(.outcomeOpen, type, "an answer without the list") }
        let templates = carriers.wireList.filter { $0["wp_code"]?.wireText ?? wpCode == wpCode }
            .flatMap { $0["standard_templates"]?.wireList ?? [] }
        guard let url = templates.first(where: { $0["standard_waybill_type"]?.wireInt == 1 })?["standard_template_url"]?.wireText else {
            throw failure(.rejected, type, "no standard label of type 1 for \(wpCode)")
        }
        return url
    }
}

/// A sender's address, as the carrier has it on record.
public struct WaybillAddress: Sendable, Equatable {
    public var province: String
    public var city: String
    public var district: String
    public var town: String?
    public var detail: String

    public init(province: String, city: String, district: String, town: String? = nil, detail: String) {
        self.province = province
        self.city = city
        self.district = district
        self.town = town
        self.detail = detail
    }

    init?(_ row: JSONValue) {
        guard let province = row["province"]?.wireText, let city = row["city"]?.wireText, let detail = row["detail"]?.wireText else {
            return nil
        }
        self.init(province: province, city: city, district: row["district"]?.wireText ?? "", town: row["town"]?.wireText, detail: detail)
    }

    var json: JSONValue {
        .members(
            ("province", .string(province)), ("city", .string(city)), ("district", .string(district)), ("town", town.map { .string($0) }),
            ("detail", .string(detail)))
    }
}

/// One branch of a carrier with which a shop has an account.
public struct WaybillAccount: Sendable, Equatable {
    public var wpCode: String
    public var branchCode: String?
    public var branchName: String?
    /// Numbers left; carriers that settle by the month count none.
    public var quantity: Int?
    public var addresses: [WaybillAddress]

    static func accounts(_ subscription: JSONValue) -> [WaybillAccount] {
        guard let wpCode = subscription["wp_code"]?.wireText else { return [] }
        return (subscription["branch_account_cols"]?.wireList ?? []).map { branch in
            WaybillAccount(
                wpCode: wpCode, branchCode: branch["branch_code"]?.wireText, branchName: branch["branch_name"]?.wireText,
                quantity: branch["quantity"]?.wireInt,
                addresses: (branch["shipp_address_cols"]?.wireList ?? []).compactMap { WaybillAddress($0) })
        }
    }

    /// The carrier's address in that district, of a branch with numbers left if there is one.
    static func address(
        in accounts: [WaybillAccount], wpCode: String, province: String, city: String, district: String
    ) -> WaybillAddress? {
        let own = accounts.filter { $0.wpCode == wpCode }
        let stocked = own.filter { $0.quantity ?? 0 > 0 } + own.filter { $0.quantity ?? 0 <= 0 }
        return stocked.flatMap(\.addresses).first { $0.province == province && $0.city == city && $0.district == district }
    }
}
