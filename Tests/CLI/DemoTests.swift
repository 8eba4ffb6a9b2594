import Contracts
import Glibc
import JSON
import Kafka
import Partners
import Testing
import Threads

@testable import CLI

@Suite struct DemoPlanTests {
    private func plan(_ seed: UInt64, _ orders: Int) throws -> (DemoScenario, [DemoScenario.Export], DemoPlan) {
        let scenario = DemoScenario(seed: seed, orders: orders)
        let exports = try scenario.exports()
        return (scenario, exports, DemoPlan(scenario, exports))
    }

    @Test func theSameSeedGivesTheSamePlan() throws {
        let (scenario, exports, first) = try plan(3, 300)
        let again = try plan(3, 300)
        #expect(exports.map(\.bytes) == again.1.map(\.bytes))
        #expect(first.orders.map(\.orderId) == again.2.orders.map(\.orderId) && first.orders.map(\.fate) == again.2.orders.map(\.fate))
        #expect(DemoNumbers(first, run: scenario.run).own(0) == DemoNumbers(again.2, run: scenario.run).own(0))
        let other = try plan(4, 300)
        #expect(Set(first.orders.map(\.orderId)).isDisjoint(with: other.2.orders.map(\.orderId)))
    }

    @Test(arguments: [1, 2, 3]) func aPlanOfTwoThousandHasEveryFate(_ seed: UInt64) throws {
        let (scenario, exports, plan) = try plan(seed, 2000)
        #expect(exports.reduce(0) { $0 + $1.result.records } == 2000)
        #expect(Set(plan.orders.map(\.orderId)).count == plan.orders.count)
        let fates: [DemoPlan.Fate] = [
            .held(.risk), .held(.afterSale), .shipped, .reallocated(to: 0), .takenBack(.merchant, afterReturn: false),
            .takenBack(.afterSale, afterReturn: false), .takenBack(.afterSale, afterReturn: true), .takenBack(.risk, afterReturn: false),
            .takenBack(.risk, afterReturn: true),
        ]
        for fate in fates { #expect(plan.orders.contains { $0.fate == fate }) }
        for number in [DemoPlan.Number.pool, .emptyPool, .own, .ownWithExtra, .invalid] {
            #expect(plan.orders.contains { $0.number == number && $0.isReturned })
        }
        #expect(plan.orders.contains { $0.byRule } && plan.orders.contains(where: \.isSingle))
        for order in plan.orders {
            let bound = scenario.merchants[order.merchant].bound
            #expect(bound.contains(order.factory) && bound.contains(order.lastFactory))
        }
    }

    @Test func mergedParcelsGoToOneDoorAndUsedNumbersToAnother() throws {
        let (_, _, plan) = try plan(1, 2000)
        var (merged, used) = (0, 0)
        for order in plan.orders {
            switch order.number {
            case .merged(let index):
                let other = plan.orders[index]
                #expect(other.number == .own && other.isShipped && other.row.recipient == order.row.recipient)
                #expect(other.merchant == order.merchant && other.lastFactory == order.lastFactory)
                merged += 1
            case .used(let index):
                let other = plan.orders[index]
                #expect(other.number == .own && other.isReturned && other.row.recipient != order.row.recipient)
                used += 1
            default: break
            }
        }
        #expect(merged > 0 && used > 0)
    }

    @Test func numbersAreTheCarriersAndUnique() throws {
        let (scenario, _, plan) = try plan(1, 500)
        let numbers = DemoNumbers(plan, run: scenario.run)
        let all = plan.orders.indices.flatMap { [numbers.own($0), numbers.extra($0)] }
        #expect(Set(all).count == all.count && all.allSatisfy { $0.hasPrefix("YT") && $0.utf8.count == 15 })
        #expect(numbers.invalid(0).hasSuffix("X"))
        let segment = DemoNumbers.segment(of: scenario.factories[0], count: 10)
        #expect(segment.first.utf8.count == 14 && segment.first < segment.last && segment.last.hasPrefix("73"))
    }

    @Test func idsOfStepsAreUniqueAndKept() throws {
        let (scenario, _, plan) = try plan(1, 200)
        func steps() throws -> [DemoStep] {
            let steps = DemoSteps(scenario: scenario, plan: plan, numbers: DemoNumbers(plan, run: scenario.run), ids: try StableIds())
            return steps.registrations() + steps.returnAddresses() + steps.applications() + steps.decisions() + steps.pools()
                + [steps.needlessApplication(), steps.rule()] + plan.orders.indices.flatMap { [steps.allocate($0), steps.ship($0)] }
        }
        let ids = try steps().map(\.id)
        let again = try steps().map(\.id)
        #expect(Set(ids).count == ids.count && again == ids)
    }
}

@Suite struct DemoWorldTests {
    private func event(_ message: some Contracts.Message, topic: String, key: String = "pdd:1", cause: String = "c") -> Kafka.Message {
        Kafka.Message(
            topic: topic, partition: 0, offset: 0, timestamp: 0, key: Array(key.utf8), value: message.json,
            headers: [Header(EnvelopeHeader.type, type(of: message).type), Header(EnvelopeHeader.causationId, cause)])
    }

