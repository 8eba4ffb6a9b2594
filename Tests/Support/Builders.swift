public import Contracts
import Foundation
import JSON
import Kafka
public import Threads

extension Outgoing {
    /// A command with a new id, under the contract's key unless another is given.
    public static func command<Body: Contracts.Message>(
        _ message: Body, as actor: Actor?, id: String = uniqueName("cmd"), key: String? = nil
    ) -> Outgoing { make(Body.type, message.json, as: actor, id: id, key: key ?? Body.contract.key.of(message)) }

    /// A command or fact from a JSON object, which may be wrong: its key is the first of the contract's key fields that it has.
    public static func raw(_ type: String, _ json: String, as actor: Actor?, id: String = uniqueName("raw"), key: String? = nil) -> Outgoing
    {
        let data = try? JSONValue.decode(Array(json.utf8))
        let named = (Catalog.entry(type)?.key.fields ?? ["orderId"]).lazy.compactMap { data?[$0]?.string }.first
        return make(type, Array(json.utf8), as: actor, id: id, key: key ?? named)
    }

    /// A fact of the outside world, by default of now.
    public static func fact<Body: Contracts.Message>(
        _ message: Body, at time: Timestamp = .now, id: String = uniqueName("fact"), key: String? = nil
    ) -> Outgoing {
        make(Body.type, message.json, as: Actor(.connector, "test"), id: id, key: key ?? Body.contract.key.of(message))
            .setting(EnvelopeHeader.time, time.description)
    }

    private static func make(_ type: String, _ json: [UInt8], as actor: Actor?, id: String, key: String?) -> Outgoing {
        let parts = type.split(separator: ".")
        let topic = parts.count > 1 && parts[1] == "order" ? Topics.orders : "daifa.\(parts.count > 1 ? parts[1] : "").commands"
        let headers: [(String, String?)] = [
            (EnvelopeHeader.specversion, "1.0"), (EnvelopeHeader.id, id), (EnvelopeHeader.source, "/test"), (EnvelopeHeader.type, type),
            (EnvelopeHeader.time, Timestamp.now.description), (EnvelopeHeader.actor, actor?.description),
            (EnvelopeHeader.contentType, "application/json"),
        ]
        return Outgoing(
            topic: topic, key: key.map { Array($0.utf8) }, value: json,
            headers: headers.compactMap { name, value in value.map { Header(name: name, value: Array($0.utf8)) } })
    }
}

extension Timestamp {
    public static var now: Timestamp { Timestamp(milliseconds: Int(Date().timeIntervalSince1970 * 1000)) }
}

/// A merchant, a factory and their orders, with ids that nobody else has: builds valid messages, each of which a test may spoil.
public struct Cast: Sendable {
    public let merchant: String
    public let factory: String

    public var asMerchant: Actor { Actor(.merchant, merchant) }
    public var asFactory: Actor { Actor(.factory, factory) }

    public init() {
        merchant = uniqueName("shop-m")
        factory = uniqueName("shop-f")
    }

    public init(merchant: String, factory: String) {
        self.merchant = merchant
        self.factory = factory
    }

    public static var address: Address {
        var address = Address()
        address.province = "浙江省"
        address.city = "金华市"
        address.district = "义乌市"
        address.detail = "北苑街道1号"
        return address
    }

    public static var sender: Sender { Sender(name: "仓库小王", phone: "13800000000", address: address) }

    // MARK: Binding

    public var registerMerchant: RegisterMerchant {
        var message = RegisterMerchant()
        message.shopId = merchant
        message.shopAlias = "小店"
        message.sender = Self.sender
        message.acceptedTerms = Terms.required
        return message
    }

    public var registerFactory: RegisterFactory {
        var message = RegisterFactory()
        message.shopId = factory
        message.name = "义乌一厂"
        message.contact.name = "老李"
        message.contact.phone = "13900000000"
        message.address = Self.address
        return message
    }

