public import Contracts
public import JSON
public import Machines

/// Reads one page of a list of a channel's shop: of the window that is being read, or of the next one.
public struct DownloadOrders: Effect {
    public enum Answer: Sendable {
        case page(DownloadedPage)
        /// A window after the last one would be empty.
        case nothingYet
        /// The platform will not give it.
        case refused(code: String?, detail: String)
    }

    public static let kind = "download-orders"
    public static let reports: [any Message.Type] = [ReportToken.self]
    public var aggregate: String { source.aggregate }
    public var discriminator: String { list.rawValue }

    public var source = DownloadSource()
    public var list = DownloadKind.orders
    public var readTo: Int?
    /// Bounds of a window that was begun.
    public var bounds: DownloadBounds?
    public var page = 1

    public init() {}
    init(_ source: DownloadSource, _ cursor: DownloadCursor) {
        self.source = source
        list = cursor.kind
        readTo = cursor.readTo
        bounds = cursor.window?.bounds
        page = cursor.window?.page ?? 1
    }

    public static let fields = Fields<DownloadOrders>(
        Field("source", \.source), Field("list", \.list), Field("readTo", \.readTo), Field("bounds", \.bounds), Field("page", \.page))
}

/// Reads one order that a message of the platform was about: sooner than the lists would have it.
public struct DownloadOrder: Effect {
    public enum Answer: Sendable {
        case seen(OrderSeen)
        /// The platform will not show it, or not with this token: the lists will have it.
        case none
    }

    public static let kind = "download-order"
    public static let reports: [any Message.Type] = [ReportToken.self]
    public var aggregate: String { source.aggregate }
    public var discriminator: String { order.shopMask.map { "\($0):\(order.orderNumber)" } ?? order.orderNumber }

    public var source = DownloadSource()
    public var order = PlatformOrder("")

    public init() {}
    init(_ source: DownloadSource, _ order: PlatformOrder) {
        self.source = source
        self.order = order
    }

    public static let fields = Fields<DownloadOrder>(Field("source", \.source), Field("order", \.order))
}

/// Has the platform send its messages about a channel's shop. Without them orders come with the lists alone.
public struct PermitMessages: Effect {
    public enum Answer: Sendable {
        case done
        /// The platform will not send them.
        case refused
        /// It did not accept the token: with the next one it is asked again.
        case tokenRefused
    }

    public static let kind = "permit-messages"
    public static let reports: [any Message.Type] = [ReportToken.self]
    public var aggregate: String { source.aggregate }

    public var source = DownloadSource()

    public init() {}
    init(_ source: DownloadSource) { self.source = source }

    public static let fields = Fields<PermitMessages>(Field("source", \.source))
}

/// A channel's shop with everything that downloading its orders needs.
public struct DownloadSource: DefaultInitializable, Equatable {
    public var channelId = ""
    public var authorizationId = ""
    /// Encrypted, as in the channel's state.
    public var token = ""
    /// The version of the authorization's tokens that this one is of.
    public var tokenVersion = 0
    /// The shop of Daifa that owns the orders; for those assigned on the platform, the factory.
    public var owner = ""
    public var ownerIsFactory = false
    public var orderTypes: [OrderType] = []
    /// Orders are held until somebody approves them.
    public var awaitsAudit = false

    public init() {}

    public static let fields = Fields<DownloadSource>(
        Field("channelId", \.channelId), Field("authorizationId", \.authorizationId), Field("token", \.token),
        Field("tokenVersion", \.tokenVersion), Field("owner", \.owner),
        Field("factory", \.ownerIsFactory), Field("orderTypes", \.orderTypes), Field("audit", \.awaitsAudit))

    /// Key of the channel's aggregate, and of authorization's commands about it.
    public var aggregate: String { "channel:\(channelId)" }

    /// The lists that are read.
    public var lists: [DownloadKind] {
        var lists: [DownloadKind] = []
        if orderTypes.contains(.own) { lists += [.orders, .afterSales] }
        if orderTypes.contains(.factoryDropship), ownerIsFactory { lists.append(.factoryOrders) }
        return lists
    }

    /// Whether an order is of a type that is downloaded.
    func wants(_ order: PlatformOrder) -> Bool { lists.contains(order.shopMask == nil ? .orders : .factoryOrders) }
}