    @Test func theFirstAnswerCountsAndOthersOrdersAreIgnored() {
        var world = DemoWorld(keys: ["pdd:1"])
        let shipped = Shipped(
            orderId: "pdd:1", allocationId: "pdd:1/1", merchantShopId: "", carrier: "", waybillNumber: "",
            shippedAt: Timestamp(milliseconds: 0))
        world.take(event(shipped, topic: ServiceName.shipping.events, key: "pdd:2", cause: "other"))
        #expect(world.answers.isEmpty && world.allocations.isEmpty)
        world.take(event(shipped, topic: ServiceName.shipping.events))
        let refused = Refused(commandId: "c", commandType: Ship.type, code: .alreadyShipped, message: "")
        let headers = [Header(EnvelopeHeader.type, Refused.type(of: .shipping)), Header(EnvelopeHeader.causationId, "c")]
        world.take(
            Kafka.Message(
                topic: ServiceName.shipping.events, partition: 0, offset: 1, timestamp: 0, key: Array("pdd:1".utf8), value: refused.json,
                headers: headers))
        #expect(world.answers == ["c": .accepted] && world.allocations["pdd:1/1"]?.isShipped == true)
    }

    @Test func eventsOfSeveralTopicsMayComeInAnyOrder() {
        let line = Line(lineId: "1", sku: "", name: "", spec: "", quantity: 1)
        let allocated = Allocated(
            orderId: "pdd:1", allocationId: "pdd:1/1", merchantShopId: "m", shopAlias: "", target: Target(.factory, "f"), lines: [line],
            remark: "", area: Area(province: "浙江省", city: "杭州市", district: "余杭区"), allocatedAt: Timestamp(milliseconds: 0), ruleId: "r")
        let voided = Voided(orderId: "pdd:1", allocationId: "pdd:1/1", merchantShopId: "", factoryShopId: "", stage: .returned)
        for order in [[0, 1], [1, 0]] {
            var world = DemoWorld(keys: ["pdd:1"])
            for index in order {
                world.take(
                    index == 0
                        ? event(allocated, topic: ServiceName.allocation.events) : event(voided, topic: ServiceName.waybill.events))
            }
            let allocation = world.allocations["pdd:1/1"]
            #expect(allocation?.byRule == true && allocation?.voidedAt == .returned && allocation?.factoryShopId == "f")
            #expect(world.unreadable == 0)
        }
    }

    @Test func deadLettersAreCountedByReason() {
        var world = DemoWorld(keys: ["pdd:1"])
        world.take(
            Kafka.Message(
                topic: ServiceName.allocation.dead, partition: 0, offset: 0, timestamp: 0, key: Array("pdd:1".utf8), value: [0],
                headers: [Header("x-dead-reason", "not-json")]))
        #expect(world.dead == ["not-json": 1])
    }
}

@Suite struct BenchTests {
    @Test func aProcessIsNamedAndMeasured() throws {
        #expect(BenchProcess(argument: "allocation=12") == BenchProcess(name: "allocation", pid: 12))
        for wrong in ["allocation", "=1", "a=b", "a=-1", "a=1=2"] { #expect(BenchProcess(argument: wrong) == nil) }
        let own = BenchProcess(name: "self", pid: getpid())
        let memory = try own.memory()
        #expect(try own.cpuSeconds() > 0 && memory.pss > 1 && memory.peak >= memory.pss / 2)
    }

    @Test func figuresAreOrdersOverTime() {
        var result = BenchResult(orders: 1000)
        #expect(result.ordersPerCPUSecond == nil)
        result.waves = [.init(name: "place", seconds: 1.5, cpuSeconds: 1), .init(name: "ship", seconds: 0.5, cpuSeconds: 1)]
        result.processes = [.init(name: "allocation-1", cpuSeconds: 2, pss: 10, peak: 12.5)]
        #expect(result.ordersPerSecond == 500 && result.ordersPerCPUSecond == 500)
        #expect(result.json["ordersPerCpuSecond"]?.int == 500 && result.text.contains("500 orders/s, 500 orders per CPU second"))
    }
}