    public func updateProfile(alias: String) -> UpdateProfile {
        var message = UpdateProfile()
        message.shopId = merchant
        message.shopAlias = alias
        return message
    }

    public func putAddress(_ addressId: String, kind: AddressKind, default isDefault: Bool? = nil) -> PutAddress {
        var message = PutAddress()
        message.shopId = merchant
        message.addressId = addressId
        message.kind = kind
        message.name = "退货组"
        message.phone = "13700000000"
        message.address = Self.address
        message.default = isDefault
        return message
    }

    public func removeAddress(_ addressId: String) -> RemoveAddress {
        var message = RemoveAddress()
        message.shopId = merchant
        message.addressId = addressId
        return message
    }

    public var apply: Apply {
        var message = Apply()
        message.merchantShopId = merchant
        message.factoryShopId = factory
        message.message = "想合作"
        return message
    }

    public var approve: Approve {
        var message = Approve()
        message.merchantShopId = merchant
        message.factoryShopId = factory
        return message
    }

    public var decline: Decline {
        var message = Decline()
        message.merchantShopId = merchant
        message.factoryShopId = factory
        message.reason = "忙"
        return message
    }

    public var withdraw: Withdraw {
        var message = Withdraw()
        message.merchantShopId = merchant
        message.factoryShopId = factory
        return message
    }

    public var unbind: Unbind {
        var message = Unbind()
        message.merchantShopId = merchant
        message.factoryShopId = factory
        return message
    }

    // MARK: Orders

    public func placed(_ orderId: String, quantities: [Int] = [2, 3], holds: [PlacedHold]? = nil, mergeKey: String? = nil) -> OrderPlaced {
        var message = OrderPlaced()
        message.orderId = orderId
        message.merchantShopId = merchant
        message.platform = "pinduoduo"
        message.platformOrderNumber = "no-\(orderId)"
        message.placedAt = .now
        message.remark = "快点"
        message.lines = quantities.enumerated().map { index, quantity in
            var line = PlacedLine()
            line.lineId = "\(index + 1)"
            line.sku = "SKU-\(index + 1)"
            line.name = "杯子"
            line.spec = "红"
            line.quantity = quantity
            line.unitPrice = Money(amountMinor: 1250)
            return line
        }
        message.recipient = Self.recipient(mergeKey: mergeKey)
        message.holds = holds
        return message
    }

    public static func recipient(mergeKey: String? = nil, sealed: Sealed = unopenable) -> PlacedRecipient {
        var recipient = PlacedRecipient()
        recipient.province = "广东省"
        recipient.city = "深圳市"
        recipient.district = "南山区"
        recipient.mergeKey = mergeKey
        recipient.sealed = Verbatim(sealed)
        return recipient
    }

    /// Has the form of something sealed; nobody can open it.
    public static let unopenable = Sealed(keyId: "test", enc: "AAAA", ciphertext: "AAAA")

    public func allocate(_ orderId: String, lines: [LineQuantity]? = nil, target: Target? = nil) -> Allocate {
        var message = Allocate()
        message.orderId = orderId
        message.merchantShopId = merchant
        message.target = target ?? Target(.factory, factory)
        message.lines = lines
        return message
    }

    public func deallocate(_ orderId: String, allocationId: String? = nil) -> Deallocate {
        var message = Deallocate()
        message.orderId = orderId
        message.merchantShopId = merchant
        message.allocationId = allocationId
        return message
    }

    public func putRule(_ ruleId: String, skus: [String]) -> PutRule {
        var message = PutRule()
        message.merchantShopId = merchant
        message.ruleId = ruleId
        message.match.skus = skus
        message.target = Target(.factory, factory)
        return message
    }

    public func removeRule(_ ruleId: String) -> RemoveRule {
        var message = RemoveRule()
        message.merchantShopId = merchant
        message.ruleId = ruleId
        return message
    }

