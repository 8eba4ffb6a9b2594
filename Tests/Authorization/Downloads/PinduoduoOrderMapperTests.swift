import Contracts
import JSON
import StateMachines
import Testing
import Threads

@testable import Authorization
@testable import Partners

@Suite
struct PinduoduoSightTests {
    static let row = """
        {"order_sn":"240102-123456789012345","order_status":1,"refund_status":1,"after_sales_status":0,"risk_control_status":0,\
        "confirm_status":1,"group_status":1,"confirm_time":"2024-01-02 03:04:05","updated_at":"2024-01-02 03:05:00",\
        "last_ship_time":"2024-01-04 03:04:05","province":"浙江省","city":"杭州市","town":"余杭区","receiver_address":"~ca~",\
        "receiver_name":"~cn~","receiver_phone":"~cp~","open_address_id":"oa1","remark":"发中通","buyer_memo":"call 13800000000",\
        "item_list":[{"goods_id":1,"outer_id":"SKU-1","goods_name":"衣服","goods_spec":"绿色,小","goods_count":2,"goods_price":0.29},\
        {"goods_id":2,"sku_id":77,"goods_name":"袜子","goods_spec":"","goods_count":1,"goods_price":1}]}
        """
    static let factoryRow = """
        {"mall_mask_id":"4956c0af","mall_mask_name":"某店","order_mask_sn":"9f3c","goods_name":"衣服","goods_spec":"绿色","goods_number":3,\
        "out_sku_sn":"SKU-1","product_price":1250,"province":"浙江省","city":"杭州市","district":"余杭区","receiver_id":"r-1",\
        "remark":"快","allow_time":1704135845000,"status":1,"return_status":0,"after_sales_status":0}
        """

    private static func source(awaitsAudit: Bool = false) -> DownloadSource {
        var source = DownloadSource()
        source.channelId = "C-1"
        source.owner = "shop-1"
        source.awaitsAudit = awaitsAudit
        return source
    }

    /// What would be sealed stands where the seal would be.
    static func mapper(awaitsAudit: Bool = false) -> PinduoduoOrderMapper {
        PinduoduoOrderMapper(source(awaitsAudit: awaitsAudit), readAt: Timestamp(milliseconds: 1_704_140_000_000)) { recipient, orderId in
            Sealed(keyId: "k", enc: orderId, ciphertext: String(decoding: recipient.json, as: UTF8.self))
        }
    }

    private static func changed(_ row: String, _ changes: KeyValuePairs<String, JSONValue?>) throws -> JSONValue {
        guard case .object(let members) = try JSONValue.decode(row) else { return .null }
        return .object(
            members.filter { member in !changes.contains { $0.key == member.0 } }
                + changes.compactMap { name, value in value.map { (name, $0) } })
    }

    private static func own(_ changes: KeyValuePairs<String, JSONValue?> = [:], awaitsAudit: Bool = false) throws -> OrderSeen {
        var mapper = mapper(awaitsAudit: awaitsAudit)
        let order = try #require(PinduoduoOrder(try changed(row, changes)))
        let seen = try mapper.see(order)
        return try #require(seen)
    }

    private static func assigned(_ changes: KeyValuePairs<String, JSONValue?> = [:], awaitsAudit: Bool = false) throws -> OrderSeen {
        var mapper = mapper(awaitsAudit: awaitsAudit)
        let order = try #require(FdsOrder(try changed(factoryRow, changes)))
        let seen = mapper.see(order)
        return try #require(seen)
    }

