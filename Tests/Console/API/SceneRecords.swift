import Contracts
import HTTP
import JSON
import ReadModel
import Threads

/// What the topics hold for a scene: a merchant and a factory, each with one of everything, whose ids and texts all hold one text, which is
/// `only-<merchant>` unless another is given.
struct SceneRecords {
    private(set) var records: [LogRecord] = []
    private var next: [String: Int64] = [:]
    private var time = Timestamp(milliseconds: 1_764_000_000_000)

    /// Merchant m1 with factory f1, and m2 with f2.
    static var twoPairs: [LogRecord] {
        var records = SceneRecords()
        records.pair("m1", "f1")
        records.pair("m2", "f2")
        return records.records
    }

    mutating func pair(_ merchant: String, _ factory: String, text: String? = nil) {
        let raw = text ?? "only-\(merchant)"
        // As it stands in JSON.
        let own = String(decoding: JSONValue.string(raw).json.dropFirst().dropLast(), as: UTF8.self)
        let address = #"{"country":"CN","province":"浙江省","city":"杭州市","district":"西湖区","detail":"\#(own)"}"#
        let sender = #"{"name":"\#(own)","phone":"13800000000","address":\#(address)}"#
        let sealed = #"{"keyId":"k","enc":"SEALED","ciphertext":"SEALED"}"#
        for (shop, role) in [(merchant, "merchant"), (factory, "factory")] {
            let stored =
                #"{"addressId":"x-\#(own)","kind":"return","name":"\#(own)","phone":"\#(own)","address":\#(address),"default":true}"#
            row(
                "participants", shop,
                #"{"shopId":"\#(shop)","role":"\#(role)","name":"\#(own)","shopAlias":"\#(own)","contact":{"name":"\#(own)","phone":"\#(own)"},"sender":\#(sender),"address":\#(address),"addresses":[\#(stored)],"version":1}"#
            )
            row(
                "channels", "c-\(raw)-\(shop)",
                #"{"channelId":"c-\#(own)-\#(shop)","\#(role)ShopId":"\#(shop)","name":"\#(own)","platform":"pinduoduo","state":"created","version":1}"#
            )
        }
        row(
            "bindings", "\(merchant)~\(factory)",
            #"{"merchantShopId":"\#(merchant)","factoryShopId":"\#(factory)","state":"active","shopAlias":"\#(own)","sender":\#(sender),"version":1,"updatedAt":"2026-01-01T00:00:00Z"}"#
        )
        row(
            "rules", "\(merchant)~r-\(raw)",
            #"{"merchantShopId":"\#(merchant)","ruleId":"r-\#(own)","match":{"skus":["\#(own)"]},"target":{"kind":"factory","id":"\#(factory)"},"priority":1,"version":1}"#
        )
        row(
            "warehouses", "w-\(raw)",
            #"{"warehouseId":"w-\#(own)","code":"\#(own)","provider":"jd-fulfillment","merchantShopId":"\#(merchant)","pin":"\#(own)","departmentCode":"d","warehouseCode":"w","messageSubscription":false,"authorizationId":"a-\#(own)","api":"eclp","state":"active","version":1}"#
        )
        row(
            "stock", "w-\(raw)~\(raw)",
            #"{"warehouseId":"w-\#(own)","sku":"\#(own)","good":1,"damaged":0,"asOf":"2026-01-01T00:00:00Z","version":1}"#)
        add(
            "daifa.waybill.events", factory, "daifa.waybill.topped-up.v1",
            #"{"factoryShopId":"\#(factory)","carrier":"ZTO","first":"7777700000","last":"7777700009","count":10}"#)
        add(
            "daifa.shipping.events", "i-\(raw)", "daifa.shipping.inbound-created.v1",
            #"{"inboundId":"i-\#(own)","merchantShopId":"\#(merchant)","warehouseId":"w-\#(own)","partnerNumber":"EPL-\#(own)"}"#)
        add(
            "daifa.authorization.events", "jd-fulfillment:\(raw)", "daifa.authorization.consent-requested.v1",
            #"{"authorizationId":"a-\#(own)","provider":"jd-fulfillment","merchantShopId":"\#(merchant)","authorizeUrl":"https://x/\#(HTTP.PercentEncoding.encode(raw))","state":"\#(own)","expiresAt":"2026-01-01T00:00:00Z","prerequisites":[]}"#
        )
        order(raw, merchant, factory, own, sealed, sender)
    }

    private mutating func order(_ raw: String, _ merchant: String, _ factory: String, _ own: String, _ sealed: String, _ sender: String) {
        let (key, id) = ("o-\(raw)", "o-\(own)")
        let area = #"{"province":"浙江省","city":"杭州市","district":"西湖区"}"#
        add(
            "daifa.orders", key, "daifa.order.placed.v1",
            #"{"orderId":"\#(id)","merchantShopId":"\#(merchant)","platform":"pinduoduo","platformOrderNumber":"N-\#(own)","placedAt":"2026-01-01T00:00:00Z","remark":"\#(own)","lines":[{"lineId":"1","sku":"\#(own)","name":"\#(own)","spec":"\#(own)","quantity":1,"unitPrice":{"amountMinor":1,"currency":"CNY"}}],"recipient":{"province":"浙江省","city":"杭州市","district":"西湖区","sealed":\#(sealed)}}"#
        )
        add(
            "daifa.allocation.events", key, "daifa.allocation.order-registered.v1",
            #"{"orderId":"\#(id)","merchantShopId":"\#(merchant)","platform":"pinduoduo","platformOrderNumber":"N-\#(own)","holds":[]}"#)
        add(
            "daifa.allocation.events", key, "daifa.allocation.allocated.v1",
            #"{"orderId":"\#(id)","allocationId":"\#(id)/1","merchantShopId":"\#(merchant)","shopAlias":"\#(own)","target":{"kind":"factory","id":"\#(factory)"},"lines":[{"lineId":"1","sku":"\#(own)","name":"\#(own)","spec":"\#(own)","quantity":1}],"remark":"\#(own)","area":\#(area),"recipientSealed":\#(sealed),"sender":\#(sender),"allocatedAt":"2026-01-01T00:00:00Z"}"#
        )
        add(
            "daifa.waybill.events", key, "daifa.waybill.opened.v1",
            #"{"orderId":"\#(id)","allocationId":"\#(id)/1","merchantShopId":"\#(merchant)","shopAlias":"\#(own)","factoryShopId":"\#(factory)","lines":[{"lineId":"1","name":"\#(own)","spec":"\#(own)","quantity":1}],"remark":"\#(own)","area":\#(area),"sender":\#(sender)}"#
        )
    }

    /// A dead letter that says this throughout.
    mutating func dead(_ text: String) {
        let own = String(decoding: JSONValue.string(text).json.dropFirst().dropLast(), as: UTF8.self)
        add(
            "daifa.waybill.dead", text, text, #"{"orderId":"\#(own)","note":"\#(own)"}"#,
            [("x-dead-reason", text), ("x-dead-topic", "daifa.waybill.commands"), ("x-dead-partition", "1"), ("x-dead-offset", "9")])
    }

    private mutating func row(_ table: String, _ key: String, _ json: String) { add("daifa.\(table)", key, "daifa.\(table).row.v1", json) }

    private mutating func add(_ topic: String, _ key: String, _ type: String, _ json: String, _ more: [(String, String)] = []) {
        time.milliseconds += 1
        let offset = next[topic] ?? 0
        next[topic] = offset + 1
        let headers = [("ce_id", "e-\(topic)-\(offset)"), ("ce_type", type), ("ce_time", time.description)] + more
        records.append(
            LogRecord(
                topic: topic, partition: 0, offset: offset, time: time, key: Array(key.utf8),
                headers: headers.map { LogRecord.Header($0.0, Array($0.1.utf8)) }, value: Array(json.utf8)))
    }
}
