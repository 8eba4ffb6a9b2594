public import JSON

/// A recipient in a platform's own encryption, which is sealed for waybill in place of one in clear (contract, section 6). Province, city
/// and district are not encrypted: the order has them.
public struct EncryptedRecipient: Declared, Equatable {
    public struct Texts: Declared, Equatable {
        public var name = ""
        public var phone = ""
        public var address = ""

        public init(blank: Blank) {}
        public init(name: String, phone: String, address: String) {
            self.name = name
            self.phone = phone
            self.address = address
        }

        public static let fields = Fields<Texts>(
            Field("name", \.name, .filled(4000)), Field("phone", \.phone, .filled(4000)), Field("address", \.address, .filled(8000)))
    }

    public var platform = ""
    /// The platform's number of the order, which its texts are decrypted with.
    public var orderSn = ""
    public var encrypted: Texts

    public init(blank: Blank) { encrypted = Texts(blank: blank) }
    public init(platform: String, orderSn: String, encrypted: Texts) {
        self.platform = platform
        self.orderSn = orderSn
        self.encrypted = encrypted
    }

    public static let fields = Fields<EncryptedRecipient>(
        Field("platform", \.platform, .filled(64)), Field("orderSn", \.orderSn, .id), Field("encrypted", \.encrypted))
}
