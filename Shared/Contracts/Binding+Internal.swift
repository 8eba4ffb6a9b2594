public import JSON

/// A message of a merchant's shop to a factory's shop: an application, or how the merchant presents itself from now on.
///
/// One type for both, and one path (merchant's shop, factory's shop, pair), so that they arrive in the order in which they were said
/// and a pair never keeps an older alias or sender than the merchant has.
public struct MerchantToFactory: InternalItem {
    public static let service = ServiceName.binding
    public static let name = "merchant-to-factory"
    public static let summary = "A merchant's shop presents itself to a factory's shop."
    public var aggregate: String { "shop:\(introduction.factoryShopId)" }
    public var introduction: MerchantProfileForFactory
    public init(blank: Blank) { introduction = MerchantProfileForFactory(blank: blank) }
    public init(_ introduction: MerchantProfileForFactory) { self.introduction = introduction }
    public static let fields = Fields<MerchantToFactory>(Field("introduction", \.introduction))
}

/// The same, passed on by the factory's shop to the pair.
public struct FactoryToPair: InternalItem {
    public static let service = ServiceName.binding
    public static let name = "factory-to-pair"
    public static let summary = "The factory's shop passes it on to the pair."
    public var aggregate: String { "pair:\(introduction.merchantShopId)~\(introduction.factoryShopId)" }
    public var introduction: MerchantProfileForFactory
    public init(blank: Blank) { introduction = MerchantProfileForFactory(blank: blank) }
    public init(_ introduction: MerchantProfileForFactory) { self.introduction = introduction }
    public static let fields = Fields<FactoryToPair>(Field("introduction", \.introduction))
}

/// How a merchant presents itself to a factory.
public struct MerchantProfileForFactory: Declared, Equatable {
    public var merchantShopId = ""
    public var factoryShopId = ""
    public var shopAlias = ""
    public var sender: Sender
    /// Whether the merchant applies; else only the alias or the sender changed.
    public var applies = false
    public var message: String?

    public init(blank: Blank) { sender = Sender(blank: blank) }
    public init(merchantShopId: String, factoryShopId: String, shopAlias: String, sender: Sender, applies: Bool, message: String? = nil) {
        self.merchantShopId = merchantShopId
        self.factoryShopId = factoryShopId
        self.shopAlias = shopAlias
        self.sender = sender
        self.applies = applies
        self.message = message
    }

    public static let fields = Fields<MerchantProfileForFactory>(
        Field("merchantShopId", \.merchantShopId), Field("factoryShopId", \.factoryShopId), Field("shopAlias", \.shopAlias),
        Field("sender", \.sender), Field("applies", \.applies), Field("message", \.message))
}