    @Test
    func anOwnOrderAsTheContractHasIt() throws {
        let seen = try Self.own()
        #expect(seen.orderId == "pdd:240102-123456789012345")
        #expect(seen.updatedAt?.description == "2024-01-01T19:05:00.000Z")
        #expect(seen.isUnderRisk == false)
        #expect(seen.afterSale == SeenAfterSale(nil))
        #expect(!seen.isCancelled && seen.isAssigned == nil)
        let placed = try #require(seen.placed)
        #expect(placed.orderId == seen.orderId)
        #expect(placed.merchantShopId == "shop-1")
        #expect(placed.platform == "pinduoduo")
        #expect(placed.platformOrderNumber == "240102-123456789012345")
        #expect(placed.channelId == "C-1")
        #expect(placed.placedAt.description == "2024-01-01T19:04:05.000Z")
        #expect(placed.shipBy?.description == "2024-01-03T19:04:05.000Z")
        // The buyer's own words stay out of it.
        #expect(placed.remark == "发中通")
        #expect(placed.holds == nil && placed.allocatedTo == nil && placed.shopAlias == nil)
        #expect(placed.lines.map(\.lineId) == ["1", "2"])
        #expect(placed.lines.map(\.sku) == ["SKU-1", "77"])
        #expect(placed.lines.map(\.quantity) == [2, 1])
        #expect(placed.lines.map(\.unitPrice?.amountMinor) == [29, 100])
        #expect(placed.recipient.province == "浙江省" && placed.recipient.city == "杭州市" && placed.recipient.district == "余杭区")
        #expect(placed.recipient.mergeKey == "oa1")
        let sealed = try #require(placed.recipient.sealed).value
        #expect(sealed.enc == seen.orderId)
        let plain = try JSONValue.decode(sealed.ciphertext)
        #expect(plain["platform"]?.string == "pinduoduo" && plain["orderSn"]?.string == "240102-123456789012345")
        let texts = ["name", "phone", "address"].map { plain["encrypted"]?[$0]?.string }
        #expect(texts == ["~cn~", "~cp~", "~ca~"])
    }

    @Test
    func withoutTransferToTheAuditItWaitsForAnApproval() throws {
        #expect(try Self.own(awaitsAudit: true).placed?.holds == [.awaitingAudit])
        #expect(try Self.assigned(awaitsAudit: true).placed?.holds == [.awaitingAudit])
    }

