import Kafka
import Stores
import Testing

@testable import Runtime

/// Which actions follow which inputs, and what holds in any sequence of them.
struct ShardEngineTests {
    private static let identity = StoreIdentity(clusterId: "c", group: "g")
    private static let open = KafkaError(code: .timedOut, operation: "commit")
    private static let fenced = KafkaError(code: .illegalGeneration, operation: "send offsets")

    /// An engine with a consumer; what it says is carried out on a store and a group that answer as they are told.
    private struct Bench {
        var engine = ShardEngine(inputs: ["a", "b"], partitions: 4, identity: ShardEngineTests.identity)
        var now = 100.0
        var said: [String] = []
        var claim = StoreClaim(
            epoch: 1, identity: ShardEngineTests.identity, positions: ["a": 5, "b": 7], marks: ["a": LogMark(offset: 4, fingerprint: 1)],
            highestSequence: 9, publishedThrough: 0)
        /// Shards whose store is locked.
        var locked: Set<Int32> = []
        var committed: [PartitionOffset] = []
        var bounds: (low: Int64, high: Int64) = (0, 100)
        var mark = LogMark(offset: 4, fingerprint: 1)
        var isSettled = true
        var failsAt = ""

        init() {
            step()
            said = []
        }

        private func name(_ action: ShardEngine.Action) -> String { "\(action)".prefix { $0 != "(" }.description }

        mutating func carryOut(_ action: ShardEngine.Action) {
            let name = name(action)
            said.append(name)
            if name == failsAt { return engine.claimFailed(ShardEngineTests.open, leaving: [0, 1, 2, 3]) }
            switch action {
            case .wait(let seconds): now += seconds
            case .settle: _ = engine.settled(isSettled)
            case .claimStores(let numbers):
                let claims = numbers.filter { !locked.contains($0) }.map { ($0, claim) }
                engine.storesClaimed(Dictionary(uniqueKeysWithValues: claims))
            case .prepareProducer: engine.producerReady()
            case .readCommitted: engine.committed(committed)
            case .readMarks(let marks): engine.marksRead(marks.mapValues { _ in mark })
            case .readBounds(let places): engine.boundsRead(Dictionary(uniqueKeysWithValues: places.map { ($0, bounds) }))
            case .confirm: engine.confirmed()
            case .take(let taking): engine.own(taking)
            case .end(let error): said.append("\(error.code): \(error.description)")
            default: break
            }
        }

        /// Carries out all that is to be done before a batch.
        mutating func step() { while let action = engine.next(at: now) { carryOut(action) } }

        mutating func assign(_ numbers: [Int32]) {
            engine.assigned(numbers.flatMap { shard in ["a", "b"].map { TopicPartition(topic: $0, partition: shard) } }, at: now)
            while let action = engine.nextOfClaim(at: now) { carryOut(action) }
            engine.readingBegan()
        }

        mutating func revoke(lost: Bool = false) {
            engine.revoked(lost: lost)
            while let action = engine.nextOfLeaving() { carryOut(action) }
        }

        /// What was said since the last call.
        mutating func take() -> [String] {
            defer { said = [] }
            return said
        }
    }

    private static let claim = ["claimStores", "discard", "prepareProducer", "readCommitted", "readMarks", "readBounds", "take"]

    @Test func aClaimRaisesTheEpochFirstAndLooksAtTheLogsLast() {
        var bench = Bench()
        bench.assign([0, 2])
        #expect(bench.take() == Self.claim + ["take"])
        #expect(Set(bench.engine.owned.keys) == [0, 2] && bench.engine.isComplete)
        bench.step()
        #expect(bench.take().isEmpty, "the assignment was answered with the positions")
    }

    @Test func whatKafkaHasOfTheOutboxCounts() {
        var bench = Bench()
        bench.committed = [PartitionOffset(topic: "a", partition: 0, offset: 5, metadata: "outbox=8")]
        bench.engine.assigned([TopicPartition(topic: "a", partition: 0), TopicPartition(topic: "b", partition: 0)], at: bench.now)
        var taking: ShardEngine.Taking?
        while let action = bench.engine.nextOfClaim(at: bench.now) {
            if case .take(let found) = action { taking = found }
            bench.carryOut(action)
        }
        #expect(taking?.published == 8)
        #expect(taking?.first == [1: 7], "b has no position in the group yet")
        #expect(bench.engine.owned == [0: 8])
    }

