import Contracts
import Testing

@testable import ReadModel

@Suite struct StopSuite {
    private static func log(printed: Bool = true) -> Log {
        var log = Log()
        log.placed("o1")
        log.allocated("o1")
        log.event(
            Obtained(
                orderId: "o1", allocationId: "o1/1", merchantShopId: "m1", factoryShopId: "f1", carrier: "SF", waybillNumber: "SF100"))
        if printed {
            log.event(Printed(orderId: "o1", allocationId: "o1/1", merchantShopId: "m1", factoryShopId: "f1", copies: 1))
        }
        return log
    }

    private static func voided(_ stage: ParcelStage) -> Voided {
        Voided(orderId: "o1", allocationId: "o1/1", merchantShopId: "m1", factoryShopId: "f1", stage: stage)
    }

    private static let readdressed = Readdressed(
        orderId: "o1", allocationId: "o1/1", merchantShopId: "m1", factoryShopId: "f1", stage: .printed, carrier: "SF",
        waybillNumber: "SF100")

    @Test func aParcelThatIsVoidedAfterPrintingMustBeStopped() throws {
        var log = Self.log()
        log.event(Self.voided(.printed))
        let model = try Model(log)
        #expect(try model.model.parcelsToStop(factory: "f1").map(\.allocationId) == ["o1/1"])
        #expect(try model.model.parcelsToStop(factory: "f1").first?.at == log.time)
        #expect(try model.model.parcelsToStop(factory: "f2").isEmpty)
    }

    @Test func oneThatWasNotPrintedNeedNotBe() throws {
        var log = Self.log(printed: false)
        #expect(try Model(log).model.parcelsToStop(factory: "f1").isEmpty)
        log.event(Self.voided(.obtained))
        #expect(try Model(log).model.parcelsToStop(factory: "f1").isEmpty)
    }

    @Test func aReaddressedOneMustBeUntilItIsReturnedAnew() throws {
        var log = Self.log()
        log.event(Self.readdressed)
        #expect(try Model(log).model.parcelsToStop(factory: "f1").count == 1)
        log.returned("o1")
        #expect(try Model(log).model.parcelsToStop(factory: "f1").isEmpty)
    }

    @Test func stoppedAgainIsLater() throws {
        var log = Self.log()
        log.event(Self.readdressed)
        let first = try #require(try Model(log).model.parcelsToStop(factory: "f1").first?.at)
        log.event(Printed(orderId: "o1", allocationId: "o1/1", merchantShopId: "m1", factoryShopId: "f1", copies: 1))
        log.event(Self.readdressed)
        #expect(try #require(try Model(log).model.parcelsToStop(factory: "f1").first?.at) > first)
    }
}
