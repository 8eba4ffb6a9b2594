import Contracts
import JSON
import Testing
import Threads

@testable import Partners

@Suite struct PinduoduoOrderTests {
    static let row = """
        {"order_sn":"240102-123456789012345","order_status":1,"refund_status":1,"after_sales_status":0,"risk_control_status":0,\
        "confirm_status":1,"group_status":1,"confirm_time":"2024-01-02 03:04:05","pay_time":"2024-01-02 03:04:00",\
        "created_time":"2024-01-02 03:03:00","updated_at":"2024-01-02 03:05:00","last_ship_time":"2024-01-04 03:04:05",\
        "province":"浙江省","city":"杭州市","town":"余杭区","address":"~ca~","receiver_name":"~cn~","receiver_phone":"~cp~",\
        "open_address_id":"oa1","remark":"发中通","buyer_memo":"","pay_amount":12.3,"trade_type":0,"stock_out_handle_status":-1,\
        "item_list":[{"goods_id":9007199254740993,"sku_id":2,"outer_id":"SKU-1","outer_goods_id":"G-1","goods_name":"衣服",\
        "goods_spec":"绿色,小","goods_count":2,"goods_price":0.29}],"tracking_number":"","logistics_id":0}
        """

    static func order(_ changes: KeyValuePairs<String, JSONValue?> = [:]) throws -> PinduoduoOrder? {
        guard case .object(let members) = try JSONValue.decode(row) else { return nil }
        let kept = members.filter { member in !changes.contains { $0.key == member.0 } }
        let added = changes.compactMap { name, value in value.map { (name, $0) } }
        return PinduoduoOrder(.object(kept + added))
    }

    @Test func aRow() throws {
        let order = try #require(try Self.order())
        #expect(order.orderSn == "240102-123456789012345")
        #expect(order.confirmedAt?.description == "2024-01-01T19:04:05.000Z")
        #expect(order.placedAt == order.confirmedAt)
        #expect(order.lastShipTime?.milliseconds == 1_704_308_645_000)
        #expect([order.province, order.city, order.district] == ["浙江省", "杭州市", "余杭区"])
        #expect(order.recipient == .init(name: "~cn~", phone: "~cp~", address: "~ca~"))
        #expect(order.openAddressId == "oa1")
        #expect(order.remark == "发中通")
        #expect(order.buyerMemo == nil)
        #expect(order.payAmountFen == 1230)
        #expect(order.trackingNumber == nil)
        let item = try #require(order.items.first)
        #expect(item.goodsId == "9007199254740993")
        #expect(item.sku == "SKU-1")
        #expect(item.goodsSpec == "绿色,小")
        #expect(item.goodsCount == 2)
        #expect(item.goodsPriceFen == 29)
        #expect(order.isPlaceable && !order.isUnderRisk && !order.isCancelled && !order.isShipped && !order.isOnShipHold)
        #expect(order.afterSale == .absent)
    }

