import JSON

/// A mall at Pinduoduo.
struct Mall: StoredObject {
    /// Where its parcels go back to.
    struct ReturnAddress: DefaultInitializable {
        var id = ""
        var isDefault = false
        /// Nil: yes.
        var isValid: Bool?
        var province = ""
        var city = ""
        var district = ""
        var detail = ""
        var name = ""
        var phone = ""
        static let fields = Fields<ReturnAddress>(
            Field("id", \.id, .filled(50)), Field("isDefault", \.isDefault), Field("isValid", \.isValid), Field("province", \.province),
            Field("city", \.city), Field("district", \.district), Field("detail", \.detail), Field("name", \.name), Field("phone", \.phone))
    }

    /// Where it may ask for a carrier's waybill numbers.
    struct WaybillAccount: DefaultInitializable {
        struct ShipAddress: DefaultInitializable {
            var province = ""
            var city = ""
            var district = ""
            var detail = ""
            static let fields = Fields<ShipAddress>(
                Field("province", \.province), Field("city", \.city), Field("district", \.district), Field("detail", \.detail))
        }

        var wpCode = ""
        var branchCode = ""
        var branchName = ""
        /// Numbers that are left.
        var quantity = 0
        var addresses: [ShipAddress] = []
        static let fields = Fields<WaybillAccount>(
            Field("wpCode", \.wpCode, .filled(20)), Field("branchCode", \.branchCode), Field("branchName", \.branchName),
            Field("quantity", \.quantity, 0...1_000_000_000), Field("addresses", \.addresses))
    }

    var mallId = ""
    var name = ""
    var password = ""
    /// 1 merchant, 2 factory.
    var role = 1
    var returnAddresses: [ReturnAddress]?
    var waybillAccounts: [WaybillAccount]?
    /// Texts that may be decrypted on one day; nil: as many as one likes.
    var decryptQuota: Int?
    var decrypted: Int?
    /// The day of `decrypted`, as `yyyy-MM-dd`.
    var decryptDay: String?
    /// Whether it has ordered the application in the service market; nil: yes.
    var hasOrdered: Bool?
    /// Of messages; nil: not permitted.
    var topics: [String]?
    static let kind = "mall"
    var id: String { mallId }
    static let fields = Fields<Mall>(
        Field("mallId", \.mallId, .filled(50)), Field("name", \.name), Field("password", \.password, .filled(200)),
        Field("role", \.role, 0...2), Field("returnAddresses", \.returnAddresses), Field("waybillAccounts", \.waybillAccounts),
        Field("decryptQuota", \.decryptQuota, 0...1_000_000_000), Field("decrypted", \.decrypted, 0...1_000_000_000),
        Field("decryptDay", \.decryptDay), Field("hasOrdered", \.hasOrdered), Field("topics", \.topics))
}
