public import JSON
public import Threads

extension Catalog {
    /// Every message of this part of the contract; a test compares it with the sources.
    static let shipping: [CatalogEntry] =
        messages(
            Ship.self, Amend.self, RetryUpload.self, PullStatus.self, CreateInbound.self, CancelOutbound.self,
            PullStock.self, ReportStatus.self, Ready.self, Unready.self, Shipped.self, Amended.self, UploadConfirmed.self,
            UploadFailed.self, OutboundCreated.self, OutboundRejected.self, OutboundStatus.self, OutboundOverdue.self,
            OutboundCancelling.self, OutboundCancelled.self, OutboundCancelFailed.self, InboundCreated.self,
            InboundStatus.self, InboundOverdue.self, StockReported.self, ReportIgnored.self)
}

/// A receiver of shipped numbers.
public enum UploadTarget: String, JSONEnumeration { case marketplace, erp }

/// The merchant ships one allocation, or all that are ready.
public struct Ship: Message {
    public static let type = "daifa.shipping.ship.v1"
    public static let contract: Contract<Ship> = .command(
        to: .shipping, key: \.orderId, by: [.merchant(\.merchantShopId)], answers: [Shipped.self],
        refusals: [
            .notFound, .orderCancelled, .riskHeld, .afterSaleOpen, .awaitingAudit, .notAllocated, .waybillNotReturned,
            .returnAddressUnknown, .alreadyShipped, .tooManyPending,
        ], "The merchant ships one allocation, or all that are ready.")
    public var orderId = ""
    public var allocationId: String?
    public var merchantShopId = ""
    public var returnAddressId: String?

    public init(blank: Blank) {}
    public init(orderId: String, allocationId: String? = nil, merchantShopId: String, returnAddressId: String? = nil) {
        self.orderId = orderId
        self.allocationId = allocationId
        self.merchantShopId = merchantShopId
        self.returnAddressId = returnAddressId
    }

    public static let fields = Fields<Ship>(
        Field("orderId", \.orderId, .id), Field("allocationId", \.allocationId, .id), Field("merchantShopId", \.merchantShopId, .shopId),
        Field("returnAddressId", \.returnAddressId, .id))
}

/// Another number for a shipped allocation.
public struct Amend: Message {
    public static let type = "daifa.shipping.amend.v1"
    public static let contract: Contract<Amend> = .command(
        to: .shipping, key: \.orderId, by: [.merchant(\.merchantShopId)], answers: [Amended.self],
        refusals: [.notFound, .notAllocated, .notShipped, .carrierUnknown, .waybillNumberInvalid, .waybillNumberUsed, .tooManyPending],
        "Another number for a shipped allocation.")
    public var orderId = ""
    public var allocationId = ""
    public var merchantShopId = ""
    public var carrier = ""
    public var waybillNumber = ""
    /// The number is right although its form is not a known one of the carrier.
    public var unusual: Bool?

    public init(blank: Blank) {}
    public init(
        orderId: String, allocationId: String, merchantShopId: String, carrier: String, waybillNumber: String, unusual: Bool? = nil
    ) {
        self.orderId = orderId
        self.allocationId = allocationId
        self.merchantShopId = merchantShopId
        self.carrier = carrier
        self.waybillNumber = waybillNumber
        self.unusual = unusual
    }

    public static let fields = Fields<Amend>(
        Field("orderId", \.orderId, .id), Field("allocationId", \.allocationId, .id), Field("merchantShopId", \.merchantShopId, .shopId),
        Field("carrier", \.carrier, .carrier), Field("waybillNumber", \.waybillNumber, .waybillNumber), Field("unusual", \.unusual))
}

/// Tells the marketplace or the ERP once more.
public struct RetryUpload: Message {
    public static let type = "daifa.shipping.retry-upload.v1"
    public static let contract: Contract<RetryUpload> = .command(
        to: .shipping, key: \.orderId, by: [.owner(.merchant, "the order's")], answers: [UploadConfirmed.self, UploadFailed.self],
        refusals: [.notFound, .notShipped, .notAuthorized, .tooManyPending], "Tells the marketplace or the ERP a shipped number once more.")
    public var orderId = ""
    public var allocationId = ""
    public var target = UploadTarget.marketplace

    public init(blank: Blank) {}
    public init(orderId: String, allocationId: String, target: UploadTarget) {
        self.orderId = orderId
        self.allocationId = allocationId
        self.target = target
    }