    @Test(
        arguments: [
            (.double(0.29), 29), (.double(1.15), 115), (.double(12.3), 1230), (.int(12), 1200), (.double(19.99), 1999),
            (.string("0.29"), 29),
            (.string("12"), 1200), (.double(1e300), nil), (.string("x"), nil), (.null, nil), (.int(.max), nil),
        ] as [(JSONValue, Int?)])
    func yuanBecomeFen(_ yuan: JSONValue, _ fen: Int?) { #expect(yuan.fenOfYuan == fen) }

    @Test(
        arguments: [
            (.string("2024-01-02 03:04:05"), 1_704_135_845_000), (.string("1551612204"), 1_551_612_204_000),
            (.int(1_551_612_204), 1_551_612_204_000),
            (.int(1_577_836_800_000), 1_577_836_800_000), (.int(0), nil), (.string("0"), nil), (.string(""), nil), (.string("now"), nil),
            (.int(.max), nil), (.int(10_000_000_000_000), nil), (.int(-1), nil),
        ] as [(JSONValue, Int?)])
    func timesInThreeForms(_ value: JSONValue, _ milliseconds: Int?) { #expect(value.pinduoduoTime?.milliseconds == milliseconds) }

    @Test func theCodeOfTheGoods() throws {
        func sku(_ item: String) throws -> String? {
            try Self.order(["item_list": try JSONValue.decode("[\(item)]")])?.items.first?.sku
        }
        #expect(try sku(#"{"outer_id":"","outer_goods_id":"G-1","sku_id":2,"goods_count":1}"#) == "G-1")
        #expect(try sku(#"{"outer_id":"","outer_goods_id":"","sku_id":2,"goods_count":"1"}"#) == "2")
        #expect(try sku(#"{"sku_id":2,"goods_count":0}"#) == nil)
    }

    @Test func theNewerNameOfTheAddress() throws {
        #expect(try Self.order(["receiver_address": .string("~ra~")])?.recipient?.address == "~ra~")
    }

    /// While an order is under review the platform empties what names the recipient.
    @Test func underReviewThereIsNoRecipient() throws {
        let order = try #require(
            try Self.order([
                "risk_control_status": .int(1), "receiver_name": .string(""), "receiver_phone": .string(""), "address": .string(""),
            ]))
        #expect(order.isUnderRisk)
        #expect(order.recipient == nil)
        #expect(!order.isPlaceable)
        let partly = try #require(try Self.order(["receiver_phone": .string("")]))
        #expect(partly.recipient == nil && !partly.isPlaceable)
    }

    @Test(
        arguments: [
            ("order_status", 1, true), ("order_status", 2, false), ("order_status", 3, false), ("order_status", 0, false),
            ("confirm_status", 0, false), ("confirm_status", 2, false), ("group_status", 0, false), ("group_status", 2, false),
            ("refund_status", 2, true), ("refund_status", 4, true), ("after_sales_status", 10, true),
        ])
    func placeable(_ name: String, _ value: Int, _ expected: Bool) throws {
        #expect(try Self.order([name: .int(value)])?.isPlaceable == expected)
    }

    @Test func whatIsMissing() throws {
        for name in ["confirm_status", "group_status", "risk_control_status", "refund_status", "after_sales_status"] {
            let order = try #require(try Self.order([name: nil]))
            #expect(order.isPlaceable && !order.isUnderRisk && !order.isCancelled && order.afterSale == .absent)
        }
        for name in ["order_status", "province", "city", "receiver_name", "item_list"] {
            #expect(try Self.order([name: nil])?.isPlaceable == false)
        }
        #expect(try Self.order(["order_sn": .string("")]) == nil)
        #expect(try Self.order(["item_list": try JSONValue.decode(#"[{"goods_name":"x"}]"#)]) == nil)
        let paid = try #require(try Self.order(["confirm_time": .string("")]))
        #expect(paid.placedAt == paid.paidAt)
    }

    @Test(arguments: [(0, false), (1, true), (2, true)])
    func risk(_ status: Int, _ expected: Bool) throws {
        #expect(try Self.order(["risk_control_status": .int(status)])?.isUnderRisk == expected)
    }

    @Test(arguments: [("confirm_status", 1, false), ("confirm_status", 2, true), ("group_status", 2, true), ("group_status", 0, false)])
    func cancelled(_ name: String, _ value: Int, _ expected: Bool) throws {
        #expect(try Self.order([name: .int(value)])?.isCancelled == expected)
    }

    @Test(arguments: [(1, false), (2, true), (3, true)])
    func shipped(_ status: Int, _ expected: Bool) throws {
        #expect(try Self.order(["order_status": .int(status)])?.isShipped == expected)
    }

    @Test func shipHold() throws {
        let tag = try JSONValue.decode(#"[{"name":"ship_hold","value":1},{"name":"no_trace_delivery","value":0}]"#)
        #expect(try Self.order(["order_tag_list": tag])?.isOnShipHold == true)
        let none = try JSONValue.decode(#"[{"name":"ship_hold","value":0},{"name":"other","value":1}]"#)
        #expect(try Self.order(["order_tag_list": none])?.isOnShipHold == false)
    }
}
