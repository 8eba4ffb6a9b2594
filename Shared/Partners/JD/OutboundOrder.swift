/// An order that JD's warehouse is to send out.
public struct OutboundOrder: Sendable {
    /// The marketplace that it was sold on, by JD's number (document 54604): 1 is JD itself.
    public enum Platform: Int, Sendable {
        case jd = 1
        case other = 6
    }

    public struct Line: Sendable, Equatable {
        /// The merchant's own code of the goods.
        public var sku: String
        public var quantity: Int

        public init(sku: String, quantity: Int) {
            self.sku = sku
            self.quantity = quantity
        }
    }

    public struct Recipient: Sendable {
        public var name: String
        public var phone: String
        public var province: String
        public var city: String
        public var district: String
        public var town: String?
        public var detail: String

        public init(name: String, phone: String, province: String, city: String, district: String, town: String? = nil, detail: String) {
            self.name = name
            self.phone = phone
            self.province = province
            self.city = city
            self.district = district
            self.town = town
            self.detail = detail
        }
    }

    /// No cash on delivery, no other service.
    public static let plainMark = String(repeating: "0", count: 50)

    /// Unique in the department: the same key is the same order, however often it is sent (``PartnerKey``).
    public let key: String
    public var platform: Platform
    public var recipient: Recipient
    public var lines: [Line]
    /// 50 characters, one for each service; the first is 1 for cash on delivery.
    public var orderMark: String

    /// - Parameter key: our id, which `findOutbound` is asked with too; what is sent is made of it.
    public init(
        key: String, platform: Platform = .other, recipient: Recipient, lines: [Line], orderMark: String = OutboundOrder.plainMark
    ) {
        self.key = PartnerKey.of(allocationId: key)
        self.platform = platform
        self.recipient = recipient
        self.lines = lines
        self.orderMark = orderMark
    }
}

/// A printed order does not show its recipient.
extension OutboundOrder: CustomStringConvertible, CustomReflectable {
    public var description: String { "OutboundOrder(\(key), \(lines.count) lines)" }
    public var customMirror: Mirror { Mirror(self, children: ["key": key]) }
}

extension OutboundOrder.Recipient: CustomStringConvertible, CustomReflectable {
    public var description: String { "Recipient(in \(province))" }
    public var customMirror: Mirror { Mirror(self, children: ["province": province]) }

    /// The whole address in one line, as `consigneeAddress` has it.
    var address: String { province + city + district + (town ?? "") + detail }
    /// A mobile number in China has eleven digits and begins with 1.
    var isMobile: Bool {
        phone.utf8.count == 11 && phone.utf8.first == UInt8(ascii: "1") && phone.utf8.allSatisfy { (0x30...0x39).contains($0) }
    }
    /// Texts that must not be in an error.
    var secrets: [String] { [name, phone, detail, address] + (town.map { [$0] } ?? []) }
}

extension OutboundOrder {
    /// JD's limits, in UTF-16 units as Java counts.
    static let longestName = 20
    static let longestAddress = 100
    static let longestKey = 125
    static let longestISCKey = 50

    /// Refuses a value that JD would refuse or cut, with the field's name and never its value.
    /// - Parameter address: the text that is sent as the address.
    /// - Parameter longestKey: of the interface that is called.
    func check(_ operation: String, address: String, link: JDLink, longestKey: Int = longestKey) throws(PartnerError) {
        func refuse(_ field: String, _ reason: String) -> PartnerError {
            PartnerError(.rejected, partner: "jd", operation: operation, field: field, message: "\(field) \(reason)")
        }
        guard link.shopNo?.isEmpty == false else {
            throw refuse("shopNo", "is missing: JD's outbound orders need the shop's number (ESP…); give it in a new consent")
        }
        guard link.isvSource?.isEmpty == false else {
            throw refuse("isvSource", "is missing: JD's outbound orders need it; JD's sales give it")
        }
        guard !key.isEmpty, key.utf16.count <= longestKey else {
            throw refuse("allocationId", "must have 1 to \(longestKey) characters, each _ and / of the order's id counted twice")
        }
        guard !recipient.name.isEmpty, recipient.name.utf16.count <= Self.longestName else {
            throw refuse("recipient.name", "must have 1 to \(Self.longestName) characters: shorten it, it is not cut by itself")
        }
        guard !recipient.detail.isEmpty, address.utf16.count <= Self.longestAddress else {
            throw refuse("recipient.address", "must have 1 to \(Self.longestAddress) characters: shorten it, it is not cut by itself")
        }
        guard !recipient.phone.isEmpty else { throw refuse("recipient.phone", "is missing") }
        guard orderMark.utf16.count == 50 else { throw refuse("orderMark", "must have 50 characters") }
        guard !lines.isEmpty else { throw refuse("lines", "is empty") }
        for (index, line) in lines.enumerated() {
            // Lists are joined with commas.
            guard !line.sku.isEmpty, !line.sku.contains(",") else { throw refuse("lines[\(index)].sku", "is empty or has a comma") }
            guard line.quantity > 0 else { throw refuse("lines[\(index)].quantity", "must be 1 or more") }
        }
    }
}