    public static let fields = Fields<RetryUpload>(
        Field("orderId", \.orderId, .id), Field("allocationId", \.allocationId, .id), Field("target", \.target))
}

/// Asks the partner for the state of an outbound or inbound order.
public struct PullStatus: Message {
    public static let type = "daifa.shipping.pull-status.v1"
    public static let contract: Contract<PullStatus> = .command(
        to: .shipping, key: .either(\.orderId, \.inboundId), by: [.merchant(\.merchantShopId)],
        answers: [OutboundStatus.self, InboundStatus.self], refusals: [.notFound, .notAuthorized, .partnerRejected, .tooManyPending],
        "Asks the partner for the state of an outbound or inbound order.")
    public var orderId: String?
    public var inboundId: String?
    public var merchantShopId = ""

    public init(blank: Blank) {}
    public init(orderId: String? = nil, inboundId: String? = nil, merchantShopId: String) {
        self.orderId = orderId
        self.inboundId = inboundId
        self.merchantShopId = merchantShopId
    }

    public static let fields = Fields<PullStatus>(
        Field("orderId", \.orderId, .id), Field("inboundId", \.inboundId, .id), Field("merchantShopId", \.merchantShopId, .shopId))
}

/// Announces goods to a partner's warehouse.
public struct CreateInbound: Message {
    public static let type = "daifa.shipping.create-inbound.v1"
    public static let contract: Contract<CreateInbound> = .command(
        to: .shipping, key: \.inboundId, by: [.merchant(\.merchantShopId)], answers: [InboundCreated.self],
        refusals: [.notFound, .notAuthorized, .partnerRejected, .tooManyPending], "Announces goods to a partner's warehouse.")
    public var inboundId = ""
    public var merchantShopId = ""
    public var warehouseId = ""
    public var lines: [StockLine] = []

    public init(blank: Blank) {}
    public init(inboundId: String, merchantShopId: String, warehouseId: String, lines: [StockLine]) {
        self.inboundId = inboundId
        self.merchantShopId = merchantShopId
        self.warehouseId = warehouseId
        self.lines = lines
    }

    public static let fields = Fields<CreateInbound>(
        Field("inboundId", \.inboundId, .id), Field("merchantShopId", \.merchantShopId, .shopId), Field("warehouseId", \.warehouseId, .id),
        Field("lines", \.lines, count: 1...500))
}

/// Asks the partner to cancel an outbound order.
public struct CancelOutbound: Message {
    public static let type = "daifa.shipping.cancel-outbound.v1"
    public static let contract: Contract<CancelOutbound> = .command(
        to: .shipping, key: \.orderId, by: [.merchant(\.merchantShopId)], answers: [OutboundCancelling.self],
        refusals: [.notFound, .notAllocated, .alreadyShipped, .notAuthorized], "Asks the partner to cancel an outbound order.")
    public var orderId = ""
    public var allocationId = ""
    public var merchantShopId = ""

    public init(blank: Blank) {}
    public init(orderId: String, allocationId: String, merchantShopId: String) {
        self.orderId = orderId
        self.allocationId = allocationId
        self.merchantShopId = merchantShopId
    }

    public static let fields = Fields<CancelOutbound>(
        Field("orderId", \.orderId, .id), Field("allocationId", \.allocationId, .id), Field("merchantShopId", \.merchantShopId, .shopId))
}

/// Asks the partner for the stock of a warehouse.
public struct PullStock: Message {
    public static let type = "daifa.shipping.pull-stock.v1"
    public static let contract: Contract<PullStock> = .command(
        to: .shipping, key: \.warehouseId, by: [.merchant(\.merchantShopId), .service(.shipping)], answers: [StockReported.self],
        refusals: [.notFound, .notAuthorized, .partnerRejected], "Asks the partner for the stock of a warehouse.")
    public var warehouseId = ""
    public var merchantShopId = ""
    public var skus: [String]?

    public init(blank: Blank) {}
    public init(warehouseId: String, merchantShopId: String, skus: [String]? = nil) {
        self.warehouseId = warehouseId
        self.merchantShopId = merchantShopId
        self.skus = skus
    }

    public static let fields = Fields<PullStock>(
        Field("warehouseId", \.warehouseId, .id), Field("merchantShopId", \.merchantShopId, .shopId), Field("skus", \.skus, count: 1...500))
}

