import Testing

@testable import Runtime

struct EffectScheduleTests {
    private static func item(_ number: Int, due: Int64 = 0) -> EffectSchedule.Item {
        EffectSchedule.Item(due: due, shard: 0, id: "\(number)", generation: number)
    }

    /// Adds them, all due, for a partner each by the number's last digit.
    private static func schedule(_ numbers: Range<Int>) -> EffectSchedule {
        var schedule = EffectSchedule()
        for number in numbers { schedule.add(item(number, due: Int64(number))) { _ in true } }
        return schedule
    }

    @Test func aPartnerAtItsBoundHoldsUpNobodyElse() {
        var schedule = Self.schedule(0..<1000)
        schedule.arrive(by: 1000) { $0.id.hasSuffix("7") ? "quick" : "slow" }
        var begun: [String: [Int]] = [:]
        while let (item, partner) = schedule.next() { begun[partner, default: []].append(item.generation) }
        #expect(begun["slow"] == Array((0..<20).filter { $0 % 10 != 7 }.prefix(16)))
        #expect(begun["quick"] == (0..<16).map { 10 * $0 + 7 })
        for number in 16..<100 {
            schedule.ended("quick")
            #expect(schedule.next()?.item.generation == 10 * number + 7)
            #expect(schedule.next() == nil)
        }
        schedule.ended("slow")
        #expect(schedule.next()?.item.generation == 18 && schedule.isBusy)
    }

    /// A turn costs what it begins, however much waits.
    @Test(.timeLimit(.minutes(1))) func whatWaitsForASlowPartnerIsNotWalkedAgain() {
        let all = 100_000
        var schedule = Self.schedule(0..<all)
        schedule.arrive(by: all) { _ in "slow" }
        var begun = 0
        while let (item, _) = schedule.next() {
            #expect(item.generation == begun)
            begun += 1
            if begun >= EffectSchedule.concurrency {
                // Turns without room, as between the answers of a slow partner.
                for _ in 0..<3 where schedule.next() != nil { Issue.record("more than the bound is under way") }
                schedule.ended("slow")
            }
        }
        #expect(begun == all && schedule.count == 0)
    }

    @Test func whatWasReplacedIsSweptOut() {
        var schedule = EffectSchedule()
        var generation = 0
        for round in 0..<200 {
            for number in 0..<500 {
                generation += 1
                let oldest = generation - 500
                schedule.add(.init(due: 1_000_000, shard: 0, id: "\(number)", generation: generation)) { $0.generation > oldest }
            }
            #expect(schedule.count <= 2048, "round \(round)")
        }
        // Also what waits for a partner.
        schedule.arrive(by: 1_000_000) { _ in "slow" }
        for number in 0..<5000 {
            generation += 1
            let newest = generation
            schedule.add(.init(due: 2_000_000, shard: 0, id: "\(number)", generation: generation)) { $0.generation == newest }
        }
        #expect(schedule.count <= 1100)
    }

    @Test func nothingIsLeftOnceAllIsForgotten() {
        var schedule = Self.schedule(0..<100)
        schedule.arrive(by: 50) { _ in "slow" }
        _ = schedule.next()
        schedule.removeAll()
        #expect(schedule.count == 0 && schedule.isBusy)
        schedule.ended("slow")
        #expect(!schedule.isBusy && schedule.next() == nil)
    }
}
