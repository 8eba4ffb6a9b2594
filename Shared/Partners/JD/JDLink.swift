/// The codes by which JD knows a merchant's warehouse.
public struct JDLink: Sendable, Equatable {
    /// JD's own express service.
    public static let jdExpress = "CYS0000010"

    public var pin: String
    /// EBU…: `deptNo`, `departmentNo`, `ownerNo`.
    public var departmentCode: String
    /// 11…: `warehouseNo`, `whNo`.
    public var warehouseCode: String
    /// ESP…; outbound orders need it.
    public var shopNo: String?
    /// EMS…; inbound orders need it.
    public var supplierNo: String?
    /// CYS….
    public var carrierCode: String
    /// ISV…, given by JD's sales; outbound orders need it.
    public var isvSource: String?

    public init(
        pin: String, departmentCode: String, warehouseCode: String, shopNo: String? = nil, supplierNo: String? = nil,
        carrierCode: String? = nil, isvSource: String? = nil
    ) {
        self.pin = pin
        self.departmentCode = departmentCode
        self.warehouseCode = warehouseCode
        self.shopNo = shopNo
        self.supplierNo = supplierNo
        self.carrierCode = carrierCode ?? Self.jdExpress
        self.isvSource = isvSource
    }
}