/// A partner's report about an outbound or inbound order.
public struct ReportStatus: Message {
    public static let type = "daifa.shipping.report-status.v1"
    public static let contract: Contract<ReportStatus> = .command(
        to: .shipping, key: .either(\.orderId, \.inboundId), by: [.partner(\.partner)],
        answers: [OutboundStatus.self, InboundStatus.self, ReportIgnored.self], refusals: [.notFound],
        "A partner reports the state of an outbound or inbound order.")
    public var orderId: String?
    public var inboundId: String?
    public var partner = ""
    public var partnerNumber = ""
    public var allocationId: String?
    public var statusCode = ""
    public var occurredAt = Timestamp(milliseconds: 0)
    public var waybillNumber: String?
    public var carrier: String?
    public var lines: [CountedLine]?

    public init(blank: Blank) {}
    public init(
        orderId: String? = nil, inboundId: String? = nil, partner: String, partnerNumber: String, allocationId: String? = nil,
        statusCode: String, occurredAt: Timestamp, waybillNumber: String? = nil, carrier: String? = nil, lines: [CountedLine]? = nil
    ) {
        self.orderId = orderId
        self.inboundId = inboundId
        self.partner = partner
        self.partnerNumber = partnerNumber
        self.allocationId = allocationId
        self.statusCode = statusCode
        self.occurredAt = occurredAt
        self.waybillNumber = waybillNumber
        self.carrier = carrier
        self.lines = lines
    }

    public static let fields = Fields<ReportStatus>(
        Field("orderId", \.orderId, .id), Field("inboundId", \.inboundId, .id), Field("partner", \.partner, .filled(64)),
        Field("partnerNumber", \.partnerNumber, .id), Field("allocationId", \.allocationId, .id),
        Field("statusCode", \.statusCode, .filled(64)), Field("occurredAt", \.occurredAt),
        Field("waybillNumber", \.waybillNumber, .waybillNumber), Field("carrier", \.carrier, .carrier),
        Field("lines", \.lines, count: 0...500))
}

/// A quantity of a sku at a partner's.
public struct StockLine: Declared, Equatable {
    public var sku = ""
    public var quantity = 0

    public init(blank: Blank) {}
    public init(sku: String, quantity: Int) {
        self.sku = sku
        self.quantity = quantity
    }

    public static let fields = Fields<StockLine>(
        Field("sku", \.sku, .id), Field("quantity", \.quantity, 1...1_000_000))
}

/// The factory has returned a number: the merchant can ship.
public struct Ready: Message {
    public static let type = "daifa.shipping.ready.v1"
    public static let contract: Contract<Ready> = .event(
        of: .shipping, key: \.orderId, "The factory has returned a number: the merchant can ship.")
    public var orderId = ""
    public var allocationId = ""
    public var merchantShopId = ""
    public var factoryShopId = ""
    public var carrier = ""
    public var waybillNumber = ""
    public var extraNumbers: [String]?

    public init(blank: Blank) {}
    public init(
        orderId: String, allocationId: String, merchantShopId: String, factoryShopId: String, carrier: String, waybillNumber: String,
        extraNumbers: [String]? = nil
    ) {
        self.orderId = orderId
        self.allocationId = allocationId
        self.merchantShopId = merchantShopId
        self.factoryShopId = factoryShopId
        self.carrier = carrier
        self.waybillNumber = waybillNumber
        self.extraNumbers = extraNumbers
    }

    public static let fields = Fields<Ready>(
        Field("orderId", \.orderId, .id), Field("allocationId", \.allocationId, .id), Field("merchantShopId", \.merchantShopId),
        Field("factoryShopId", \.factoryShopId), Field("carrier", \.carrier), Field("waybillNumber", \.waybillNumber),
        Field("extraNumbers", \.extraNumbers))
}

/// The parcel's recipient has changed since its label was made: it cannot be shipped until the factory returns it anew.
public struct Unready: Message {
    public static let type = "daifa.shipping.unready.v1"
    public static let contract: Contract<Unready> = .event(
        of: .shipping, key: \.orderId, "The parcel's recipient has changed: it cannot be shipped until the factory returns it anew.")
    public var orderId = ""
    public var allocationId = ""
    public var merchantShopId = ""
    public var factoryShopId = ""
    /// Carrier and number of the parcel that was ready.
    public var carrier = ""
    public var waybillNumber = ""

    public init(blank: Blank) {}
    public init(
        orderId: String, allocationId: String, merchantShopId: String, factoryShopId: String, carrier: String, waybillNumber: String
    ) {
        self.orderId = orderId
        self.allocationId = allocationId
        self.merchantShopId = merchantShopId
        self.factoryShopId = factoryShopId
        self.carrier = carrier
        self.waybillNumber = waybillNumber
    }

