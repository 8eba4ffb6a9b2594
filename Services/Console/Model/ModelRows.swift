import Contracts
import JSON
import Threads

/// A consent that was asked for: where the partner's answer goes.
struct ConsentRow: DefaultInitializable, Equatable {
    /// Of authorization's commands about it.
    var key = ""
    var authorizationId = ""
    var channelId: String?
    var provider = Provider.jdFulfillment
    var correlationId: String?
    var expiresAt = Timestamp(milliseconds: 0)
    init() {}
    static let fields = Fields<ConsentRow>(
        Field("key", \.key), Field("authorizationId", \.authorizationId), Field("channelId", \.channelId), Field("provider", \.provider),
        Field("correlationId", \.correlationId), Field("expiresAt", \.expiresAt))
}

/// The order that a partner's number stands for: an outbound order, or an inbound one.
struct NumberRow: DefaultInitializable, Equatable {
    /// Of shipping's commands about it.
    var key = ""
    var warehouseId = ""
    /// Of an outbound order.
    var orderId: String?
    var allocationId: String?
    /// Of an inbound order.
    var inboundId: String?
    init() {}
    static let fields = Fields<NumberRow>(
        Field("key", \.key), Field("warehouseId", \.warehouseId), Field("orderId", \.orderId), Field("allocationId", \.allocationId),
        Field("inboundId", \.inboundId))
}
