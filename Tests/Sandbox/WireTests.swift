import Foundation
import HTTP
import JSON
import Testing

@testable import Sandbox

@Suite struct WireTests {
    @Test func theVectorOfJOSsSignature() {
        let parameters = [
            ("360buy_param_json", #"{"eclpSoNo":"ESL4398046641940"}"#), ("access_token", "tok"), ("app_key", "ak"),
            ("method", "jingdong.eclp.order.cancelOrder"), ("timestamp", "2024-01-02 03:04:05"), ("v", "2.0"), ("sign", "ignored"),
        ]
        #expect(Signatures.sorted(parameters.map { (name: $0.0, value: $0.1) }, secret: "sec") == "75D9D85645A4F49746A969E7E8C9AA37")
    }

    @Test func theVectorOfPinduoduosSignature() {
        let parameters = [
            ("version", "V1"), ("type", "pdd.fds.role.get"), ("timestamp", "1700000000"), ("data_type", "JSON"), ("client_id", "testid"),
            ("access_token", "tok"),
        ]
        #expect(Signatures.sorted(parameters.map { (name: $0.0, value: $0.1) }, secret: "testsecret") == "3C663F89C5FE7A1F0998B22C132EB91B")
    }

    @Test func theVectorOfJDLsSignatureAndAnAlgorithmThatJDLDoesNotName() {
        func sign(_ algorithm: String) -> String? {
            Signatures.jdl(
                secret: "sec", accessToken: "tok", appKey: "ak", path: "/integratedsupplychain/order/cancel/v1", body: "[{}]",
                timestamp: "2024-01-02 03:04:05", version: "2.0", algorithm: algorithm)
        }
        #expect(sign("md5-salt") == "709789d28c238a0be5f7d14539836995")
        #expect(sign("rot13") == nil)
        let keyed = ["HMacMD5": 24, "HMacSHA1": 28, "HMacSHA256": 44, "HMacSHA512": 88]
        for (algorithm, length) in keyed { #expect(sign(algorithm)?.count == length) }
    }

    @Test func theVectorOfJackyunsSignatureTokenAndContextidAreNotSigned() {
        let parameters = [
            ("appkey", "123"), ("bizcontent", #"{"pageIndex":0,"pageSize":50}"#), ("contenttype", "json"), ("method", "erp.warehouse.get"),
            ("timestamp", "2024-01-02 03:04:05"), ("version", "v1.0"), ("token", "t"), ("contextid", "c"),
        ]
        #expect(Signatures.jackyun(parameters.map { (name: $0.0, value: $0.1) }, secret: "sec") == "d86179768a6dee5603f2a9584816b41d")
    }

    @Test func theVectorOfPinduoduosMessageSocket() {
        let sign = Signatures.messageSocket(clientId: "app", milliseconds: "1700000000000", secret: "secret")
        #expect(FormText.encode(sign) == "OTgxODMwNDI2NWZiN2NiNzA2NzIxOTI0ZjJlMDMxMjE%3D")
    }

    @Test(arguments: [0, 951_782_399_000, 951_868_800_000, 1_709_193_599_000, 4_102_444_800_000])
    func beijingsTimeAsFoundationTellsIt(_ milliseconds: Int) {
        let text = BeijingTime.text(milliseconds)
        #expect(text == RunningSandbox.beijing(Date(timeIntervalSince1970: Double(milliseconds) / 1000)))
        #expect(BeijingTime.milliseconds(text) == milliseconds)
    }

    @Test(arguments: ["", "2024-01-02", "2024-13-02 03:04:05", "2024-01-02T03:04:05", "2024-01-02 24:00:00"])
    func whatIsNoTime(_ text: String) { #expect(BeijingTime.milliseconds(text) == nil) }

    @Test func formsAndAddressesAreReadAsBrowsersWriteThem() {
        let fields = FormText.fields("a=1+2&b=%E4%BB%A3%2B&flag&c=x%3Dy")
        #expect(fields.map(\.name) == ["a", "b", "flag", "c"])
        #expect(fields.map(\.value) == ["1 2", "代+", "", "x=y"])
        let (path, query) = FormText.split(url: "http://127.0.0.1:9600/oauth2/to_login?app_key=a%26b#end")
        #expect(path == "/oauth2/to_login")
        #expect(query.map(\.value) == ["a&b"])
        #expect(FormText.fields(FormText.encode("代 &=%") + "=1").first?.name == "代 &=%")
    }
}