    @Test(
        arguments: [
            ["order_status": .int(2)], ["receiver_name": .string("")], ["risk_control_status": .int(1), "receiver_phone": .string("")],
            ["confirm_status": .int(0)], ["group_status": .int(0)], ["item_list": .array([])],
        ] as [[String: JSONValue]])
    func anOrderThatIsNotToBeShippedOrWhoseRecipientIsHiddenIsNotPlaced(changes: [String: JSONValue]) throws {
        guard case .object(let members) = try JSONValue.decode(Self.row) else { return #expect(Bool(false)) }
        let row = JSONValue.object(members.map { ($0.0, changes[$0.0] ?? $0.1) })
        var mapper = Self.mapper()
        let order = try #require(PinduoduoOrder(row))
        let found = try mapper.see(order)
        let seen = try #require(found)
        #expect(seen.placed == nil && seen.recipientMark == nil)
        #expect(seen.isUnderRisk == (changes["risk_control_status"] != nil))
    }

    @Test
    func whatItTellsOfRiskAfterSaleAndCancellationAndWhatItDoesNotTell() throws {
        #expect(try Self.own(["risk_control_status": .int(1)]).isUnderRisk == true)
        #expect(try Self.own(["risk_control_status": nil]).isUnderRisk == nil)
        #expect(try Self.own(["confirm_status": .int(2)]).isCancelled)
        #expect(try Self.own(["group_status": .int(2)]).isCancelled)
        #expect(try Self.own(["refund_status": nil, "after_sales_status": nil]).afterSale == nil)
        let open = try Self.own(["refund_status": .int(2), "after_sales_status": .int(3)]).afterSale
        #expect(open == SeenAfterSale(.open, kind: "return-and-refund"))
        #expect(try Self.own(["after_sales_status": .int(11)]).afterSale == SeenAfterSale(.closed))
        #expect(try Self.own(["refund_status": .int(4)]).afterSale == SeenAfterSale(.refunded))
    }

    @Test
    func anotherRecipientHasAnotherMarkTheSameHasTheSame() throws {
        let mark = try Self.own().recipientMark
        #expect(try Self.own(["remark": .string("x"), "receiver_name": .string("~encrypted anew~")]).recipientMark == mark)
        #expect(try Self.own(["open_address_id": .string("oa2")]).recipientMark != mark)
        #expect(try Self.own(["town": .string("西湖区")]).recipientMark != mark)
        // Without the platform's id the ciphertexts tell.
        let unnamed = try Self.own(["open_address_id": nil]).recipientMark
        #expect(unnamed != mark)
        #expect(try Self.own(["open_address_id": nil, "receiver_phone": .string("~other~")]).recipientMark != unnamed)
        #expect(try Self.own(["open_address_id": nil]).placed?.recipient.mergeKey == nil)
    }

    @Test
    func anIdThatIsTooLongForAMergeKeyIsShortenedEqualOnesEqually() throws {
        let long = String(repeating: "a", count: 300)
        let key = try #require(try Self.own(["open_address_id": .string(long)]).placed?.recipient.mergeKey)
        #expect(key.utf8.count == 32)
        #expect(try Self.own(["open_address_id": .string(long)]).placed?.recipient.mergeKey == key)
        #expect(try Self.own(["open_address_id": .string(long + "b")]).placed?.recipient.mergeKey != key)
    }

    @Test
    func aFactoryDropshipOrderComesAllocatedWithMasksAndWithoutARecipient() throws {
        let seen = try Self.assigned()
        #expect(seen.orderId == "pdd-fds:4956c0af:9f3c")
        #expect(seen.isAssigned == true && seen.isUnderRisk == nil && seen.updatedAt == nil)
        let placed = try #require(seen.placed)
        #expect(placed.merchantShopId == "pdd:4956c0af")
        #expect(placed.allocatedTo == "shop-1")
        #expect(placed.shopAlias == "某店")
        #expect(placed.platformOrderNumber == "9f3c")
        #expect(placed.channelId == "C-1")
        #expect(placed.placedAt.milliseconds == 1_704_135_845_000)
        #expect(placed.remark == "快")
        #expect(placed.recipient.sealed == nil)
        #expect(placed.recipient.mergeKey == "r-1")
        let line = try #require(placed.lines.first)
        #expect(line.sku == "SKU-1" && line.quantity == 3 && line.unitPrice == Money(amountMinor: 1250, currency: "CNY"))
    }

    @Test
    func oneThatWasTakenBackOrHasItsNumberIsNotPlaced() throws {
        let back = try Self.assigned(["status": .int(0)])
        #expect(back.isAssigned == false && back.placed == nil)
        let returned = try Self.assigned(["return_status": .int(1)])
        #expect(returned.isAssigned == true && returned.placed == nil)
        #expect(try Self.assigned(["status": .int(7)]).isAssigned == nil)
    }

    @Test
    func itsAfterSalesHaveTheirOwnNumbers() throws {
        // 10 is refunded in the other table.
        #expect(try Self.assigned(["after_sales_status": .int(10)]).afterSale == SeenAfterSale(.open, kind: "return-and-refund"))
        #expect(try Self.assigned(["after_sales_status": .int(5)]).afterSale == SeenAfterSale(.refunded))
        #expect(try Self.assigned(["after_sales_status": .int(6)]).afterSale == SeenAfterSale(.closed))
        #expect(try Self.assigned(["after_sales_status": nil]).afterSale == nil)
    }

    @Test(arguments: [(2, 2, AfterSaleStage.open, "refund"), (10, 3, .refunded, "return-and-refund"), (11, 4, .closed, "exchange")])
    func anAfterSaleOfTheList(status: Int, type: Int, stage: AfterSaleStage, kind: String) throws {
        let row = """
            {"id":778899,"order_sn":"240102-1","after_sales_status":\(status),"after_sales_type":\(type),"updated_time":"2024-01-02 03:05:00"}
            """
        var mapper = Self.mapper()
        let refund = try #require(PinduoduoRefund(try JSONValue.decode(row)))
        let found = mapper.see(refund)
        let seen = try #require(found)
        #expect(seen.orderId == "pdd:240102-1" && seen.afterSaleId == "778899" && seen.stage == stage && seen.kind == kind)
        #expect(seen.updatedAt?.description == "2024-01-01T19:05:00.000Z")
    }

    @Test
    func whatBreaksARuleIsNotPassedOnAndToldWithoutWhatIsInIt() throws {
        var mapper = Self.mapper()
        let secret = String(repeating: "秘", count: 4000)
        let order = try #require(PinduoduoOrder(try Self.changed(Self.row, ["remark": .string(secret), "confirm_status": .int(1)])))
        let found = try mapper.see(order)
        let seen = try #require(found)
        // The order may still be cancelled or held.
        #expect(seen.placed == nil && seen.isUnderRisk == false)
        #expect(mapper.unfit.count == 1)
        #expect(mapper.unfit.first?.reason.contains("remark") == true)
        #expect(mapper.unfit.first?.reason.contains("秘") == false)
        let endless = try Self.changed(Self.row, ["order_sn": .string(String(repeating: "1", count: 300))])
        let unnamed = try mapper.see(try #require(PinduoduoOrder(endless)))
        #expect(unnamed == nil)
    }
}