    /// Settings of a claim that fails, and what is said to the end.
    @Test(arguments: [
        ("settle", false, ["settle"]), ("prepareProducer", true, ["settle", "claimStores", "prepareProducer", "closeStores"]),
        ("readCommitted", true, ["settle", "claimStores", "prepareProducer", "readCommitted", "closeStores"]),
        ("readMarks", true, ["settle", "claimStores", "prepareProducer", "readCommitted", "readMarks", "closeStores"]),
        ("take", true, ["settle", "claimStores", "prepareProducer", "readCommitted", "readMarks", "readBounds", "take", "closeStores"]),
    ]) func aClaimThatFailsIsTriedAgainAfterAPause(at step: String, fails: Bool, expected: [String]) {
        var bench = Bench()
        bench.locked = [1]
        bench.assign([0, 1])
        #expect(bench.take() == Self.claim && bench.engine.pending == [1])
        bench.locked = []
        bench.step()
        #expect(bench.take().isEmpty, "not before a pause")
        bench.now += ShardEngine.retryInterval
        if fails { bench.failsAt = step } else { bench.isSettled = false }
        bench.step()
        #expect(bench.take() == expected)
        #expect(Set(bench.engine.owned.keys) == [0] && bench.engine.pending == [1])
        bench.failsAt = ""
        bench.isSettled = true
        bench.now += ShardEngine.retryInterval
        bench.step()
        #expect(bench.take().suffix(2) == ["take", "read"])
        #expect(bench.engine.isComplete)
    }

    @Test func aStoreThatDoesNotBelongToTheLogEndsTheProcessBeforeAnythingIsTaken() {
        for spoil in [
            { (bench: inout Bench) in bench.committed = [PartitionOffset(topic: "a", partition: 1, offset: 5, metadata: "outbox=10")] },
            { $0.bounds = (6, 100) }, { $0.mark.fingerprint = 2 }, { $0.claim.identity?.clusterId = "other" },
        ] {
            var bench = Bench()
            spoil(&bench)
            bench.assign([0, 1])
            let said = bench.take()
            #expect(said.last?.hasPrefix("78: the store of shard") == true, "\(said)")
            #expect(!said.contains("take") && bench.engine.owned.isEmpty)
        }
    }

    /// It stood still in the middle of a claim: what it has read of the store is older than what Kafka has by now.
    @Test func aStoreThatWasClaimedByAnotherMeanwhileIsNoMismatch() {
        var bench = Bench()
        bench.committed = [PartitionOffset(topic: "a", partition: 1, offset: 50, metadata: "outbox=10")]
        bench.failsAt = "confirm"
        bench.assign([0, 1])
        #expect(bench.take() == ["claimStores", "discard", "prepareProducer", "readCommitted", "confirm", "closeStores"])
        #expect(bench.engine.owned.isEmpty && bench.engine.pending == [0, 1])
    }

    @Test func aCorruptStoreEndsTheProcess() {
        var bench = Bench()
        bench.engine.assigned([TopicPartition(topic: "a", partition: 0), TopicPartition(topic: "b", partition: 0)], at: bench.now)
        guard case .claimStores = bench.engine.nextOfClaim(at: bench.now) else {
            Issue.record("the epoch comes first")
            return
        }
        bench.engine.storesClaimed([:], failures: [StoreError(kind: .corrupt, message: "damaged")])
        #expect(bench.engine.nextOfClaim(at: bench.now) == .end(.configuration("damaged")))
        for (kind, code) in [(StoreError.Kind.corrupt, Int32(78)), (.mistake, 70)] {
            var bench = Bench()
            bench.assign([0])
            bench.engine.storeFailed(0, StoreError(kind: kind, message: "x"), at: bench.now)
            bench.step()
            #expect(bench.take().last == "\(code): x")
        }
    }

    @Test func aShardWithSomeOfItsInputsIsLeftAlone() {
        var bench = Bench()
        bench.engine.assigned([TopicPartition(topic: "a", partition: 0)], at: bench.now)
        #expect(bench.engine.nextOfClaim(at: bench.now) == nil)
        #expect(bench.engine.incomplete == [0] && !bench.engine.isComplete && bench.engine.isAssigned)
    }

