public import JSON

/// From the console, for a print job: what the label of a parcel needs is sealed for the job's key.
public struct OpenLabel: Message {
    public static let type = "daifa.waybill.open-label.v1"
    public static let contract: Contract<OpenLabel> = .signedCommand(
        to: .waybill, key: \.orderId, by: .console, answers: [LabelOpened.self],
        refusals: [.notFound, .notAllocated, .waybillNotObtained, .notAuthorized, .partnerRejected, .tooManyPending],
        "From the console: the recipient of a parcel, or the platform's e-waybill, for the label of a print job.")
    public var orderId = ""
    public var allocationId = ""
    public var factoryShopId = ""
    /// The print job; `keyId` of what is sealed for it.
    public var jobId = ""
    /// The job's X25519 key: 32 raw bytes, base64.
    public var publicKey = ""

    public init(blank: Blank) {}
    public init(orderId: String, allocationId: String, factoryShopId: String, jobId: String, publicKey: String) {
        self.orderId = orderId
        self.allocationId = allocationId
        self.factoryShopId = factoryShopId
        self.jobId = jobId
        self.publicKey = publicKey
    }

    public static let fields = Fields<OpenLabel>(
        Field("orderId", \.orderId, .id), Field("allocationId", \.allocationId, .id), Field("factoryShopId", \.factoryShopId, .shopId),
        Field("jobId", \.jobId, .jobId), Field("publicKey", \.publicKey, .publicKey))
}

extension TextRule {
    /// The id of a print job, which is also that of its key.
    public static let jobId = ids(64, "a print job's id")

    /// An X25519 public key: 32 bytes in base64. Whether it is a point shows when something is sealed for it.
    static let publicKey = TextRule(
        44...44, expectation: "expected an X25519 public key, 32 raw bytes in base64", pattern: "^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$"
    ) { bytes in
        guard bytes.count == 44, bytes[43] == UInt8(ascii: "=") else { return false }
        // The last of the 43 digits has two bits that stand for nothing.
        return bytes[..<42].allSatisfy { isBase64($0) } && lastDigits.contains(bytes[42])
    }

    private static let lastDigits = Array("AEIMQUYcgkosw048".utf8)

    private static func isBase64(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
            UInt8(ascii: "+"), UInt8(ascii: "/"):
            true
        default: false
        }
    }
}

/// What a label needs, sealed for its print job (contract, section 6).
public struct LabelOpened: Message {
    public static let type = "daifa.waybill.label-opened.v1"
    public static let contract: Contract<LabelOpened> = .event(
        of: .waybill, key: \.orderId, readers: [], "What the label of a parcel needs, sealed for its print job.")
    public var orderId = ""
    public var allocationId = ""
    public var merchantShopId = ""
    public var factoryShopId = ""
    public var jobId = ""
    /// HPKE with info `daifa/label/v1` and the allocationId as aad; inside is ``LabelContents`` or ``PlatformLabelContents``.
    public var labelSealed: SealedLabel

    public init(blank: Blank) { labelSealed = SealedLabel(blank: blank) }
    public init(
        orderId: String, allocationId: String, merchantShopId: String, factoryShopId: String, jobId: String, labelSealed: SealedLabel
    ) {
        self.orderId = orderId
        self.allocationId = allocationId
        self.merchantShopId = merchantShopId
        self.factoryShopId = factoryShopId
        self.jobId = jobId
        self.labelSealed = labelSealed
    }

    public static let fields = Fields<LabelOpened>(
        Field("orderId", \.orderId, .id), Field("allocationId", \.allocationId, .id), Field("merchantShopId", \.merchantShopId),
        Field("factoryShopId", \.factoryShopId), Field("jobId", \.jobId, .jobId), Field("labelSealed", \.labelSealed))
}

/// HPKE as ``Sealed``, for a print job: a platform's e-waybill is longer than a recipient.
public struct SealedLabel: Declared, Equatable {
    /// The jobId.
    public var keyId = ""
    public var enc = ""
    public var ciphertext = ""

    public init(blank: Blank) {}
    public init(keyId: String, enc: String, ciphertext: String) {
        self.keyId = keyId
        self.enc = enc
        self.ciphertext = ciphertext
    }

    public static let fields = Fields<SealedLabel>(
        Field("keyId", \.keyId, .filled(64)), Field("enc", \.enc, .filled(128)), Field("ciphertext", \.ciphertext, .filled(400_000)))
}

/// The label of a parcel, in clear: only ever inside of a ``SealedLabel``, and in the memory of the print job.
public struct LabelContents: Declared, Equatable {
    public var recipient: Recipient
    public var carrier = ""
    public var waybillNumber = ""
    public var extraNumbers: [String]?
    public var sender: Verbatim<Sender>?

    public init(blank: Blank) { recipient = Recipient(blank: blank) }
    public init(
        recipient: Recipient, carrier: String, waybillNumber: String, extraNumbers: [String]? = nil, sender: Verbatim<Sender>? = nil
    ) {
        self.recipient = recipient
        self.carrier = carrier
        self.waybillNumber = waybillNumber
        self.extraNumbers = extraNumbers
        self.sender = sender
    }

    public static let fields = Fields<LabelContents>(
        Field("recipient", \.recipient), Field("carrier", \.carrier), Field("waybillNumber", \.waybillNumber),
        Field("extraNumbers", \.extraNumbers), Field("sender", \.sender))
}

/// A platform's e-waybill, for the platform's print component: only ever inside of a ``SealedLabel``, and in the memory of the print job.
public struct PlatformLabelContents: Declared, Equatable {
    public var platform = ""
    /// The platform's text, byte for byte.
    public var printData = ""
    /// The address of the template that the platform has made it for.
    public var template: String?

    public init(blank: Blank) {}
    public init(platform: String, printData: String, template: String? = nil) {
        self.platform = platform
        self.printData = printData
        self.template = template
    }

    public static let fields = Fields<PlatformLabelContents>(
        Field("platform", \.platform, .filled(64)), Field("printData", \.printData, .filled(48_000)), Field("template", \.template))
}
