import Contracts
import JSON
import Testing

@testable import Console

@Suite struct RedactedBodyTests {
    private func shown(_ text: String, type: String? = nil) -> JSONValue { RedactedBody.json(Array(text.utf8), type: type) }

    @Test func idsStayAndPeopleDoNot() {
        let body = shown(
            #"{"shopId":"m1","shopAlias":"张三的店","sender":{"name":"张三","phone":"13800000000","address":{"country":"CN","province":"浙江省","city":"杭州市","district":"西湖区","detail":"文一西路1号"}}}"#,
            type: RegisterMerchant.type)
        #expect(body["shopId"]?.string == "m1" && body["shopAlias"]?.string == "***")
        #expect(body["sender"]?["name"]?.string == "***" && body["sender"]?["phone"]?.string == "***")
        #expect(body["sender"]?["address"]?["province"]?.string == "浙江省" && body["sender"]?["address"]?["detail"]?.string == "***")
    }

    @Test func whatTheTypeDoesNotDeclareIsHidden() {
        let body = shown(
            #"{"shopId":"m1","orderId":"13800000000","extra":{"orderId":"张三","n":13800000000,"list":["a",true,null]}}"#,
            type: RegisterMerchant.type)
        #expect(body["orderId"]?.string == "***", "it is no field of this type")
        #expect(body["extra"]?["orderId"]?.string == "***" && body["extra"]?["n"]?.string == "***")
        #expect(body["extra"]?["list"]?.array?.allSatisfy { $0.string == "***" } == true)
    }

    @Test func aNameThatIsNoFieldsNameIsHiddenToo() {
        let text = String(decoding: shown(#"{"13800000000":1,"张三":{"a":1},"ok":1}"#, type: RegisterMerchant.type).json, as: UTF8.self)
        #expect(text == #"{"***":"***","***":{"a":"***"},"ok":"***"}"#)
    }

    @Test func secretsAndWhatIsSealedAreHidden() {
        let complete = shown(
            #"{"authorizationId":"a1","code":"SECRET","state":"SECRET","redirectUrl":"https://x?code=SECRET"}"#,
            type: "daifa.authorization.complete.v1")
        #expect(complete["authorizationId"]?.string == "a1" && !"\(complete)".contains("SECRET"))
        let placed = shown(
            #"{"orderId":"o1","placedAt":"2026-01-01T00:00:00Z","remark":"打给张三","lines":[{"lineId":"1","sku":"s","name":"n","quantity":2,"unitPrice":{"amountMinor":5,"currency":"CNY"}}],"recipient":{"province":"浙江省","sealed":{"keyId":"k","enc":"SECRET","ciphertext":"SECRET"}}}"#,
            type: OrderPlaced.type)
        #expect(placed["placedAt"]?.string == "2026-01-01T00:00:00Z" && placed["remark"]?.string == "***")
        #expect(placed["lines"]?[0]?["sku"]?.string == "s" && placed["lines"]?[0]?["quantity"]?.int == 2)
        #expect(placed["lines"]?[0]?["unitPrice"]?["amountMinor"]?.int == 5 && !"\(placed)".contains("SECRET"))
    }

    @Test func aTextThatIsNoMemberOfItsEnumerationOrNoTimeIsHidden() {
        let good = shown(#"{"shopId":"m1","addressId":"a","kind":"sender"}"#, type: PutAddress.type)
        #expect(good["kind"]?.string == "sender")
        #expect(shown(#"{"kind":"张三"}"#, type: PutAddress.type)["kind"]?.string == "***")
        #expect(shown(#"{"placedAt":"张三"}"#, type: OrderPlaced.type)["placedAt"]?.string == "***")
        #expect(shown(#"{"shopId":{"name":"张三"}}"#, type: PutAddress.type)["shopId"]?["name"]?.string == "***")
        #expect(shown(#"{"shopId":["张三"]}"#, type: PutAddress.type)["shopId"]?[0]?.string == "***")
    }

    @Test func ofAnUnknownTypeNothingIsShown() {
        let body = shown(#"{"orderId":"o1","n":1}"#, type: "com.example.thing")
        #expect(body["orderId"]?.string == "***" && body["n"]?.string == "***")
        #expect(shown(#""张三""#, type: PutAddress.type).string == "***")
    }

    @Test func ofWhatIsNoJSONTheLengthAloneIsTold() {
        #expect(shown("张三 13800000000", type: PutAddress.type).int == 18)
        #expect(RedactedBody.json([0x7B, 0xFF], type: nil).int == 2 && RedactedBody.json(nil, type: nil).int == 0)
    }

    @Test func anEnvelopeInsideOfTheBodyIsOpened() {
        let body = shown(
            #"{"specversion":"1.0","id":"i","type":"daifa.binding.put-address.v1","authorization":"Bearer SECRET","data":{"shopId":"m1","name":"张三"}}"#
        )
        #expect(body["type"]?.string == PutAddress.type && body["data"]?["shopId"]?.string == "m1")
        #expect(body["data"]?["name"]?.string == "***" && body["authorization"]?.string == "***")
    }
}