    @Test func aRevokeReturnsWhenNothingIsInFlight() {
        var bench = Bench()
        bench.assign([0, 1])
        _ = bench.take()
        bench.engine.revoked(lost: false)
        #expect(bench.engine.nextOfLeaving() == .settle(within: 5))
        // What is published meanwhile still counts, to be recorded.
        bench.engine.published([0: 9])
        #expect(bench.engine.owned[0] == 9)
        #expect(bench.engine.nextOfLeaving() == .discard)
        #expect(bench.engine.nextOfLeaving() == .recordPublished)
        #expect(bench.engine.nextOfLeaving() == .giveUp)
        #expect(bench.engine.nextOfLeaving() == nil && bench.engine.owned.isEmpty && !bench.engine.isAssigned)
        bench.assign([1])
        _ = bench.take()
        bench.revoke(lost: true)
        #expect(bench.take() == ["discard", "giveUp"], "somebody else has them already")
    }

    @Test func afterAnOpenOutcomeAllIsClaimedAnew() {
        var bench = Bench()
        bench.assign([0, 1])
        _ = bench.take()
        bench.engine.publishFailed(Self.open)
        #expect(bench.engine.owned.isEmpty)
        bench.step()
        #expect(bench.take() == ["letGo", "readNothing"] + Self.claim + ["take", "read"])
    }

    @Test func anOpenOutcomeWithinAClaimEndsIt() {
        var bench = Bench()
        bench.engine.assigned(
            [Int32(0), 1].flatMap { shard in ["a", "b"].map { TopicPartition(topic: $0, partition: shard) } }, at: bench.now)
        while let action = bench.engine.nextOfClaim(at: bench.now) {
            bench.carryOut(action)
            if case .take = action { break }
        }
        #expect(Set(bench.engine.owned.keys) == [0] && bench.engine.pending == [1])
        _ = bench.take()
        // What the first shard's outbox holds does not get through, before the second one is taken.
        bench.engine.publishFailed(Self.open)
        #expect(bench.engine.owned.isEmpty && bench.engine.pending == [0, 1])
        bench.step()
        #expect(bench.take() == ["closeStores", "letGo", "readNothing"] + Self.claim + ["take", "read"])
    }

    @Test func afterFencingByTheGroupTheConsumerIsMadeAnew() {
        var bench = Bench()
        bench.assign([0, 1])
        _ = bench.take()
        bench.engine.publishFailed(Self.fenced)
        bench.step()
        #expect(bench.take() == ["letGo", "closeConsumer", "discard", "giveUp", "makeConsumer"])
        #expect(bench.engine.pending.isEmpty && !bench.engine.isAssigned)
    }

    @Test func aConsumerThatFailedIsMadeAnewAfterAPause() {
        var bench = Bench()
        bench.assign([0])
        _ = bench.take()
        bench.engine.consumerFailed(at: bench.now)
        for expected in [ShardEngine.Action.closeConsumer(leave: false), .discard, .giveUp, .wait(seconds: ShardEngine.retryInterval)] {
            #expect(bench.engine.next(at: bench.now) == expected)
        }
        bench.now += ShardEngine.retryInterval
        #expect(bench.engine.next(at: bench.now) == .makeConsumer)
    }

    @Test func anAssignmentToAConsumerThatIsBeingClosedIsNotTaken() {
        var bench = Bench()
        bench.engine.stop()
        #expect(bench.engine.nextDue() == .settle(within: 5))
        #expect(bench.engine.nextDue() == .discard)
        #expect(bench.engine.nextDue() == .closeConsumer(leave: true))
        bench.assign([0])
        #expect(bench.take().isEmpty && bench.engine.owned.isEmpty)
        #expect(bench.engine.nextDue() == .discard)
        #expect(bench.engine.nextDue() == .giveUp)
        #expect(bench.engine.nextDue() == nil)
    }

    @Test func aRecordThatCannotBePublishedEndsTheProcess() {
        for code in [KafkaError.Code.messageTooLarge, .malformedRecord] {
            var bench = Bench()
            bench.assign([0])
            bench.engine.publishFailed(KafkaError(code: code, operation: "produce"))
            bench.step()
            #expect(bench.take().last?.hasPrefix("78: a stored record cannot be published") == true)
        }
    }