    public func approveOrder(_ orderId: String) -> ApproveOrder {
        var message = ApproveOrder()
        message.orderId = orderId
        message.merchantShopId = merchant
        return message
    }

    // MARK: Waybill

    public func topUp(_ carrier: String, _ first: String, _ last: String) -> TopUp {
        var message = TopUp()
        message.factoryShopId = factory
        message.carrier = carrier
        message.first = first
        message.last = last
        return message
    }

    public func obtain(_ orderId: String, _ allocationId: String, carrier: String = "YTO") -> Obtain {
        var message = Obtain()
        message.orderId = orderId
        message.allocationId = allocationId
        message.factoryShopId = factory
        message.carrier = carrier
        return message
    }

    public func markPrinted(_ orderId: String, _ allocationId: String) -> MarkPrinted {
        var message = MarkPrinted()
        message.orderId = orderId
        message.allocationId = allocationId
        message.factoryShopId = factory
        return message
    }

    public func `return`(
        _ orderId: String, _ allocationId: String, number: String, carrier: String = "YTO", extra: [String]? = nil
    ) -> Return {
        var message = Return()
        message.orderId = orderId
        message.allocationId = allocationId
        message.factoryShopId = factory
        message.carrier = carrier
        message.waybillNumber = number
        message.extraNumbers = extra
        return message
    }

    public func cancel(_ orderId: String, _ allocationId: String) -> Cancel {
        var message = Cancel()
        message.orderId = orderId
        message.allocationId = allocationId
        message.factoryShopId = factory
        return message
    }

    /// A number of YTO's that nobody else has: `YT` and 13 digits.
    public static func waybillNumber() -> String { "YT" + digits(13) }

    public static func digits(_ count: Int) -> String {
        String((0..<count).map { _ in Character("\(Int.random(in: 0...9))") })
    }

    // MARK: Shipping

    public func ship(_ orderId: String, allocationId: String? = nil, returnAddressId: String? = nil) -> Ship {
        var message = Ship()
        message.orderId = orderId
        message.allocationId = allocationId
        message.merchantShopId = merchant
        message.returnAddressId = returnAddressId
        return message
    }

    public func amend(_ orderId: String, _ allocationId: String, number: String, carrier: String = "YTO") -> Amend {
        var message = Amend()
        message.orderId = orderId
        message.allocationId = allocationId
        message.merchantShopId = merchant
        message.carrier = carrier
        message.waybillNumber = number
        return message
    }

    // MARK: Warehouses

    /// Somebody in the province, city and district of ``recipient(mergeKey:sealed:)``.
    public static func person(detail: String) -> Recipient {
        var recipient = Recipient()
        recipient.name = "张三"
        recipient.phone = "13711111111"
        recipient.address.province = "广东省"
        recipient.address.city = "深圳市"
        recipient.address.district = "南山区"
        recipient.address.detail = detail
        return recipient
    }

    /// A channel to a mall at Pinduoduo, with all that the platform needs.
    public func pinduoduoChannel(_ channelId: String, mall: String, ofFactory isFactory: Bool) -> CreateChannel {
        var command = CreateChannel()
        command.channelId = channelId
        if isFactory { command.factoryShopId = factory } else { command.merchantShopId = merchant }
        command.name = "拼多多"
        command.platform = .pinduoduo
        command.platformShopId = mall
        command.contact = ChannelContact()
        command.contact?.name = "老李"
        command.contact?.phone = "13900000000"
        command.company = "义乌公司"
        return command
    }

    public func pullStatus(_ orderId: String) -> PullStatus {
        var message = PullStatus()
        message.orderId = orderId
        message.merchantShopId = merchant
        return message
    }

    public func cancelOutbound(_ orderId: String, _ allocationId: String) -> CancelOutbound {
        var message = CancelOutbound()
        message.orderId = orderId
        message.allocationId = allocationId
        message.merchantShopId = merchant
        return message
    }
}
