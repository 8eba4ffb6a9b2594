import Contracts
import HTTP
import JSON
import Testing
import Texts

@testable import Console

/// What `POST /labels` and `POST /print-jobs` take, and how their answers look.
struct LabelRequestTests {
    private func refused(_ body: String, _ read: ([UInt8]) throws(Problem) -> PrintRequest) -> String? {
        do throws(Problem) {
            _ = try read(Array(body.utf8))
            return nil
        } catch { return error.status == 400 && error.code == "invalid" ? error.field : "\(error)" }
    }

    private static func list(_ count: Int) -> String { (0..<count).map { #""o:\#($0)/1""# }.joined(separator: ",") }

    @Test func whatIsWrongIsNamed() {
        for (body, field) in [
            (#"[]"#, "body"), (#"{"#, "body"), (#"{"format":"pdf"}"#, "allocationIds"),
            (#"{"allocationIds":[],"format":"pdf"}"#, "allocationIds"),
            (#"{"allocationIds":["a/1","a/1"],"format":"pdf"}"#, "allocationIds"),
            (#"{"allocationIds":["a/1",7],"format":"pdf"}"#, "allocationIds"),
            (#"{"allocationIds":"a/1","format":"pdf"}"#, "allocationIds"), (#"{"allocationIds":[""],"format":"pdf"}"#, "allocationIds"),
            (#"{"allocationIds":[\#(Self.list(501))],"format":"pdf"}"#, "allocationIds"),
            (#"{"allocationIds":["a/1","b/1"],"format":"svg"}"#, "allocationIds"), (#"{"allocationIds":["a/1"]}"#, "format"),
            (#"{"allocationIds":["a/1"],"format":"png"}"#, "format"), (#"{"allocationIds":["a/1"],"format":"pdf","partial":1}"#, "partial"),
        ] { #expect(refused(body, PrintRequest.labels) == field, "\(body.prefix(80))") }
        #expect(refused(#"{"allocationIds":[\#(Self.list(500))],"format":"pdf","partial":true}"#, PrintRequest.labels) == nil)
        #expect(refused(#"{"allocationIds":[]}"#, PrintRequest.component) == "allocationIds")
        #expect(refused(#"{"allocationIds":["a/1"],"more":1}"#, PrintRequest.component) == nil)
    }

    @Test func aPDFIsShownInABrowsersOwnViewer() throws {
        let request = try PrintRequest(["a/1"], as: .pdf, isPartial: true)
        let response = HTTPResponse.printed(.file([1, 2], leftOut: [LabelRefusal("b/1", .notFound)]), request, wording)
        #expect(response.status == 200 && response.body == [1, 2])
        #expect(response.header("Content-Type") == "application/pdf" && response.header("Cache-Control") == "no-store")
        #expect(
            response.header("Content-Disposition")?.hasPrefix("inline") == true && response.header("X-Content-Type-Options") == "nosniff")
        #expect(response.header("X-Daifa-Left-Out") == "1")
        let policy = try #require(response.header("Content-Security-Policy"))
        #expect(policy.contains("frame-ancestors 'none'") && !policy.contains("default-src") && !policy.contains("object-src"))

        let whole = HTTPResponse.printed(.file([1], leftOut: []), try PrintRequest(["a/1"], as: .svg), wording)
        #expect(whole.header("X-Daifa-Left-Out") == nil && whole.header("Content-Type") == "image/svg+xml")
        #expect(whole.header("Content-Security-Policy")?.contains("default-src 'none'; style-src 'unsafe-inline'") == true)
    }

    @Test func aPlatformsTextIsAJSONText() throws {
        let item = PrintItem(allocationId: "a/1", component: "pinduoduo", documentId: "YT1", content: "{\"a\":\"\\u4e00\"}\n")
        let response = HTTPResponse.printed(.items([item], leftOut: []), try PrintRequest(["a/1"], as: .component), wording)
        let document = try JSONValue.decode(response.body)
        #expect(document["items"]?.array?.first?["content"]?.string == item.content)
        #expect(document["items"]?.array?.first?["documentId"]?.string == "YT1")
    }

    @Test func nothingPrintedIsAProblemWithARowForEach() throws {
        let refusals = [
            LabelRefusal("b/1", .waybillNotObtained), LabelRefusal("c/1", Refusal(.notFound, "deleted", field: "recipient")),
            .unanswered("d/1"),
        ]
        let response = HTTPResponse.printed(.refused(refusals), try PrintRequest(["a/1"], as: .pdf), wording)
        let document = try JSONValue.decode(response.body)
        #expect(response.status == 409 && document["code"]?.string == "waybill-not-obtained" && document["status"]?.int == 409)
        let rows = try #require(document["details"]?["rows"]?.array)
        #expect(rows.map { $0["allocationId"]?.string } == ["b/1", "c/1", "d/1"])
        #expect(rows.map { $0["code"]?.string } == ["waybill-not-obtained", "not-found", "unavailable"])
        #expect(rows.map { $0["field"]?.string } == [nil, "recipient", nil] && rows[1]["detail"]?.string == "deleted")
        #expect(rows.allSatisfy { $0["detail"]?.string?.isEmpty == false })
        #expect(HTTPResponse.printed(.problem(.unavailable), try PrintRequest(["a/1"], as: .pdf), wording).header("Retry-After") != nil)
    }

    private let wording: Wording

    init() throws {
        var folder = #filePath.split(separator: "/").dropLast(3).map(String.init)
        folder += ["Shared", "Texts"]
        wording = try Texts.load("/" + folder.joined(separator: "/"))[.zh]
    }
}

extension HTTPResponse {
    fileprivate func header(_ name: String) -> String? { headers.first { $0.name == name }?.value }
}
