import Contracts
import HTTP
import JSON
import Partners
import Testing
import Threads

@Suite struct ECLPStatusTests {
    private static func answer(_ order: String) -> ScriptedSender.Answer {
        .json(#"{"jingdong_eclp_order_queryOrder_responce":{"code":"0","queryorder_result":\#(order)}}"#)
    }

    @Test func anOrderIsReadInAllItsForms() async throws {
        // The second wraps scalars and elements; the third is one of a list.
        let bare = #"""
            {"eclpSoNo":"ESL1","isvUUID":"k","shipperNo":"CYS0000010","wayBill":"JDVA11408814483-1-1-","currentStatus":"10020","splitFlag":"0",
            "splitEclpSoNos":"","orderStatusList":[{"soStatusCode":"10014","operateTime":"2024-01-02 03:04:05"},
            {"soStatusCode":"10020","operateTime":"2024-01-02 09:00:00"}],"orderPackageList":[{"packageNo":"JDVA11408814483-1-1-"}],
            "orderDetailList":[{"goodsNo":"EMG1","isvGoodsNo":"SKU-A","quantity":"1"},{"goodsNo":"EMG2","quantity":3}]}
            """#
        let wrapped = #"""
            {"eclpSoNo":["ESL1"],"isvUUID":["k"],"shipperNo":["CYS0000010"],"wayBill":["JDVA11408814483-1-1-"],"currentStatus":[10020],
            "splitFlag":null,"orderStatusList":[{"v1":{"soStatusCode":[10014],"operateTime":["2024-01-02 03:04:05"]}},
            {"v1":{"soStatusCode":[10020],"operateTime":["2024-01-02 09:00:00"]}}],"orderPackageList":[{"v1":{"packageNo":["JDVA11408814483-1-1-"]}}],
            "orderDetailList":[{"v1":{"goodsNo":["EMG1"],"isvGoodsNo":["SKU-A"],"quantity":["1"]}},{"v1":{"goodsNo":["EMG2"],"quantity":["3"]}}]}
            """#
        for text in [bare, wrapped, "[\(bare)]", #"{"v1":\#(wrapped)}"#] {
            let fixture = JDFixture(Self.answer(text))
            let report = try await fixture.eclp().outboundStatus("ESL1")
            #expect(report.number == "ESL1" && report.key == "k" && report.code == "10020")
            #expect(report.statuses.map(\.code) == ["10014", "10020"])
            #expect(report.statuses.map(\.at?.milliseconds) == [1_704_135_845_000, 1_704_157_200_000])
            #expect(report.carrier == "JD" && report.waybillNumber == "JDVA11408814483" && report.extraNumbers == [])
            #expect(report.lines.map(\.sku) == ["SKU-A", nil] && report.lines.map(\.goodsNumber) == ["EMG1", "EMG2"])
            #expect(report.lines.map(\.planned) == [1, 3] && report.lines.map(\.actual) == [nil, nil])
            #expect(report.progress?.state == .shipped && report.progress?.at?.milliseconds == 1_704_157_200_000)
            #expect(report.isOutOfTheDoor && !report.isSplit && report.cancellation == nil)
        }
    }

    @Test(
        arguments: [
            ("JDVA11408814483-1-1-", "JDVA11408814483", []), ("JDVA11408814483", "JDVA11408814483", []),
            ("JDVA1-1-2-,JDVA2-2-2-", "JDVA1", ["JDVA2"]), ("JDVA1-1-2-,JDVA1-2-2-", "JDVA1", []), ("JDVA1-1-1-7", "JDVA1", []),
            ("JDX190000000012-1-2", "JDX190000000012", []), ("JDVA1-1-2,JDVA1-2-2,JDVA2-1-1", "JDVA1", ["JDVA2"]),
            ("JDVA1-1-20000", "JDVA1-1-20000", []),
            ("YT-1234567890123", "YT-1234567890123", []), ("A-1", "A-1", []), ("A-1-", "A-1-", []), ("A-x-1-", "A-x-1-", []), ("", nil, []),
        ] as [(String, String?, [String])])
    func theSuffixOfAWaybillNumberIsStripped(_ text: String, _ number: String?, _ extra: [String]) async throws {
        let fixture = JDFixture(Self.answer(#"{"eclpSoNo":"ESL1","currentStatus":"100130","wayBill":"\#(text)"}"#))
        let report = try await fixture.eclp().outboundStatus("ESL1")
        #expect(report.waybillNumber == number && report.extraNumbers == extra)
        // A number is not a parcel on its way.
        #expect(report.progress?.state == .waybillObtained && !report.isOutOfTheDoor)
    }

    @Test func theHighestStateCountsInWhateverOrderTheyCome() async throws {
        let fixture = JDFixture(
            Self.answer(
                #"{"eclpSoNo":"ESL1","currentStatus":"10019","orderStatusList":[{"soStatusCode":"10034","operateTime":"2024-01-03 00:00:00"},{"soStatusCode":"10019","operateTime":"2024-01-02 00:00:00"}]}"#
            ), Self.answer(#"{"eclpSoNo":"ESL1","currentStatus":"10999"}"#),
            Self.answer(#"{"eclpSoNo":"ESL1","orderStatusList":[{"soStatusCode":"10016","operateTime":"gestern"}]}"#))
        let client = fixture.eclp()
        let late = try await client.outboundStatus("ESL1")
        #expect(late.code == "10019" && late.progress?.state == .delivered && late.progress?.code == "10034")
        // A code that nobody knows changes nothing.
        #expect(try await client.outboundStatus("ESL1").progress == nil)
        let untimed = try await client.outboundStatus("ESL1")
        #expect(untimed.code == "10016" && untimed.statuses == [.init(code: "10016", at: nil)])
    }

    private static func part(_ number: String, _ status: String, _ parts: String) -> ScriptedSender.Answer {
        answer(
            #"{"eclpSoNo":"\#(number)","currentStatus":"\#(status)","splitFlag":"1","splitEclpSoNos":\#(parts),"wayBill":"W-\#(number)"}"#)
    }

    @Test(arguments: [("10034", "10017"), ("10017", "10034")])
    func aSplitOrderIsAsFarAsItsSlowestPart(_ first: String, _ second: String) async throws {
        // Parts name their siblings and their whole; every number is asked once.
        let fixture = JDFixture(
            Self.part("ESL1", "10034", #""ESL2,ESL3""#), Self.part("ESL2", first, #"["ESL1","ESL3"]"#),
            Self.part("ESL3", second, #"["ESL1","ESL2"]"#))
        let report = try await fixture.eclp().outboundStatus("ESL1")
        #expect(try fixture.sender.requests.indices.map { try fixture.parameters($0)["eclpSoNo"]?.string } == ["ESL1", "ESL2", "ESL3"])
        #expect(report.isSplit && report.progress?.state == .packed && !report.isOutOfTheDoor)
        #expect(report.children.map(\.number) == ["ESL2", "ESL3"] && report.children.allSatisfy { !$0.isSplit })
    }

    @Test func partsOfPartsAreParcelsAndCancelledOnesAreNone() async throws {
        let fixture = JDFixture(
            Self.part("ESL1", "10014", #"["ESL2","ESL3"]"#), Self.part("ESL2", "10028", "null"),
            Self.part("ESL3", "10014", #"["ESL4","ESL5"]"#), Self.part("ESL4", "10020", "null"), Self.part("ESL5", "10020", "null"))
        let report = try await fixture.eclp().outboundStatus("ESL1")
        #expect(report.parcels.map(\.waybillNumber) == ["W-ESL4", "W-ESL5"] && report.isOutOfTheDoor)
        let cancelled = JDFixture(Self.part("ESL1", "10014", #"["ESL2"]"#), Self.part("ESL2", "10028", "null"))
        #expect(try await cancelled.eclp().outboundStatus("ESL1").parcels.map(\.number) == ["ESL2"])
    }

    @Test func aSplitOrderIsOutWhenEveryPartThatIsNotCancelledIs() async throws {
        let fixture = JDFixture(
            Self.part("ESL1", "10014", #"["ESL2","ESL3"]"#), Self.part("ESL2", "10028", "null"), Self.part("ESL3", "10020", "null"),
            Self.part("ESL1", "10014", #"["ESL2","ESL3"]"#), Self.part("ESL2", "10028", "null"), Self.part("ESL3", "10028", "null"),
            Self.part("ESL1", "10014", #"["ESL2","ESL3"]"#), Self.part("ESL2", "10034", "null"), Self.part("ESL3", "10999", "null"))
        let client = fixture.eclp()
        let out = try await client.outboundStatus("ESL1")
        #expect(out.isOutOfTheDoor && out.progress?.state == .shipped && out.cancellation == nil)
        let cancelled = try await client.outboundStatus("ESL1")
        #expect(cancelled.cancellation == .cancelled && !cancelled.isOutOfTheDoor)
        // A part whose state nobody knows leaves the whole's unknown.
        let unknown = try await client.outboundStatus("ESL1")
        #expect(unknown.progress == nil && !unknown.isOutOfTheDoor)
    }

    @Test func aFlagWithoutNumbersSplitsNothing() async throws {
        let fixture = JDFixture(Self.part("ESL1", "10020", "null"))
        let report = try await fixture.eclp().outboundStatus("ESL1")
        #expect(!report.isSplit && report.isOutOfTheDoor)
    }

    @Test func aPartWithoutAnAnswerLeavesTheWholeWithoutOne() async {
        let fixture = JDFixture(Self.part("ESL1", "10020", #"["ESL2"]"#), .failure(.timeout))
        #expect(await failure { () throws(PartnerError) in try await fixture.eclp().outboundStatus("ESL1") }?.kind == .outcomeOpen)
    }

    @Test func aNumberThatJDDoesNotKnowIsRejected() async {
        for result in ["null", "[]", "{}", #"{"eclpSoNo":null,"currentStatus":null}"#] {
            let fixture = JDFixture(Self.answer(result))
            #expect(await failure { () throws(PartnerError) in try await fixture.eclp().outboundStatus("ESL1") }?.kind == .rejected)
        }
        let fixture = JDFixture(Self.answer(#"{"eclpSoNo":"ESL1"}"#))
        #expect(await failure { () throws(PartnerError) in try await fixture.eclp().outboundStatus("ESL1") }?.kind == .outcomeOpen)
    }

    @Test(arguments: [("10027", .pending), ("10028", .cancelled), ("10029", .failed)] as [(String, JDStatus.Cancellation)])
    func cancellationIsAnAxisOfItsOwn(_ code: String, _ expected: JDStatus.Cancellation) async throws {
        let fixture = JDFixture(
            Self.answer(#"{"eclpSoNo":"ESL1","currentStatus":"\#(code)","orderStatusList":[{"soStatusCode":"10016"}]}"#))
        let report = try await fixture.eclp().outboundStatus("ESL1")
        #expect(report.cancellation == expected && report.progress?.state == .picking)
    }
}
