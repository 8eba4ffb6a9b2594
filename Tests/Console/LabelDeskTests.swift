import Contracts
import Crypto
import Identity
import JSON
import Labels
import ReadModel
import Runtime
import TestSupport
import Testing
import Threads

@testable import Console

/// What a factory gets for a list of its parcels.
struct LabelDeskTests {
    private let scene: LabelScene

    init() throws { scene = try LabelScene() }

    private func print(_ ids: [String], as product: PrintRequest.Product = .pdf, partial: Bool = false, _ desk: LabelDesk) async throws
        -> LabelDesk.Outcome
    {
        try await desk.open(PrintRequest(ids, as: product, isPartial: partial))
    }

    // MARK: Labels

    @Test func aLabelHasTheRecipientAndWhatTheFactoryKnows() async throws {
        let desk = try scene.desk()
        defer { scene.end() }
        scene.know("pdd:240101-77/1") { $0.sender = RawJSON(bytes: Cast.sender.json) }
        let file = try #require(try await print(["pdd:240101-77/1"], desk).file)
        let printed = try PrintedLabels(file.bytes)
        #expect(printed.pages.count == 1 && printed.codes == [LabelScene.number] && file.leftOut.isEmpty)
        for text in [
            "收件人张三", "13711112222", "广东省深圳市南山区科技园", "栋2单元", "小店", "仓库小王", "13800000000", "杯子", "红色", "×2", "快点", "顺丰速运", "240101-77",
        ] { #expect(printed.pages[0].contains(text), "\(text)") }
        #expect(!printed.pages[0].contains("pdd:") && !printed.pages[0].contains("1/1"))
    }

    @Test func labelsComeInTheOrderAskedAndSayTheirPlace() async throws {
        let desk = try scene.desk()
        defer { scene.end() }
        let ids = ["o:3/1", "o:1/1", "o:2/2"].map { scene.know($0) }
        let printed = try PrintedLabels(try #require(try await print(ids, desk).file).bytes)
        try #require(printed.pages.count == 3)
        for (page, (place, number)) in zip(printed.pages, [("1/3", "3"), ("2/3", "1"), ("3/3", "2/2")]) {
            #expect(page.hasSuffix("\(number)\(place)"), "\(page)")
        }
    }

    @Test func anSVGIsOneLabel() async throws {
        let desk = try scene.desk()
        defer { scene.end() }
        scene.know("o:1/1")
        let bytes = try #require(try await print(["o:1/1"], as: .svg, desk).file).bytes
        #expect(String(decoding: bytes.prefix(200), as: UTF8.self).contains("<svg"))
    }

    @Test func aRepeatedJobIsOpenedAnewWithAnotherKey() async throws {
        let desk = try scene.desk()
        defer { scene.end() }
        let ids = ["o:1/1", "o:2/1"].map { scene.know($0) }
        for _ in 1...2 { #expect(try await print(ids, desk).file != nil) }
        let jobs = try scene.commands.map { try $0.map { try OpenLabel.decode($0.body) } }
        try #require(jobs.map(\.count) == [2, 2], "one submission for each job")
        #expect(Set(jobs.map { Set($0.map(\.publicKey)) }).count == 2 && jobs.allSatisfy { Set($0.map(\.publicKey)).count == 1 })
        #expect(Set(jobs.flatMap { $0 }.map(\.jobId)).count == 2)
        #expect(Set(scene.commands.flatMap { $0 }.map(\.envelope.id)).count == 4, "a copy of a command opens nothing")
    }

    @Test func theConsoleAsksForAPerson() async throws {
        let desk = try scene.desk()
        defer { scene.end() }
        scene.know("o:1/1")
        #expect(try await print(["o:1/1"], desk).file != nil)
        let command = try #require(scene.commands.first?.first)
        #expect(command.key == "o:1" && command.envelope.actor == Actor(.service, "console") && command.envelope.user == "user-7")
        #expect(scene.opened.map(\.allocationIds) == [["o:1/1"]])
        let told = try #require(scene.opened.first)
        #expect(told.shopId == LabelScene.factory && told.userId == "user-7")
        #expect(told.jobId == (try OpenLabel.decode(command.body)).jobId)
    }

    // MARK: Refused before anything is opened

    @Test func whatCannotBePrintedIsNotOpened() async throws {
        let desk = try scene.desk()
        defer { scene.end() }
        scene.know("o:1/1")
        scene.know("o:other/1", factory: "F2")
        scene.know("o:void/1") { $0.state = .voided }
        scene.know("o:bare/1") { $0.waybillNumber = nil }
        scene.know("pdd-fds:mall:1/1")
        let refused: [(String, PrintRequest.Product, Int, String)] = [
            ("o:none/1", .pdf, 404, "not-found"), ("o:other/1", .pdf, 404, "not-found"), ("o:void/1", .pdf, 409, "not-allocated"),
            ("o:bare/1", .pdf, 409, "waybill-not-obtained"), ("pdd-fds:mall:1/1", .pdf, 400, "invalid"),
            ("pdd-fds:mall:1/1", .svg, 400, "invalid"), ("o:1/1", .component, 400, "invalid"), ("o:void/1", .component, 400, "invalid"),
        ]
        for (id, product, status, code) in refused where !(id == "o:void/1" && product == .component) {
            let refusals = try await print([id], as: product, desk).refusals
            #expect(refusals.map(\.allocationId) == [id] && refusals.map(\.status) == [status] && refusals.map(\.code) == [code], "\(id)")
        }
        // One is enough for nothing to be printed; the first one's code counts.
        let refusals = try await print(["o:1/1", "o:void/1", "o:none/1"], desk).refusals
        #expect(refusals.map(\.code) == ["not-allocated", "not-found"])
        #expect(scene.commands.isEmpty && scene.opened.isEmpty)
    }

    @Test func whatIsOnlyPartlyPrintableIsPrintedInPartWhenAsked() async throws {
        let desk = try scene.desk()
        defer { scene.end() }
        scene.know("o:1/1")
        scene.know("o:void/1") { $0.state = .voided }
        scene.know("o:gone/1", .refused(Refusal(.notFound, "deleted", field: "recipient")))
        scene.know("o:odd/1", .contents(Self.contents("o:odd/1", name: "张\u{F0000}")))
        scene.know("o:2/1")
        let ids = ["o:void/1", "o:1/1", "o:gone/1", "o:odd/1", "o:2/1"]
        let file = try #require(try await print(ids, partial: true, desk).file)
        #expect(file.leftOut.map(\.allocationId) == ["o:void/1", "o:gone/1", "o:odd/1"])
        let printed = try PrintedLabels(file.bytes)
        #expect(printed.pages.count == 2 && printed.pages[0].hasSuffix("2/5") && printed.pages[1].hasSuffix("5/5"))
        #expect(scene.opened.map(\.allocationIds) == [["o:1/1", "o:gone/1", "o:odd/1", "o:2/1"]])

        let none = try await print(["o:void/1", "o:gone/1", "o:odd/1"], partial: true, desk).refusals
        #expect(none.map(\.code) == ["not-allocated", "not-found", "invalid"])
        #expect(try await print(["o:void/1"], partial: true, desk).refusals.map(\.code) == ["not-allocated"])
    }

    // MARK: Refused by waybill

    @Test func waybillsRefusalsAreTold() async throws {
        let desk = try scene.desk()
        defer { scene.end() }
        let refusals: [(Refusal, Int, String, String?)] = [
            (Refusal(.notFound, "deleted", field: "recipient"), 404, "not-found", "recipient"),
            (Refusal(.notAllocated, "taken back"), 409, "not-allocated", nil),
            (Refusal(.waybillNotObtained, "no number"), 409, "waybill-not-obtained", nil),
            (Refusal(.partnerRejected, "no"), 409, "partner-rejected", nil),
            // That the console is not believed is none of the factory's faults.
            (Refusal(.unauthorized, "who?"), 503, "unavailable", nil),
        ]
        for (refusal, status, code, field) in refusals {
            scene.know("o:1/1")
            scene.know("o:2/1", .refused(refusal))
            let outcome = try await print(["o:1/1", "o:2/1"], desk)
            #expect(outcome.file == nil && outcome.refusals.map(\.allocationId) == ["o:2/1"])
            let first = try #require(outcome.refusals.first)
            #expect(first.status == status && first.code == code && first.field == field, "\(refusal)")
        }
    }

    @Test func noAnswerInTimeIsUnavailable() async throws {
        let desk = try scene.desk(patience: 0)
        defer { scene.end() }
        scene.know("o:1/1")
        scene.know("o:2/1", .silent)
        let refusals = try await print(["o:1/1", "o:2/1"], desk).refusals
        #expect(refusals.map(\.allocationId) == ["o:2/1"] && refusals.map(\.code) == ["unavailable"] && refusals.map(\.status) == [503])
        #expect(try await print(["o:1/1", "o:2/1"], partial: true, desk).file?.leftOut.map(\.allocationId) == ["o:2/1"])
    }

    /// An id is its sender's choice: what is sealed for another job, or said to somebody else, is no answer.
    @Test func onlyAnswersToThisJobCount() async throws {
        let desk = try scene.desk(patience: 0)
        defer { scene.end() }
        let contents = Self.contents("o:1/1")
        let stranger = Actor(.factory, "F1")
        scene.know("o:1/1", .strange { open, sent in LabelScene.opened(open, sent.id, contents, behalf: stranger) })
        scene.know("o:2/1", .strange { open, sent in LabelScene.opened(open, sent.id, contents, jobId: "another") })
        scene.know("o:3/1", .strange { _, sent in LabelScene.refused(sent.id, Refusal(.notFound, "x"), actor: stranger) })
        let other = Base64.encode(try HPKE.generateKeyPair().publicKey)
        scene.know("o:4/1", .strange { open, sent in LabelScene.opened(open, sent.id, contents, publicKey: other) })
        let refusals = try await print(["o:1/1", "o:2/1", "o:3/1", "o:4/1"], desk).refusals
        #expect(refusals.map(\.code) == Array(repeating: "unavailable", count: 4))
    }

    @Test func aCharacterWithoutGlyphIsNamed() async throws {
        let desk = try scene.desk()
        defer { scene.end() }
        scene.know("o:1/1", .contents(Self.contents("o:1/1", name: "张\u{F0000}三")))
        scene.know("o:2/1") { $0.remark = "\u{F0001}" }
        let refusals = try await print(["o:1/1", "o:2/1"], desk).refusals
        #expect(refusals.map(\.code) == ["invalid", "invalid"] && refusals.map(\.field) == ["recipient", "remark"])
        #expect(refusals.first?.detail?.zh.contains("U+F0000") == true && refusals.first?.detail?.zh.contains("张") == false)
    }

    // MARK: Platforms' e-waybills

    @Test func thePlatformsTextGoesToItsComponentByteForByte() async throws {
        let desk = try scene.desk(missing: [Self.font])
        defer { scene.end() }
        let text = "{\"encryptedData\":\"a\\u00e9/+=\",\n \"ver\": \"11\"}\u{7F}"
        let contents = PlatformLabelContents(platform: "pinduoduo", printData: text, template: "https://t")
        scene.know("pdd-fds:mall:1/1", .contents(contents.json)) { $0.waybillNumber = "YT1" }
        let items = try #require(try await print(["pdd-fds:mall:1/1"], as: .component, desk).items)
        #expect(items == [PrintItem(allocationId: "pdd-fds:mall:1/1", component: "pinduoduo", documentId: "YT1", content: text)])
        #expect(Array(items[0].content.utf8) == Array(text.utf8))
    }

    @Test func anotherPlatformHasNoComponent() async throws {
        let desk = try scene.desk()
        defer { scene.end() }
        scene.know("pdd-fds:mall:1/1", .contents(PlatformLabelContents(platform: "douyin", printData: "{}").json))
        #expect(try await print(["pdd-fds:mall:1/1"], as: .component, desk).refusals.map(\.code) == ["invalid"])
    }

    // MARK: Not at all

    @Test func withoutAKeyOrAFontNobodyIsOpened() async throws {
        scene.know("o:1/1")
        let unsigned = try scene.desk(isSigned: false)
        await #expect(throws: Problem.unavailable) { try await print(["o:1/1"], unsigned) }
        scene.end()
        let bare = try scene.desk(missing: [Self.font])
        await #expect(throws: Problem.unavailable) { try await print(["o:1/1"], bare) }
        scene.end()
        #expect(scene.commands.isEmpty)
        // Rare characters alone are lacking.
        let poor = try scene.desk(missing: [LabelFonts.Missing(family: "HanaMinB", package: "fonts-hanazono", isNeeded: false)])
        defer { scene.end() }
        #expect(try await print(["o:1/1"], poor).file != nil)
    }

    @Test func itTakesSoManyJobsAtATime() async throws {
        let desk = try scene.desk(patience: 0.3, most: 1)
        defer { scene.end() }
        scene.know("o:1/1", .silent)
        let request = try PrintRequest(["o:1/1"], as: .pdf)
        let first = Monitor<LabelDesk.Outcome?>(nil)
        try desk.open(request, of: LabelDesk.clerk) { outcome in first.update { $0 = outcome } }
        #expect(throws: Problem.unavailable) { try desk.open(request, of: LabelDesk.clerk) { _ in } }
        let outcome = try await onThread { first.wait(until: .after(120)) { $0 } }
        #expect(outcome?.refusals.map(\.code) == ["unavailable"])
        scene.know("o:1/1")
        #expect(try await print(["o:1/1"], desk).file != nil, "its place is free again")
    }

    @Test func nothingIsToldWhenKafkaIsAway() async throws {
        let desk = try scene.desk(most: 1)
        defer { scene.end() }
        scene.know("o:1/1")
        scene.kafkaIsAway()
        #expect(try await print(["o:1/1"], desk).problem == .unavailable)
        #expect(scene.opened.isEmpty)
        scene.kafkaIsAway(false)
        #expect(try await print(["o:1/1"], desk).file != nil, "its place is free again")
    }

    @Test func nothingIsPrintedForOthersThanFactoriesOrWithoutAStore() async throws {
        let desk = try scene.desk()
        defer { scene.end() }
        scene.know("o:1/1")
        let merchant = Caller(userId: "u", actor: "merchant:\(LabelScene.factory)", role: .owner)
        await #expect(throws: Problem(.forbidden)) { try await desk.open(PrintRequest(["o:1/1"], as: .pdf), of: merchant) }
        scene.storeIsAway()
        await #expect(throws: Problem.unavailable) { try await print(["o:1/1"], desk) }
    }

    private static let font = LabelFonts.Missing(family: "Noto Sans CJK SC", package: "fonts-noto-cjk", isNeeded: true)

    private static func contents(_ id: String, name: String = "张三") -> [UInt8] {
        LabelContents(recipient: LabelScene.recipient(id, name: name), carrier: "SF", waybillNumber: LabelScene.number).json
    }
}
