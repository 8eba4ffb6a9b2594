import Contracts
public import Threads

/// JD's outbound orders and stock for one warehouse, whichever gateway carries them.
///
/// A number is never sent twice without asking: when `createOutbound` throws `outcomeOpen`, ask `findOutbound`, and only when the order
/// is not there send the same order again. JD's answer to a key that it has already is not public: after an open outcome ask once more
/// when the second try is rejected.
public protocol JDOutbound: Sendable {
    /// - Returns: JD's number (ESL…).
    /// - Throws: `rejected` with `field` for what cannot be sent.
    func createOutbound(_ order: OutboundOrder) async throws(PartnerError) -> String

    /// The order that was made with this id of ours, if JD has it.
    /// - Parameter key: the id, not the key at JD that an order holds.
    /// - Parameter around: when it was sent last; JD is asked for half a day before and after.
    func findOutbound(key: String, around: Timestamp) async throws(PartnerError) -> FoundOutbound?

    /// - Parameter number: JD's number. A split order's parts are all asked for.
    /// - Throws: `rejected` when JD does not know the number.
    func outboundStatus(_ number: String) async throws(PartnerError) -> OutboundReport

    func cancelOutbound(_ number: String) async throws(PartnerError) -> CancelOutcome

    /// Last known stock, sorted by sku.
    /// - Parameter skus: nil: all.
    func stock(skus: [String]?) async throws(PartnerError) -> [StockLevel]

    /// Whether the link's department and warehouse are the token's.
    func checkCodes() async throws(PartnerError) -> JDCodes
}

/// An order that JD has.
public struct FoundOutbound: Sendable, Equatable {
    public var number: String
    /// At JD (``PartnerKey``).
    public var key: String
    public var code: String?
    public var waybillNumber: String?

    public init(number: String, key: String, code: String?, waybillNumber: String?) {
        self.number = number
        self.key = key
        self.code = code
        self.waybillNumber = waybillNumber
    }
}

/// The outcome of a cancellation.
public enum CancelOutcome: Sendable, Equatable {
    case cancelled
    /// JD is deciding: the status tells (10027, then 10028 or 10029).
    case pending
    /// It will be sent.
    case refused(reason: String)
}

/// How much of the goods lies in a warehouse, sellable and damaged.
public struct StockLevel: Sendable, Equatable {
    public var sku: String
    public var good: Int
    public var damaged: Int

    public init(sku: String, good: Int, damaged: Int) {
        self.sku = sku
        self.good = good
        self.damaged = damaged
    }
}

/// JD's judgement of a link's codes.
public enum JDCodes: Sendable, Equatable {
    case known
    case departmentUnknown
    case warehouseUnknown
}

/// Makes the clients of one deployment.
public struct JDClients: Sendable {
    let wire: Wire
    let endpoints: JDEndpoints
    let clock: @Sendable () -> Timestamp

    /// - Parameter wire: its partner is `jd`.
    public init(wire: Wire, endpoints: JDEndpoints, clock: @escaping @Sendable () -> Timestamp) {
        self.wire = wire
        self.endpoints = endpoints
        self.clock = clock
    }

    public func outbound(_ api: JDAPI, _ credential: JDCredential, _ link: JDLink) -> any JDOutbound {
        switch api {
        case .eclp: ECLPWarehouse(gateway: jos(credential), link: link)
        case .isc:
            ISCWarehouse(gateway: ISCGateway(wire: wire, base: endpoints.isc, credential: credential, clock: clock), link: link)
        }
    }

    /// Inbound orders go by ECLP, whichever gateway carries the rest: no paths of the other are public.
    public func inbound(_ credential: JDCredential, _ link: JDLink) -> ECLPWarehouse {
        ECLPWarehouse(gateway: jos(credential), link: link)
    }

    public func oauth(_ api: JDAPI, appKey: String, appSecret: String) -> JDOAuth {
        JDOAuth(api, wire: wire, endpoints: endpoints, appKey: appKey, appSecret: appSecret, clock: clock)
    }

    private func jos(_ credential: JDCredential) -> JOSGateway {
        JOSGateway(wire: wire, endpoint: endpoints.jos, credential: credential, clock: clock)
    }
}
