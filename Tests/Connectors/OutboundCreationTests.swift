import Contracts
import Credentials
import JSON
import PartnerEffects
import Runtime
import StateMachines
import TestSupport
import Testing
import Threads

@testable import Shipping

/// How an outbound order is created at JD, attempt after attempt: what an attempt leaves is told to the next one.
struct OutboundCreationTests {
    private static let add = "jingdong.eclp.order.addOrder"
    private static let stock = "jingdong.eclp.stock.queryStock"
    private static let list = "jingdong.eclp.order.queryOrderList"
    private static let added = #"{"jingdong_eclp_order_addOrder_responce":{"code":"0","eclpSoNo":"ESL1"}}"#
    private static let refused = #"{"error_response":{"code":"60","zh_desc":"参数","en_desc":"parameter"}}"#

    private static func found(_ numbers: String...) -> String {
        let rows = numbers.map { #"{"eclpSoNo":"\#($0)","isvUUID":"O-1_1","currentStatus":"10010"}"# }.joined(separator: ",")
        return #"{"jingdong_eclp_order_queryOrderList_responce":{"code":"0","queryordervmi_result":[\#(rows)]}}"#
    }

    private let scene: ConnectorScene
    private var partner: ScriptedPartner { scene.partner }

    init() throws {
        scene = try ConnectorScene(.shipping)
        try scene.warehouse("W-1")
        scene.partner.on(Self.add, Self.added)
        scene.partner.on(Self.list, Self.found())
    }

    private func creation(isWanted: Bool = true) throws -> OutboundCreation {
        var effect = OutboundCreation()
        effect.orderId = "O-1"
        effect.number = 1
        effect.warehouseId = "W-1"
        effect.lines = [CountedLine(sku: "TEA-500", quantity: 2)]
        effect.isWanted = isWanted
        effect.since = scene.clocks.now
        effect.recipientSealed = Verbatim(
            try scene.environment.vault.seal(
                Cast.person(detail: "科技园1号").json, for: .shipping, .recipient, info: SealInfo.recipientForShipping,
                aad: effect.allocationId))
        return effect
    }

    /// Goes on until there is an answer; gives also the pauses before each next attempt, in seconds.
    private func run(_ effect: OutboundCreation, mayHaveRun: Bool) async throws -> (OutboundCreation.Outcome, pauses: [Double?]) {
        let calls = OutboundCalls(access: WarehouseAccess(scene.environment))
        var attempt = EffectAttempt.attempt(mayHaveRun: mayHaveRun)
        var pauses: [Double?] = []
        while true {
            let performed = await calls.create(effect, attempt)
            if let answer = performed.answer { return (answer, pauses) }
            let retry = try #require(performed.retry)
            pauses.append(retry.after)
            try #require(pauses.count < 20, "it comes to no end: \(retry)")
            attempt = .attempt(mayHaveRun: attempt.mayHaveRun || retry.mayHaveRun, asked: retry.asked)
        }
    }

    private func count(_ operation: String) -> Int { partner.calls(operation).count }

    @Test func aFirstAttemptAsksNothing() async throws {
        let (outcome, pauses) = try await run(creation(), mayHaveRun: false)
        #expect(outcome == .created(partnerNumber: "ESL1", carrier: "JD") && pauses.isEmpty)
        #expect(count(Self.list) == 0 && count(Self.add) == 1)
    }

    @Test func whatAnEarlierAttemptMayHaveDoneIsAskedForInSteps() async throws {
        let (outcome, pauses) = try await run(creation(), mayHaveRun: true)
        #expect(outcome == .created(partnerNumber: "ESL1", carrier: "JD"))
        #expect(pauses == [1, 3, 9] && count(Self.list) == 3 && count(Self.add) == 1)
    }

    @Test(arguments: [1, 2, 3]) func whatItHasDoneIsTakenOver(at question: Int) async throws {
        for _ in 1..<question { partner.next(Self.list, .json(Self.found())) }
        partner.next(Self.list, .json(Self.found("ESL7")))
        let (outcome, pauses) = try await run(creation(), mayHaveRun: true)
        #expect(outcome == .created(partnerNumber: "ESL7", carrier: "JD"))
        #expect(pauses.count == question && count(Self.add) == 0)
    }

    @Test func aLostAnswerBeginsTheQuestionsAnewAQuestionWithoutAnAnswerIsPutAgain() async throws {
        partner.next(Self.add, .lost)
        partner.next(Self.list, .json(Self.found()), .broken)
        let (outcome, pauses) = try await run(creation(), mayHaveRun: false)
        #expect(outcome == .created(partnerNumber: "ESL1", carrier: "JD"))
        #expect(pauses == [1, 3, nil, 9] && count(Self.list) == 4 && count(Self.add) == 2)
    }

    @Test func aRefusalAfterALostAnswerIsNotBelievedBeforeThePartnerWasAskedAgain() async throws {
        partner.on(Self.add, Self.refused)
        partner.next(Self.list, .json(Self.found()), .json(Self.found()), .json(Self.found()), .json(Self.found("ESL9")))
        let (outcome, pauses) = try await run(creation(), mayHaveRun: true)
        #expect(outcome == .created(partnerNumber: "ESL9", carrier: "JD") && pauses == [1, 3, 9, 1] && count(Self.add) == 1)
    }

    @Test func aRefusalThatStaysIsOne() async throws {
        partner.on(Self.add, Self.refused)
        let (outcome, pauses) = try await run(creation(), mayHaveRun: true)
        guard case .rejected(let refusal) = outcome else {
            Issue.record("\(outcome)")
            return
        }
        #expect(refusal.code == "60" && pauses == [1, 3, 9, 1, 3, 9] && count(Self.add) == 2)
    }

    /// Nobody can be asked any more: only what surely was not sent is released.
    @Test func underAClosedWarehouseWhatMayHaveBeenSentIsUnknown() async throws {
        try scene.warehouse("W-1", state: .closed)
        #expect(try await run(creation(), mayHaveRun: false).0 == .closed)
        #expect(try await run(creation(), mayHaveRun: true).0 == .unknown)
        #expect(try await run(creation(isWanted: false), mayHaveRun: false).0 == .unknown)
        var awaited = try creation()
        awaited.recipientSealed = nil
        #expect(try await run(awaited, mayHaveRun: true).0 == .closed)
        let inbound = InboundCalls(access: WarehouseAccess(scene.environment))
        var effect = InboundCreation()
        effect.inboundId = "I-1"
        effect.warehouseId = "W-1"
        #expect(await inbound.create(effect, .attempt()).answer == .closed)
        #expect(await inbound.create(effect, .attempt(mayHaveRun: true)).answer == .unknown)
        effect.mayExist = true
        #expect(await inbound.create(effect, .attempt()).answer == .unknown)
        #expect(partner.calls(Self.add).isEmpty)
    }

    /// The machine's pauses are longer than those between attempts, and come to an end.
    @Test func aPollIsGivenUpAfterSomeAttemptsAndAPullIsNot() async throws {
        try scene.warehouse("W-1", state: .suspended)
        let calls = OutboundCalls(access: WarehouseAccess(scene.environment))
        var query = OutboundQuery()
        query.orderId = "O-1"
        query.number = 1
        query.warehouseId = "W-1"
        #expect(await calls.query(query, .attempt(3)).retry?.reason == "suspended")
        #expect(await calls.query(query, .attempt(4)).answer == .unanswered)
        query.purpose = .pull
        #expect(await calls.query(query, .attempt(100)).retry?.reason == "suspended")
    }

    /// JD finds orders within half a day around a moment: the longer ago it may have been made, the more moments are asked about.
    @Test func whatMayHaveBeenMadeDaysAgoIsLookedForOnEachDay() async throws {
        let effect = try creation()
        scene.clocks.pass(2 * 86_400)
        _ = try await run(effect, mayHaveRun: true)
        #expect(count(Self.list) == 3 * 3 && count(Self.add) == 1)
    }

    /// A minute behind the clock that the call is given: JD refuses a time ahead of its own.
    @Test func aCallIsSignedAtTheGivenTime() async throws {
        _ = try await run(creation(), mayHaveRun: false)
        scene.clocks.pass(3600)
        _ = try await run(creation(), mayHaveRun: false)
        let times = partner.calls(Self.add).map { $0.fields["timestamp"] }
        #expect(times == ["2023-11-15 06:12:20", "2023-11-15 07:12:20"])
    }

    @Test func stockIsAsOfTheTimeItWasAskedFor() async throws {
        partner.on(Self.stock, #"{"jingdong_eclp_stock_queryStock_responce":{"code":"0","querystock_result":[]}}"#)
        var query = StockQuery()
        query.warehouseId = "W-1"
        query.skus = ["TEA-500"]
        scene.clocks.pass(60)
        guard case .levels(_, let asOf)? = await InboundCalls(access: WarehouseAccess(scene.environment)).stock(query).answer else {
            Issue.record("no levels")
            return
        }
        #expect(asOf == scene.clocks.now)
    }

    @Test func whatIsToBeCancelledIsOnlyLookedFor() async throws {
        let (outcome, _) = try await run(creation(isWanted: false), mayHaveRun: false)
        #expect(outcome == .absent && count(Self.list) == 3 && count(Self.add) == 0)
    }
}
