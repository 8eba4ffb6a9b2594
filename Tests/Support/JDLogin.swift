public import Contracts
public import JSON

/// A login at the sandbox's JD that nobody else has: a PIN with one department, and a warehouse of it.
public struct JDLogin: Sendable {
    public static let sku = "TEA-500"

    /// Of a department and a warehouse that belong to it.
    public let digits = Cast.digits(13)
    public var pin: String { "pin-\(digits)" }
    public var department: String { "EBU\(digits)" }
    public var warehouse: String { "11\(digits)" }
    public var shop: String { "ESP\(digits)" }
    public var supplier: String { "EMS\(digits)" }
    /// The key of authorization's commands and events about it.
    public var key: String { "jd-fulfillment:\(pin)" }

    public init() {}

    /// For `POST /sandbox/seed`: the login, again with what it had, and 500 good and 3 damaged of ``sku``.
    public func seed(department other: String? = nil) -> JSONValue {
        let department = object(
            [("departmentNo", other ?? department), ("name", "部")],
            [
                ("shops", .array([.string(shop)])), ("suppliers", .array([.string(supplier)])),
                ("warehouses", .array([object([("warehouseNo", warehouse), ("name", "仓")])])),
            ])
        let stock = object(
            [("partner", "jd"), ("warehouseNo", warehouse), ("goodsNo", "EMG\(digits)"), ("sku", Self.sku)],
            [("good", .int(500)), ("damaged", .int(3))])
        let login = object([("pin", pin), ("password", "sandbox")], [("departments", .array([department]))])
        return .object([("pins", .array([login])), ("stock", .array([stock]))])
    }

    private func object(_ texts: [(String, String)], _ others: [(String, JSONValue)] = []) -> JSONValue {
        .object(texts.map { ($0.0, .string($0.1)) } + others)
    }

    /// Asks for the consent to use it.
    /// - Parameter isComplete: whether the shop's, the supplier's and the vendor's numbers are given.
    public func begin(_ authorizationId: String, _ merchant: String, api: WarehouseAPI = .eclp, isComplete: Bool = true) -> Begin {
        var begin = Begin(
            authorizationId: authorizationId, merchantShopId: merchant, provider: .jdFulfillment, mode: .convenient, pin: pin,
            departmentCode: department, warehouseCode: warehouse, api: api)
        if isComplete {
            begin.shopNo = shop
            begin.supplierNo = supplier
            begin.isvSource = "ISV0000000000001"
        }
        return begin
    }
}