    public static let fields = Fields<Unready>(
        Field("orderId", \.orderId, .id), Field("allocationId", \.allocationId, .id), Field("merchantShopId", \.merchantShopId),
        Field("factoryShopId", \.factoryShopId), Field("carrier", \.carrier), Field("waybillNumber", \.waybillNumber))
}

/// The parcel is shipped under this number: by a factory, or from a partner's warehouse.
public struct Shipped: Message {
    public static let type = "daifa.shipping.shipped.v1"
    public static let contract: Contract<Shipped> = .event(
        of: .shipping, key: \.orderId, readers: [.waybill], "The parcel is shipped under this number.")
    public var orderId = ""
    public var allocationId = ""
    public var merchantShopId = ""
    public var factoryShopId: String?
    public var warehouseId: String?
    public var carrier = ""
    public var waybillNumber = ""
    public var extraNumbers: [String]?
    public var returnAddressId: String?
    public var shippedAt = Timestamp(milliseconds: 0)
    public var platform: String?
    public var platformOrderNumber: String?
    public var channelId: String?

    public init(blank: Blank) {}
    public init(
        orderId: String, allocationId: String, merchantShopId: String, factoryShopId: String? = nil, warehouseId: String? = nil,
        carrier: String, waybillNumber: String, extraNumbers: [String]? = nil, returnAddressId: String? = nil, shippedAt: Timestamp,
        platform: String? = nil, platformOrderNumber: String? = nil, channelId: String? = nil
    ) {
        self.orderId = orderId
        self.allocationId = allocationId
        self.merchantShopId = merchantShopId
        self.factoryShopId = factoryShopId
        self.warehouseId = warehouseId
        self.carrier = carrier
        self.waybillNumber = waybillNumber
        self.extraNumbers = extraNumbers
        self.returnAddressId = returnAddressId
        self.shippedAt = shippedAt
        self.platform = platform
        self.platformOrderNumber = platformOrderNumber
        self.channelId = channelId
    }

    public static let fields = Fields<Shipped>(
        Field("orderId", \.orderId, .id), Field("allocationId", \.allocationId, .id), Field("merchantShopId", \.merchantShopId),
        Field("factoryShopId", \.factoryShopId), Field("warehouseId", \.warehouseId), Field("carrier", \.carrier),
        Field("waybillNumber", \.waybillNumber), Field("extraNumbers", \.extraNumbers),
        Field("returnAddressId", \.returnAddressId), Field("shippedAt", \.shippedAt),
        Field("platform", \.platform), Field("platformOrderNumber", \.platformOrderNumber), Field("channelId", \.channelId))
}

/// The shipped parcel has another number.
public struct Amended: Message {
    public static let type = "daifa.shipping.amended.v1"
    public static let contract: Contract<Amended> = .event(of: .shipping, key: \.orderId, "The shipped parcel has another number.")
    public var orderId = ""
    public var allocationId = ""
    public var merchantShopId = ""
    public var factoryShopId = ""
    public var carrier = ""
    public var waybillNumber = ""
    public var previousCarrier = ""
    public var previousWaybillNumber = ""
    /// The number has no known form of the carrier.
    public var unusual: Bool?

    public init(blank: Blank) {}
    public init(
        orderId: String, allocationId: String, merchantShopId: String, factoryShopId: String, carrier: String, waybillNumber: String,
        previousCarrier: String, previousWaybillNumber: String, unusual: Bool? = nil
    ) {
        self.orderId = orderId
        self.allocationId = allocationId
        self.merchantShopId = merchantShopId
        self.factoryShopId = factoryShopId
        self.carrier = carrier
        self.waybillNumber = waybillNumber
        self.previousCarrier = previousCarrier
        self.previousWaybillNumber = previousWaybillNumber
        self.unusual = unusual
    }

    public static let fields = Fields<Amended>(
        Field("orderId", \.orderId, .id), Field("allocationId", \.allocationId, .id), Field("merchantShopId", \.merchantShopId),
        Field("factoryShopId", \.factoryShopId), Field("carrier", \.carrier), Field("waybillNumber", \.waybillNumber),
        Field("previousCarrier", \.previousCarrier), Field("previousWaybillNumber", \.previousWaybillNumber),
        Field("unusual", \.unusual))
}
