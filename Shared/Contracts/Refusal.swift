public import JSON

/// The stable refusal codes of the contract, section 3.
public enum RefusalCode: String, JSONEnumeration {
    case invalid, unauthorized, forbidden
    case notFound = "not-found"
    case roleAlreadyChosen = "role-already-chosen"
    case termsNotAccepted = "terms-not-accepted"
    case merchantNotRegistered = "merchant-not-registered"
    case factoryNotRegistered = "factory-not-registered"
    case bindingExists = "binding-exists"
    case bindingNotActive = "binding-not-active"
    case bindingNotPending = "binding-not-pending"
    case alreadyAllocated = "already-allocated"
    case notAllocated = "not-allocated"
    case quantityExceeded = "quantity-exceeded"
    case afterSaleOpen = "after-sale-open"
    case riskHeld = "risk-held"
    case awaitingAudit = "awaiting-audit"
    case orderCancelled = "order-cancelled"
    case alreadySealed = "already-sealed"
    case targetNotAvailable = "target-not-available"
    case waybillNotReturned = "waybill-not-returned"
    case waybillNumberInvalid = "waybill-number-invalid"
    case waybillNumberUsed = "waybill-number-used"
    case waybillAlreadyReturned = "waybill-already-returned"
    case waybillNotObtained = "waybill-not-obtained"
    case numberPoolEmpty = "number-pool-empty"
    case carrierUnknown = "carrier-unknown"
    case returnAddressUnknown = "return-address-unknown"
    case alreadyShipped = "already-shipped"
    case notShipped = "not-shipped"
    case pinLinkedToOtherMerchant = "pin-linked-to-other-merchant"
    case appCredentialsRequired = "app-credentials-required"
    case consentDenied = "consent-denied"
    case consentStateMismatch = "consent-state-mismatch"
    case consentExpired = "consent-expired"
    case consentUsed = "consent-used"
    case notAuthorized = "not-authorized"
    case channelIncomplete = "channel-incomplete"
    case partnerRejected = "partner-rejected"
    case tooManyPending = "too-many-pending"
}

/// Why a command is not carried out. The message is for a person and never repeats personal data.
public struct Refusal: Error, Declared, Equatable {
    public var code = RefusalCode.invalid
    public var message = ""
    /// The path of the field that is wrong: `lines[1].quantity`.
    public var field: String?
    public var details: [String: JSONValue]?
    /// Whether it rests on a table that another service writes: given only once the table was read to its end (contract, section 3).
    public var restsOnTable = false

    public init(blank: Blank) {}

    public init(
        _ code: RefusalCode, _ message: String, field: String? = nil, details: [String: JSONValue]? = nil, restsOnTable: Bool = false
    ) {
        self.code = code
        self.message = message
        self.field = field
        self.details = details
        self.restsOnTable = restsOnTable
    }

    public static let fields = Fields<Refusal>(
        Field("code", \.code), Field("message", \.message), Field("field", \.field), Field("details", \.details))
}

/// `daifa.<service>.refused.v1`. One type for all services: the service is part of the type's name.
public struct Refused: Declared, Equatable {
    public var commandId = ""
    public var commandType = ""
    /// The sender of the command, as far as it was proven: an id is its sender's choice, so whoever waits for an answer compares both.
    public var actor: Actor?
    public var code = RefusalCode.invalid
    public var message = ""
    public var field: String?
    public var details: [String: JSONValue]?

    public init(blank: Blank) {}
    public init(
        commandId: String, commandType: String, actor: Actor? = nil, code: RefusalCode, message: String, field: String? = nil,
        details: [String: JSONValue]? = nil
    ) {
        self.commandId = commandId
        self.commandType = commandType
        self.actor = actor
        self.code = code
        self.message = message
        self.field = field
        self.details = details
    }

    public init(_ refusal: Refusal, of origin: Origin) {
        self.init(
            commandId: origin.id, commandType: origin.type, actor: origin.actor, code: refusal.code, message: refusal.message,
            field: refusal.field, details: refusal.details)
    }

    public var refusal: Refusal { Refusal(code, message, field: field, details: details) }

    public static func type(of service: ServiceName) -> String { "daifa.\(service.rawValue).refused.v1" }

    /// The services that send commands to this one and act on its refusals.
    public static func readers(of service: ServiceName) -> [ServiceName] {
        service == .allocation || service == .waybill ? [.shipping] : []
    }

    public static let fields = Fields<Refused>(
        Field("commandId", \.commandId), Field("commandType", \.commandType), Field("actor", \.actor), Field("code", \.code),
        Field("message", \.message), Field("field", \.field), Field("details", \.details))
}
