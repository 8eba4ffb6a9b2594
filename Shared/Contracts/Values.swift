public import JSON

extension TextRule {
    /// An id of the outside world: 1 to 200 bytes.
    public static let id = ids(200, "an id")

    /// A shop's id: as `id`, and without `~`, which joins ids in table keys.
    public static let shopId = TextRule(
        1...128,
        expectation: "expected a shop id of 1 to 128 bytes in Unicode's NFC, with a visible character, without control characters or '~'",
        pattern: "^(?=.*\(VisibleText.pattern))[^~\\x00-\\x1f\\x7f]+$"
    ) { bytes in isId(bytes) && !bytes.contains(UInt8(ascii: "~")) }

    /// Ids of 1 to `maximum` bytes: in NFC, so that equal ones have equal bytes, and without control characters.
    static func ids(_ maximum: Int, _ name: String) -> TextRule {
        TextRule(
            1...maximum,
            expectation: "expected \(name) of 1 to \(maximum) bytes in Unicode's NFC, with a visible character, without control characters",
            accepts: isId)
    }

    private static let isId: @Sendable (UnsafeBufferPointer<UInt8>) -> Bool = { bytes in
        var all: UInt8 = 0
        for byte in bytes {
            if byte < 0x20 || byte == 0x7F { return false }
            all |= byte
        }
        return all < 0x80 || ComposedText.isNFC(bytes)
    }

    public static let name = TextRule.filled(200)
    public static let phone = TextRule(3...40, expectation: "expected a phone number of 3 to 40 bytes with a visible character")
    public static let remark = TextRule.text(4000)
    public static let reason = TextRule.text(1000)
    public static let carrier = TextRule.filled(32)
    public static let waybillNumber = TextRule(1...64, expectation: "expected a waybill number of 1 to 64 bytes with a visible character")
}

/// `{amountMinor, currency}`: fen for CNY.
public struct Money: Declared, Equatable {
    public var amountMinor = 0
    public var currency = "CNY"
    public init(blank: Blank) {}
    public init(amountMinor: Int, currency: String) {
        self.amountMinor = amountMinor
        self.currency = currency
    }
    public static let fields = Fields<Money>(
        Field("amountMinor", \.amountMinor, 0...1_000_000_000_000),
        Field("currency", \.currency, TextRule(3...3, expectation: "expected an ISO 4217 code", pattern: "^[A-Z]{3}$")))
}

public struct Address: Declared, Equatable {
    public var country = "CN"
    public var province = ""
    public var city = ""
    public var district = ""
    public var town: String?
    public var detail = ""
    public var postcode: String?

    public init(blank: Blank) {}
    public init(
        country: String, province: String, city: String, district: String, town: String? = nil, detail: String, postcode: String? = nil
    ) {
        self.country = country
        self.province = province
        self.city = city
        self.district = district
        self.town = town
        self.detail = detail
        self.postcode = postcode
    }

    public static let fields = Fields<Address>(
        Field("country", \.country, .filled(64)), Field("province", \.province, .filled(64)), Field("city", \.city, .filled(64)),
        Field("district", \.district, .text(64)), Field("town", \.town, .text(64)), Field("detail", \.detail, .filled(400)),
        Field("postcode", \.postcode, .text(16)))
}

/// The sender of a parcel, printed on the label.
public struct Sender: Declared, Equatable {
    public var name = ""
    public var phone = ""
    public var address: Address
    public init(blank: Blank) { address = Address(blank: blank) }
    public init(name: String, phone: String, address: Address) {
        self.name = name
        self.phone = phone
        self.address = address
    }
    public static let fields = Fields<Sender>(
        Field("name", \.name, .name), Field("phone", \.phone, .phone), Field("address", \.address))
}

public struct Contact: Declared, Equatable {
    public var name = ""
    public var phone = ""

    public init(blank: Blank) {}
    public init(name: String, phone: String) {
        self.name = name
        self.phone = phone
    }

    public static let fields = Fields<Contact>(Field("name", \.name, .name), Field("phone", \.phone, .phone))
}

/// All that a factory sees of where an order goes.
public struct Area: Declared, Equatable {
    public var province = ""
    public var city = ""
    public var district = ""
    public init(blank: Blank) {}
    public init(province: String, city: String, district: String) {
        self.province = province
        self.city = city
        self.district = district
    }
    public static let fields = Fields<Area>(
        Field("province", \.province, .filled(64)), Field("city", \.city, .filled(64)), Field("district", \.district, .text(64)))
}

/// HPKE: contract, section 6. Base64 of the raw bytes.
public struct Sealed: Declared, Equatable {
    public var keyId = ""
    public var enc = ""
    public var ciphertext = ""
    public init(blank: Blank) {}
    public init(keyId: String, enc: String, ciphertext: String) {
        self.keyId = keyId
        self.enc = enc
        self.ciphertext = ciphertext
    }
    public static let fields = Fields<Sealed>(
        Field("keyId", \.keyId, .filled(64)), Field("enc", \.enc, .filled(128)), Field("ciphertext", \.ciphertext, .filled(16_384)))
}

/// Where an order is sent to be fulfilled.
public struct Target: Declared, Hashable {
    public enum Kind: String, JSONEnumeration { case factory, warehouse }

    public var kind = Kind.factory
    public var id = ""
    public init(blank: Blank) {}
    public init(_ kind: Kind, _ id: String) {
        self.kind = kind
        self.id = id
    }
    public static let fields = Fields<Target>(Field("kind", \.kind), Field("id", \.id, .shopId))
}

/// A line of goods as an allocation carries it.
public struct Line: Declared, Equatable {
    public var lineId = ""
    public var sku = ""
    public var name = ""
    public var spec = ""
    public var quantity = 0

    public init(blank: Blank) {}
    public init(lineId: String, sku: String, name: String, spec: String, quantity: Int) {
        self.lineId = lineId
        self.sku = sku
        self.name = name
        self.spec = spec
        self.quantity = quantity
    }

    public static let fields = Fields<Line>(
        Field("lineId", \.lineId, .id), Field("sku", \.sku, .text(200)), Field("name", \.name, .text(1000)),
        Field("spec", \.spec, .text(1000)),
        Field("quantity", \.quantity, 1...1_000_000))
}

public struct LineQuantity: Declared, Equatable {
    public var lineId = ""
    public var quantity = 0
    public init(blank: Blank) {}
    public init(lineId: String, quantity: Int) {
        self.lineId = lineId
        self.quantity = quantity
    }
    public static let fields = Fields<LineQuantity>(Field("lineId", \.lineId, .id), Field("quantity", \.quantity, 1...1_000_000))
}

/// A reason that keeps an order from being allocated.
public enum Hold: String, JSONEnumeration {
    case afterSale = "after-sale"
    case riskControl = "risk-control"
    case awaitingAudit = "awaiting-audit"
}
