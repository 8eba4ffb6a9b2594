import Contracts
import JSON
import Testing

@testable import Partners

@Suite struct PinduoduoMessagesTests {
    private static let confirmed = #"""
        {"id":9223372036854775807,"commandType":"Common","time":1700000000500,"sendTime":1700000000123,"message":{"type":"pdd_trade_TradeConfirmed","mallID":877707,"content":"{\"mall_id\":877707,\"tid\":\"210822-123456789012345\"}"}}
        """#

    /// The signature that github.com/whalesky-labs/pdd-sdk-php has in its tests.
    @Test func theSocketsURL() {
        #expect(
            PinduoduoMessages.socketURL(
                base: "wss://message-api.pinduoduo.com/message", application: .init(clientId: "app", clientSecret: "secret"),
                milliseconds: 1_700_000_000_000)
                == "wss://message-api.pinduoduo.com/message/app/1700000000000/OTgxODMwNDI2NWZiN2NiNzA2NzIxOTI0ZjJlMDMxMjE%3D")
    }

    @Test func heartbeat() {
        #expect(PinduoduoMessages.heartbeat(milliseconds: 1_700_000_000_000) == #"{"commandType":"HeartBeat","time":1700000000000}"#)
    }

    @Test func aMessageAndItsAnswers() throws {
        let frame = try PinduoduoMessages.frame(Self.confirmed)
        #expect(frame.command == .common)
        let message = try #require(frame.message)
        #expect(message.id == Int.max)
        #expect(message.sentAt == 1_700_000_000_123)
        #expect(message.type == "pdd_trade_TradeConfirmed")
        #expect(message.mallId == 877_707)
        #expect(message.orderSn == "210822-123456789012345")
        #expect(message.refundId == nil)
        #expect(message.fdsOrder == nil)
        #expect(
            message.ack(milliseconds: 1_700_000_000_999)
                == #"{"commandType":"Ack","time":1700000000999,"id":9223372036854775807,"sendTime":1700000000123,"type":"pdd_trade_TradeConfirmed","mallID":877707}"#
        )
        #expect(
            message.fail(reason: "later", milliseconds: 1_700_000_000_999)
                == #"{"commandType":"Fail","time":1700000000999,"id":9223372036854775807,"sendTime":1700000000123,"type":"pdd_trade_TradeConfirmed","mallID":877707,"failReason":"later"}"#
        )
    }

    /// 2^53 + 1 has no double.
    @Test func idsKeepAllTheirBits() throws {
        let frame = try PinduoduoMessages.frame(
            #"{"id":9007199254740993,"commandType":"Common","time":1,"sendTime":2,"message":{"type":"t","mallID":3,"content":""}}"#)
        #expect(frame.message?.id == 9_007_199_254_740_993)
        #expect(frame.message?.ack(milliseconds: 4).contains(#""id":9007199254740993,"#) == true)
    }

    @Test func aRefundAndAFactorysOrder() throws {
        let refund = try PinduoduoMessages.frame(
            #"{"id":1,"commandType":"Common","time":1,"sendTime":2,"message":{"type":"pdd_refund_RefundCreated","mallID":3,"content":"{\"mall_id\":3,\"refund_fee\":100,\"bill_type\":1,\"modified\":5,\"refund_id\":77,\"operation\":1,\"tid\":\"210822-1\"}"}}"#
        )
        #expect(refund.message?.refundId == "77")
        #expect(refund.message?.orderSn == "210822-1")
        let factory = try PinduoduoMessages.frame(
            #"{"id":1,"commandType":"Common","time":1,"sendTime":2,"message":{"type":"x","mallID":3,"content":{"mall_mask_id":"m","order_mask_sn":"o"}}}"#
        )
        #expect(factory.message?.fdsOrder == FdsOrderKey(mallMaskId: "m", orderMaskSn: "o"))
    }

    @Test(arguments: ["HeartBeat", "Ack", "Fail"])
    func framesWithoutAMessage(_ command: String) throws {
        let frame = try PinduoduoMessages.frame(#"{"commandType":"\#(command)","time":1700000000000}"#)
        #expect(frame.command.rawValue == command)
        #expect(frame.message == nil)
    }

    /// It would come for ever if it could not be acknowledged.
    @Test(arguments: [#""not json""#, #""""#, "null"])
    func contentThatIsNoJSONCanBeAcknowledged(_ content: String) throws {
        let frame = try PinduoduoMessages.frame(
            #"{"id":5,"commandType":"Common","time":1,"sendTime":2,"message":{"type":"t","mallID":3,"content":\#(content)}}"#)
        #expect(frame.message?.ack(milliseconds: 9).contains(#""id":5"#) == true)
        #expect(frame.message?.orderSn == nil)
    }

    @Test(arguments: [
        "", "hello", "[]", "{}", #"{"commandType":"Other"}"#, #"{"commandType":"Common","time":1,"sendTime":1}"#,
        #"{"id":18446744073709551616,"commandType":"Common","time":1,"message":{"type":"t","mallID":1,"content":""}}"#,
        #"{"id":1,"commandType":"Common","time":1,"message":{"mallID":1}}"#,
    ])
    func whatIsNoFrameIsRefused(_ text: String) {
        #expect(throws: JSONError.self) { try PinduoduoMessages.frame(text) }
    }

    @Test func topics() {
        let topics = PinduoduoTopics(factoryOrders: ["pdd_fds_OrderAssigned"])
        #expect(topics.subject(of: "pdd_trade_TradeRiskChanged") == .order)
        #expect(topics.subject(of: "pdd_refund_RefundClosed") == .afterSale)
        #expect(topics.subject(of: "pdd_fds_OrderAssigned") == .factoryOrder)
        #expect(PinduoduoTopics().subject(of: "pdd_fds_OrderAssigned") == nil)
        #expect(topics.subject(of: "pdd_goods_GoodsOnShelf") == nil)
    }

    @Test func permission() async throws {
        let script = ScriptedGateway(
            #"{"pmc_user_permit_response":{"is_success":true}}"#, #"{"pmc_user_permit_response":{"is_success":false}}"#,
            #"{"pmc_user_get_response":{"number":12}}"#)
        let gateway = script.gateway
        try await gateway.permitMessages(topics: ["a", "b"], token: "t")
        #expect(try script.fields()["topics"] == "a,b")
        let refused = try await partnerError { () throws(PartnerError) in try await gateway.permitMessages(token: "t") }
        #expect(refused.kind == .rejected)
        #expect(try script.fields(1)["topics"] == nil)
        #expect(try await gateway.messageBacklog() == 12)
        #expect(script.sender.remaining == 0)
    }
}