    @Test func aShardWhoseBatchWasNotStoredIsLetGoAloneAndClaimedAgain() {
        var bench = Bench()
        bench.assign([0, 1])
        _ = bench.take()
        bench.engine.storeFailed(1, StoreError(kind: .fenced, message: "x"), at: bench.now)
        bench.step()
        #expect(bench.take() == ["read"])
        #expect(Set(bench.engine.owned.keys) == [0] && bench.engine.pending == [1])
        bench.now += ShardEngine.retryInterval
        bench.step()
        #expect(bench.take() == ["settle", "claimStores", "prepareProducer", "readCommitted", "readMarks", "readBounds", "take", "read"])
    }

    @Test func whatIsPublishedNeverMovesBackwards() {
        var bench = Bench()
        bench.assign([0])
        bench.engine.published([0: 7, 3: 2])
        bench.engine.published([0: 5])
        #expect(bench.engine.owned == [0: 7])
    }

    @Test func batchesFollowAtOncePausedOrAfterALongerPause() {
        var engine = Bench().engine
        for (count, pause) in [(1, 0.015), (99, 0.015), (100, 0.1), (1999, 0.1), (2000, 0)] {
            engine.batchTaken(count, at: 50)
            #expect(abs(engine.pause(at: 50) - pause) < 0.0001)
            #expect(engine.pause(at: 51) == 0)
        }
        #expect(engine.takesIdleTurn(at: 50) && !engine.takesIdleTurn(at: 54.9) && engine.takesIdleTurn(at: 55))
    }

    /// Whatever comes in whatever order: what is owned was claimed under this assignment, is not pending too, and nothing is owned after a
    /// revoke; a claim's actions come in their one order; a revoke waits for what is in flight before it gives up.
    @Test(arguments: Array(0..<200) as [UInt64]) func holdsInAnyOrderOfInputs(seed: UInt64) {
        var random = Numbers(state: seed)
        var bench = Bench()
        for _ in 0..<300 {
            bench.now += Double(random.below(400)) / 1000
            bench.locked = random.below(3) == 0 ? [Int32(random.below(4))] : []
            bench.isSettled = random.below(4) != 0
            bench.failsAt = random.below(4) == 0 ? (Self.claim + ["take"])[random.below(8)] : ""
            if ["claimStores", "discard"].contains(bench.failsAt) { bench.failsAt = "" }
            let isOwner = !bench.engine.owned.isEmpty
            switch random.below(9) {
            case 0:
                // The group takes everything back before it gives.
                if bench.engine.isAssigned { bench.revoke() }
                bench.assign((0..<4).filter { _ in random.below(2) == 0 })
            case 1:
                bench.revoke(lost: random.below(2) == 0)
                #expect(bench.engine.owned.isEmpty && bench.engine.pending.isEmpty && !bench.engine.isAssigned)
                #expect(bench.said.last == "giveUp" && bench.said.suffix(3).contains("discard"))
            case 2: bench.engine.publishFailed(Self.open)
            case 3: bench.engine.publishFailed(Self.fenced)
            case 4: bench.engine.storeFailed(Int32(random.below(4)), StoreError(kind: .unavailable, message: ""), at: bench.now)
            case 5: bench.engine.published([Int32(random.below(4)): Int64(random.below(20))])
            case 6: bench.engine.consumerFailed(at: bench.now)
            default: bench.step()
            }
            let owned = Set(bench.engine.owned.keys)
            #expect(owned.isDisjoint(with: bench.engine.pending))
            #expect(bench.engine.isAssigned || owned.isEmpty)
            let said = bench.take()
            if !isOwner, let taken = said.firstIndex(of: "take") {
                let before = said[..<taken]
                #expect(before.contains("discard") && before.contains("claimStores"), "\(said)")
            }
            let order = said.filter { Self.claim.contains($0) && $0 != "discard" }
            if let first = order.firstIndex(of: "claimStores"), let last = order.lastIndex(of: "take"), first < last {
                #expect(
                    order[first...last].filter { $0 == "prepareProducer" || $0 == "readCommitted" } == ["prepareProducer", "readCommitted"])
            }
        }
    }
}
