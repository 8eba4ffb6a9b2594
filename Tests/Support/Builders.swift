public import Contracts
import Foundation
import JSON
import Kafka
public import Threads

extension Outgoing {
    /// A command with a new id, under the contract's key unless another is given.
    public static func command<Body: Contracts.Message>(
        _ message: Body, as actor: Actor?, id: String = uniqueName("cmd"), key: String? = nil
    ) -> Outgoing { make(Body.type, message.json, as: actor, id: id, key: key ?? Body.contract.key(of: message)) }

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
        make(Body.type, message.json, as: Actor(.connector, "test"), id: id, key: key ?? Body.contract.key(of: message))
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
        Address(country: "CN", province: "浙江省", city: "金华市", district: "义乌市", detail: "北苑街道1号")
    }

    public static var sender: Sender { Sender(name: "仓库小王", phone: "13800000000", address: address) }

    // MARK: Binding

    public var registerMerchant: RegisterMerchant {
        RegisterMerchant(shopId: merchant, shopAlias: "小店", sender: Self.sender, acceptedTerms: Terms.required)
    }

    public var registerFactory: RegisterFactory {
        RegisterFactory(shopId: factory, name: "义乌一厂", contact: Contact(name: "老李", phone: "13900000000"), address: Self.address)
    }

    public func updateProfile(alias: String) -> UpdateProfile {
        UpdateProfile(shopId: merchant, shopAlias: alias)
    }

    public func putAddress(_ addressId: String, kind: AddressKind, default isDefault: Bool? = nil) -> PutAddress {
        PutAddress(
            shopId: merchant, addressId: addressId, kind: kind, name: "退货组", phone: "13700000000", address: Self.address, default: isDefault
        )
    }

    public func removeAddress(_ addressId: String) -> RemoveAddress {
        RemoveAddress(shopId: merchant, addressId: addressId)
    }

    public var apply: Apply {
        Apply(merchantShopId: merchant, factoryShopId: factory, message: "想合作")
    }

    public var approve: Approve {
        Approve(merchantShopId: merchant, factoryShopId: factory)
    }

    public var decline: Decline {
        Decline(merchantShopId: merchant, factoryShopId: factory, reason: "忙")
    }

    public var withdraw: Withdraw {
        Withdraw(merchantShopId: merchant, factoryShopId: factory)
    }

    public var unbind: Unbind {
        Unbind(merchantShopId: merchant, factoryShopId: factory)
    }

    // MARK: Orders

    public func placed(_ orderId: String, quantities: [Int] = [2, 3], holds: [PlacedHold]? = nil, mergeKey: String? = nil) -> OrderPlaced {
        OrderPlaced(
            orderId: orderId, merchantShopId: merchant, platform: "pinduoduo", platformOrderNumber: "no-\(orderId)", placedAt: .now,
            remark: "快点",
            lines: quantities.enumerated().map { index, quantity in
                PlacedLine(
                    lineId: "\(index + 1)", sku: "SKU-\(index + 1)", name: "杯子", spec: "红", quantity: quantity,
                    unitPrice: Money(amountMinor: 1250, currency: "CNY"))
            }, recipient: Self.recipient(mergeKey: mergeKey), holds: holds)
    }

    public static func recipient(mergeKey: String? = nil, sealed: Sealed = unopenable) -> PlacedRecipient {
        PlacedRecipient(province: "广东省", city: "深圳市", district: "南山区", mergeKey: mergeKey, sealed: Verbatim(sealed))
    }

    /// Has the form of something sealed; nobody can open it.
    public static let unopenable = Sealed(keyId: "test", enc: "AAAA", ciphertext: "AAAA")

    public func allocate(_ orderId: String, lines: [LineQuantity]? = nil, target: Target? = nil) -> Allocate {
        Allocate(orderId: orderId, merchantShopId: merchant, target: target ?? Target(.factory, factory), lines: lines)
    }

    public func deallocate(_ orderId: String, allocationId: String? = nil) -> Deallocate {
        Deallocate(orderId: orderId, merchantShopId: merchant, allocationId: allocationId)
    }

    public func putRule(_ ruleId: String, skus: [String]) -> PutRule {
        PutRule(merchantShopId: merchant, ruleId: ruleId, match: RuleMatch(skus: skus), target: Target(.factory, factory))
    }

    public func removeRule(_ ruleId: String) -> RemoveRule {
        RemoveRule(merchantShopId: merchant, ruleId: ruleId)
    }

    public func approveOrder(_ orderId: String) -> ApproveOrder {
        ApproveOrder(orderId: orderId, merchantShopId: merchant)
    }

    // MARK: Waybill

    public func topUp(_ carrier: String, _ first: String, _ last: String) -> TopUp {
        TopUp(factoryShopId: factory, carrier: carrier, first: first, last: last)
    }

    public func obtain(_ orderId: String, _ allocationId: String, carrier: String = "YTO") -> Obtain {
        Obtain(orderId: orderId, allocationId: allocationId, factoryShopId: factory, carrier: carrier)
    }

    public func markPrinted(_ orderId: String, _ allocationId: String) -> MarkPrinted {
        MarkPrinted(orderId: orderId, allocationId: allocationId, factoryShopId: factory)
    }

    public func `return`(
        _ orderId: String, _ allocationId: String, number: String, carrier: String = "YTO", extra: [String]? = nil
    ) -> Return {
        Return(
            orderId: orderId, allocationId: allocationId, factoryShopId: factory, carrier: carrier, waybillNumber: number,
            extraNumbers: extra)
    }

    public func cancel(_ orderId: String, _ allocationId: String) -> Cancel {
        Cancel(orderId: orderId, allocationId: allocationId, factoryShopId: factory)
    }

    /// A number of YTO's that nobody else has: `YT` and 13 digits.
    public static func waybillNumber() -> String { "YT" + digits(13) }

    public static func digits(_ count: Int) -> String {
        String((0..<count).map { _ in Character("\(Int.random(in: 0...9))") })
    }

    // MARK: Shipping

    public func ship(_ orderId: String, allocationId: String? = nil, returnAddressId: String? = nil) -> Ship {
        Ship(orderId: orderId, allocationId: allocationId, merchantShopId: merchant, returnAddressId: returnAddressId)
    }

    public func amend(_ orderId: String, _ allocationId: String, number: String, carrier: String = "YTO") -> Amend {
        Amend(orderId: orderId, allocationId: allocationId, merchantShopId: merchant, carrier: carrier, waybillNumber: number)
    }

    // MARK: Warehouses

    /// Somebody in the province, city and district of ``recipient(mergeKey:sealed:)``.
    public static func person(detail: String) -> Recipient {
        Recipient(
            name: "张三", phone: "13711111111", address: Address(country: "CN", province: "广东省", city: "深圳市", district: "南山区", detail: detail)
        )
    }

    /// A channel to a mall at Pinduoduo, with all that the platform needs.
    public func pinduoduoChannel(_ channelId: String, mall: String, ofFactory isFactory: Bool) -> CreateChannel {
        CreateChannel(
            channelId: channelId, merchantShopId: isFactory ? nil : merchant, factoryShopId: isFactory ? factory : nil, name: "拼多多",
            platform: .pinduoduo, platformShopId: mall, contact: ChannelContact(name: "老李", phone: "13900000000"), company: "义乌公司")
    }

    public func pullStatus(_ orderId: String) -> PullStatus {
        PullStatus(orderId: orderId, merchantShopId: merchant)
    }

    public func cancelOutbound(_ orderId: String, _ allocationId: String) -> CancelOutbound {
        CancelOutbound(orderId: orderId, allocationId: allocationId, merchantShopId: merchant)
    }
}
