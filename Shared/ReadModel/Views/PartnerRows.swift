public import Contracts
public import JSON
public import Threads

/// A consent that was asked for: where the partner's answer goes.
public struct ConsentRow: DefaultInitializable, Equatable {
    /// Kafka key of authorization's commands about it.
    public var key = ""
    public var authorizationId = ""
    public var channelId: String?
    public var provider = Provider.jdFulfillment
    public var correlationId: String?
    public var expiresAt = Timestamp(milliseconds: 0)
    public init() {}
    public static let fields = Fields<ConsentRow>(
        Field("key", \.key), Field("authorizationId", \.authorizationId), Field("channelId", \.channelId), Field("provider", \.provider),
        Field("correlationId", \.correlationId), Field("expiresAt", \.expiresAt))
}

/// The numbers that a partner gives: each kind has its own.
public enum PartnerNumberKind: String, Sendable { case outbound, inbound }

/// The order that a partner's number stands for: an outbound order, or an inbound one.
public struct PartnerNumberRow: DefaultInitializable, Equatable {
    /// Kafka key of shipping's commands about it.
    public var key = ""
    public var warehouseId = ""
    /// Of an outbound order.
    public var orderId: String?
    public var allocationId: String?
    /// Of an inbound order.
    public var inboundId: String?
    public init() {}
    public static let fields = Fields<PartnerNumberRow>(
        Field("key", \.key), Field("warehouseId", \.warehouseId), Field("orderId", \.orderId), Field("allocationId", \.allocationId),
        Field("inboundId", \.inboundId))
}
