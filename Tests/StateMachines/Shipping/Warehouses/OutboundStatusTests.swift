import Contracts
import JSON
import Testing
import Threads

@testable import StateMachines

struct OutboundStatusTests {
    @Test func aNumberAloneIsNotShipped() throws {
        var scene = OutboundScene()
        try scene.bring(to: "created")
        for code in ["10010", "100130", "10014", "10016", "10018", "10019"] {
            #expect(try scene.report(code) == ["status"], "\(code)")
        }
        let status = try #require(scene.published(OutboundStatus.self).first)
        #expect(status.state == .handedOver && status.partnerCode == "10019" && status.waybillNumber == "JDVA00000000001")
        #expect(status.occurredAt == Timestamp(milliseconds: 500))
        #expect(scene.state.outbound(1)?.stage == .created)
    }

    /// 10020 itself may be missed, and may come after.
    @Test(arguments: ["10020", "10054", "10034", "10035", "10036", "10038"])
    func fromTheDoorOnItIsShippedOnce(_ code: String) throws {
        var scene = OutboundScene()
        try scene.bring(to: "created")
        try scene.report(code, id: "push-1")
        #expect(scene.answers == ["status push-1", "shipped O-1/1/shipped"])
        let shipped = try #require(scene.published(Shipped.self).first)
        #expect(shipped.carrier == "JD" && shipped.waybillNumber == "JDVA00000000001" && shipped.warehouseId == "W-1")
        #expect(shipped.factoryShopId == nil && shipped.platformOrderNumber == "260728-1")
        for again in ["10020", code, "10010"] { #expect(try scene.report(again) == ["ignored"]) }
    }

    @Test func aStateNeverGoesBackwards() throws {
        var scene = OutboundScene()
        try scene.bring(to: "created")
        try scene.report("10018", waybillNumber: nil)
        #expect(try scene.report("10016", waybillNumber: nil) == ["ignored"])
        #expect(scene.published(ReportIgnored.self).map(\.reason) == [.notNewer])
        // A late report may still bring the number.
        #expect(try scene.report("100130") == ["status"])
        let status = try #require(scene.published(OutboundStatus.self).first)
        #expect(status.state == .packed && status.waybillNumber != nil)
    }

    @Test func withoutSubscriptionAPushChangesNothing() throws {
        var scene = OutboundScene(isSubscribed: false)
        try scene.bring(to: "created")
        let state = scene.state
        for code in ["10010", "10020", "10028"] {
            #expect(try scene.report(code) == ["ignored"])
            #expect(scene.published(ReportIgnored.self).map(\.reason) == [.notSubscribed])
        }
        #expect(scene.state == state)
        try scene.pull(id: "pull-1")
        let query = try #require(scene.query(.pull))
        try scene.queried(query, .reading(OutboundScene.reading("10020")))
        #expect(scene.answers == ["status pull-1", "shipped O-1/1/shipped"])
    }

    @Test func anUnknownCodeOrNumberChangesNothing() throws {
        var scene = OutboundScene()
        try scene.bring(to: "created")
        #expect(try scene.report("10050", waybillNumber: nil) == ["ignored"])
        #expect(try scene.report("10020", 7) == ["not-found"])
        #expect(try scene.report("10020", by: Actor(.partner, "somebody")) == ["forbidden"])
    }

    // MARK: Poll

    @Test func aPollIsRepeatedUntilNothingMoreIsExpected() throws {
        var scene = OutboundScene()
        try scene.bring(to: "created")
        for (code, out) in [("10016", ["status", "query-outbound"]), ("10016", ["query-outbound"]), ("10034", ["status", "shipped"])] {
            let poll = try #require(scene.query(.poll))
            #expect(try scene.queried(poll, .reading(OutboundScene.reading(code))) == out, "\(code)")
        }
        #expect(scene.effects.isEmpty)
    }

    @Test func aPollGoesOnWhenThePartnerDoesNot() throws {
        var scene = OutboundScene()
        try scene.bring(to: "created")
        for outcome in [OutboundQuery.Outcome.notSubscribed, .closed, .rejected(PartnerRefusal(reason: "no"))] {
            let poll = try #require(scene.query(.poll))
            #expect(try scene.queried(poll, outcome) == ["query-outbound"])
        }
    }

    @Test func thePauseDoublesUpToADayAndAChangeSetsItBack() throws {
        var scene = OutboundScene()
        try scene.bring(to: "created")
        var pauses: [Int?] = [scene.pause]
        for _ in 0..<9 { try poll(&scene, "10010") }
        func poll(_ scene: inout OutboundScene, _ code: String) throws {
            scene.pass(seconds: scene.pause ?? 0)
            let poll = try #require(scene.query(.poll))
            try scene.queried(poll, .reading(OutboundScene.reading(code, number: nil)))
            pauses.append(scene.pause)
        }
        // The first answer tells of 10010, the others of nothing.
        #expect(pauses == [600, 600, 1200, 2400, 4800, 9600, 19_200, 38_400, 76_800, 86_400])
        try scene.report("10014", waybillNumber: nil)
        #expect(scene.pause == 600)
        try poll(&scene, "10014")
        #expect(scene.pause == 1200)
        try poll(&scene, "10016")
        #expect(scene.pause == 600)
    }

    @Test func polledForThirtyDaysItIsOverdueOnceAndAPullStillWorks() throws {
        var scene = OutboundScene()
        try scene.bring(to: "shipped")
        var overdue: [OutboundOverdue] = []
        var polls = 0
        var seconds = 0
        while let poll = scene.query(.poll), let pause = scene.pause, polls < 1000 {
            scene.pass(seconds: pause)
            seconds += pause
            polls += 1
            try scene.queried(poll, .reading(OutboundScene.reading("10020")))
            overdue += scene.published(OutboundOverdue.self)
        }
        #expect(polls < 45 && abs(seconds - 30 * 86_400) < 60)
        #expect(overdue.map(\.partnerNumber) == ["ESL-1"] && overdue.first?.state == .shipped && overdue.first?.allocationId == "O-1/1")
        #expect(scene.effects.isEmpty)
        // What comes later is heard, and begins no polls.
        try scene.pull(id: "pull-1")
        let pull = try #require(scene.query(.pull))
        try scene.queried(pull, .reading(OutboundScene.reading("10020")))
        #expect(scene.answers == ["status pull-1"])
        #expect(try scene.report("10054") == ["status"])
        #expect(scene.effects.isEmpty)
    }

    @Test func nothingIsPolledWithoutSubscriptionOrUnderAClosedWarehouse() throws {
        var silent = OutboundScene(isSubscribed: false)
        try silent.bring(to: "created")
        #expect(silent.effects.isEmpty)
        var scene = OutboundScene()
        try scene.bring(to: "created")
        scene.put(.closed)
        let poll = try #require(scene.query(.poll))
        #expect(try scene.queried(poll, .closed) == [])
        #expect(scene.effects.isEmpty)
        // Open again, and subscribed: what is heard begins the polls anew.
        scene.put()
        try scene.report("10016")
        #expect(scene.pause == 600)
        silent.put()
        try silent.pull(id: "pull-1")
        let pull = try #require(silent.query(.pull))
        try silent.queried(pull, .reading(OutboundScene.reading("10010", number: nil)))
        #expect(silent.pause == 600)
    }

    @Test func anUnansweredPollPausesLongerAndComesToAnEnd() throws {
        var scene = OutboundScene()
        try scene.bring(to: "created")
        let first = try #require(scene.query(.poll))
        try scene.queried(first, .unanswered)
        #expect(scene.pause == 1200)
        scene.pass(seconds: 31 * 86_400)
        let second = try #require(scene.query(.poll))
        #expect(try scene.queried(second, .unanswered) == ["overdue"])
        #expect(scene.effects.isEmpty)
    }

    @Test func whatIsDeliveredIsPolledNoMore() throws {
        var scene = OutboundScene()
        try scene.bring(to: "created")
        try scene.report("10034")
        #expect(scene.effects.isEmpty)
    }

    /// A query repeats how an earlier cancellation ended: only the answer to this one counts.
    @Test func aPollDoesNotEndACancellation() throws {
        var scene = OutboundScene()
        try scene.bring(to: "cancelling")
        let poll = try #require(scene.query(.poll))
        let names = try scene.queried(poll, .reading(OutboundScene.reading("10029")))
        #expect(!names.contains("cancel-failed"))
        #expect(scene.state.outbound(1)?.cancel != nil)
    }

    // MARK: pull-status

    @Test func eachAllocationAnswersAPullEvenWithNothingNew() throws {
        var scene = OutboundScene()
        for number in 1...2 {
            try scene.allocated(number)
            try scene.resealed(number)
            try scene.sealed(number)
            try scene.created(number)
        }
        try scene.report("10016", 1)
        try scene.pull(id: "pull-1")
        for number in 1...2 {
            let query = try #require(scene.query(.pull, number))
            try scene.queried(query, .reading(OutboundScene.reading("10016")))
            #expect(scene.answers == ["status pull-1"])
            #expect(scene.published(OutboundStatus.self).map(\.allocationId) == ["O-1/\(number)"])
        }
        #expect(scene.state.pulls == nil)
    }

    @Test(arguments: [[true, false], [false, true], [false, false], [true, true]])
    func aPullIsRefusedOnlyWhenNoAllocationHasAnAnswer(_ answers: [Bool]) throws {
        var scene = OutboundScene()
        for number in 1...2 {
            try scene.allocated(number)
            try scene.resealed(number)
            try scene.sealed(number)
            try scene.created(number)
        }
        try scene.pull(id: "pull-1")
        var said: [String] = []
        for (index, isAnswer) in answers.enumerated() {
            let query = try #require(scene.query(.pull, index + 1))
            let outcome = isAnswer ? .reading(OutboundScene.reading("10016")) : OutboundQuery.Outcome.rejected(PartnerRefusal(reason: "no"))
            try scene.queried(query, outcome)
            said += scene.answers
        }
        let count = answers.count { $0 }
        #expect(said == (count == 0 ? ["partner-rejected pull-1"] : Array(repeating: "status pull-1", count: count)))
        #expect(scene.state.pulls == nil)
    }

    @Test func pullsAtTheSameTimeAreAnsweredEach() throws {
        var scene = OutboundScene()
        try scene.bring(to: "created")
        try scene.pull(id: "pull-1")
        try scene.pull(id: "pull-2")
        let queries = scene.pending(OutboundQuery.self).filter { $0.purpose == .pull }
        #expect(queries.count == 2)
        for query in queries {
            try scene.queried(query, .reading(OutboundScene.reading("10020")))
            #expect(scene.answers.first == "status \(query.commandId)")
        }
        // Only the first one ships.
        #expect(scene.answers.count == 1)
    }

    @Test func anAuthorizationThatIsRevokedDuringAPullRefusesIt() throws {
        var scene = OutboundScene()
        try scene.bring(to: "created")
        try scene.pull(id: "pull-1")
        let query = try #require(scene.query(.pull))
        try scene.queried(query, .closed)
        #expect(scene.answers == ["not-authorized pull-1"])
    }

    // MARK: What a push does not say

    @Test func aPushWithoutNumberIsLookedUp() throws {
        var scene = OutboundScene()
        try scene.bring(to: "created")
        #expect(try scene.report("10020", waybillNumber: nil, id: "push-1") == ["query-outbound"])
        let query = try #require(scene.query(.push))
        try scene.queried(query, .reading(OutboundScene.reading("10020")))
        #expect(scene.answers.prefix(2) == ["status push-1", "shipped O-1/1/shipped"])
    }

    /// The partner's answer may be older than its push, or there may be none: what was pushed has happened.
    @Test func aPushThatIsNotConfirmedCounts() throws {
        let outcomes: [OutboundQuery.Outcome] = [
            .reading(OutboundScene.reading("10018", number: nil)), .rejected(PartnerRefusal(reason: "no")), .closed,
        ]
        for outcome in outcomes {
            var scene = OutboundScene()
            try scene.bring(to: "created")
            try scene.report("10034", waybillNumber: nil, id: "push-1")
            try scene.queried(try #require(scene.query(.push)), outcome)
            #expect(scene.answers.first == "status push-1" && scene.answers.allSatisfy { !$0.hasPrefix("shipped") })
            #expect(scene.state.outbound(1)?.state == .delivered && scene.state.outbound(1)?.stage == .created)
            // It has not shipped under any number: the poll goes on until there is one.
            try scene.queried(try #require(scene.query(.poll)), .reading(OutboundScene.reading("10034", number: nil)))
            try scene.queried(try #require(scene.query(.poll)), .reading(OutboundScene.reading("10034")))
            #expect(scene.answers.contains("shipped O-1/1/shipped") && scene.state.outbound(1)?.stage == .shipped)
            #expect(scene.query(.poll) == nil)
        }
    }

    /// Pushed for the whole, before anybody knew that there are parts.
    @Test func aPushOfASplitOrderShipsNoPart() throws {
        var scene = OutboundScene()
        try scene.bring(to: "created")
        try scene.report("10020", waybillNumber: nil, id: "push-1")
        try scene.queried(try #require(scene.query(.push)), .reading(OutboundScene.reading("10018", isSplit: true)))
        #expect(scene.answers.first == "status push-1" && scene.state.outbound(1)?.state == .packed)
        #expect(scene.state.outbound(1)?.stage == .created && scene.state.outbound(1)?.isSplit == true)
        try scene.queried(try #require(scene.query(.poll)), .reading(OutboundScene.reading("10020", isSplit: true)))
        #expect(scene.answers.contains("shipped O-1/1/shipped"))
    }

    /// The whole is reported so, nobody can be asked at once, and only later it is seen that there are parts.
    @Test func partsThatAreFoundLateShipTogether() throws {
        var scene = OutboundScene()
        try scene.bring(to: "created")
        try scene.report("10034", waybillNumber: nil)
        try scene.queried(try #require(scene.query(.push)), .rejected(PartnerRefusal(reason: "no")))
        for code in ["10018", "10018", "10020"] {
            #expect(scene.state.outbound(1)?.stage == .created)
            try scene.queried(try #require(scene.query(.poll)), .reading(OutboundScene.reading(code, isSplit: true)))
        }
        #expect(scene.answers.contains("shipped O-1/1/shipped") && scene.state.outbound(1)?.stage == .shipped)
    }

    @Test func returnsGoToTheMerchantsDefaultAddress() throws {
        var scene = OutboundScene()
        let profile = ParticipantRow(
            shopId: "M-1",
            addresses: [ShipmentScene.address("back-1", .return), ShipmentScene.address("pdd:77", .return, isDefault: true)], version: 0)
        scene.tables.put(profile)
        try scene.bring(to: "created")
        try scene.report("10020")
        #expect(scene.published(Shipped.self).first?.returnAddressId == "pdd:77")
        #expect(scene.state.shippedNumber(1)?.returnAddressId == "pdd:77")
    }

    /// A part that is out of the door is not the whole.
    @Test func aSplitOrderIsLookedUp() throws {
        var scene = OutboundScene()
        try scene.bring(to: "created")
        let poll = try #require(scene.query(.poll))
        try scene.queried(poll, .reading(OutboundScene.reading("10016", isSplit: true)))
        #expect(try scene.report("10020", id: "push-1") == ["query-outbound"])
        let query = try #require(scene.query(.push))
        try scene.queried(query, .reading(OutboundScene.reading("10018", isSplit: true)))
        #expect(scene.answers == ["status push-1"])
        try scene.report("10020", id: "push-2")
        let second = try #require(scene.query(.push))
        try scene.queried(second, .reading(OutboundScene.reading("10018", isSplit: true)))
        #expect(scene.answers == ["ignored push-2"])
        #expect(scene.published(ReportIgnored.self).first?.partnerCode == "10020")
        try scene.report("10020", id: "push-3")
        let third = try #require(scene.query(.push))
        try scene.queried(third, .reading(OutboundScene.reading("10020", isSplit: true)))
        #expect(scene.answers == ["status push-3", "shipped O-1/1/shipped"])
    }
}
