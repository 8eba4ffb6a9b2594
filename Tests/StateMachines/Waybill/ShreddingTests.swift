import Contracts
import JSON
import Machines
import StateMachines
import Testing
import Threads

/// How long the recipient of a factory's parcel is kept.
@Suite struct ShreddingTests {
    private static let shippedAt = 1_700_000_100_000

    /// With a number that was returned, and shipped.
    private func shipped() -> WaybillService {
        let service = WaybillService()
        service.allocate("O/1", to: "F")
        service.return("O/1", "F", "SF", sf(0))
        service.simulation.run()
        service.ship("O/1", "F", at: Self.shippedAt)
        return service
    }

    private func text(_ service: WaybillService) -> String {
        String(decoding: service.simulation.state(ParcelMachine.self, "order:O").json, as: UTF8.self)
    }

    private func timers(_ service: WaybillService) -> [(effect: RecipientShredding, due: Timestamp?)] {
        service.simulation.published.compactMap { emission in
            guard case .effect(let effect, let due, _) = emission, let effect = effect as? RecipientShredding else { return nil }
            return (effect, due)
        }
    }

    /// Shipping's host had its clock a year back, or ahead.
    @Test(arguments: [-365, 365]) func anotherHostsClockShredsNothingEarlyAndKeepsNothingForYears(_ days: Int) throws {
        let service = WaybillService()
        service.allocate("O/1", to: "F")
        service.return("O/1", "F", "SF", sf(0))
        service.simulation.run()
        let now = service.simulation.now.milliseconds
        service.ship("O/1", "F", at: now + days * 86_400_000)
        let due = try #require(timers(service).first?.due).milliseconds - Settings.standard.recipientRetention * 1000
        #expect(due >= now && due <= now + 2 * 86_400_000)
    }

    @Test func itGoesSoLongAfterShippingAsTheSettingsSay() {
        let service = shipped()
        let timers = timers(service)
        #expect(timers.map(\.effect) == [RecipientShredding("O", "O/1")])
        #expect(timers.first?.due == Timestamp(milliseconds: Self.shippedAt + Settings.standard.recipientRetention * 1000))
        #expect(Settings.standard.recipientRetention == 30 * 86_400)
        // Told again: nothing new.
        #expect(service.ship("O/1", "F", at: Self.shippedAt + 5).isEmpty)
        #expect(service.parcel("O/1")?.recipientSealed != nil && text(service).contains("ciphertext"))
        #expect(service.shred("O/1").isEmpty)
        #expect(service.parcel("O/1")?.recipientSealed == nil && !text(service).contains("ciphertext"))
    }

    @Test func aLabelCannotBePrintedAnyMoreAndTheRestGoesOn() {
        let service = shipped()
        service.markPrinted("O/1", "F")
        #expect(service.answer() == ["printed"])
        service.shred("O/1")
        service.markPrinted("O/1", "F")
        #expect(service.answer() == ["refused already-shipped"])
        #expect(service.refusal()?.message.contains("recipient was deleted") == true)
        service.claim("O/1", "SF", sf(1))
        service.simulation.run()
        #expect(service.answer() == ["claimed"])
    }

    @Test func nothingBringsItBack() {
        let service = shipped()
        service.shred("O/1")
        let allocated = WaybillService.allocated("O/1", to: "F")
        service.fact(allocated, .allocated(allocated), "O")
        let changed = WaybillService.recipientChanged("O/1", at: "F", city: "杭州市")
        service.fact(changed, .recipientChanged(changed), "O")
        service.ship("O/1", "F", at: Self.shippedAt)
        service.shred("O/1")
        #expect(service.parcel("O/1")?.recipientSealed == nil && !text(service).contains("ciphertext"))
        #expect(service.parcel("O/1")?.area?.city == "杭州市")
    }

    @Test func anotherAllocationOfTheOrderHasItsOwn() {
        let service = shipped()
        service.allocate("O/2", to: "F")
        service.shred("O/1")
        #expect(service.parcel("O/1")?.recipientSealed == nil && service.parcel("O/2")?.recipientSealed != nil)
        // The timer of one that was never shipped does not exist.
        #expect(timers(service).map(\.effect.allocationId) == ["O/1"])
    }

    @Test func itGoesAtOnceWithAnAllocationThatIsTakenBack() {
        let service = WaybillService()
        service.allocate("O/1", to: "F")
        #expect(text(service).contains("ciphertext"))
        service.deallocate("O/1", from: "F")
        #expect(!text(service).contains("ciphertext"))
        #expect(service.ship("O/1", "F").isEmpty && service.shred("O/1").isEmpty)
    }

    @Test func aPlatformsLabelGoesSoLongAfterItsNumberWasReturned() {
        let scene = PlatformScene()
        scene.obtained()
        #expect(scene.parcel?.platform?.label == PlatformScene.label)
        scene.service.return(PlatformScene.allocation, "F", "SF", sf(0))
        scene.service.simulation.run()
        scene.answer(.done)
        let end = scene.service.simulation.now.milliseconds + Settings.standard.recipientRetention * 1000
        #expect(timers(scene.service).map(\.due) == [Timestamp(milliseconds: end)])
        scene.service.shred(PlatformScene.allocation)
        #expect(scene.parcel?.phase == .returned && scene.parcel?.platform?.label == nil)
    }

    /// The news of allocation and of shipping, and the timer, which comes after shipping's; the changes of one recipient in their order.
    @Test func factsInAnyOrderLeadToTheSameState() {
        let allocated = WaybillService.allocated("O/1", to: "F")
        let first = WaybillService.recipientChanged("O/1", at: "F", city: "杭州市")
        let second = WaybillService.recipientChanged("O/1", at: "F", city: "宁波市", mergeKey: "door")
        let shipped = WaybillService.shipped("O/1", from: "F", at: Self.shippedAt)
        let facts: [(message: any Message, input: ParcelMachine.Input, time: Int)] = [
            (allocated, .allocated(allocated), 1), (first, .recipientChanged(first), 2), (second, .recipientChanged(second), 3),
            (shipped, .shipped(shipped), 4), (shipped, .shreds(RecipientShredding("O", "O/1")), 5),
        ]
        var states: [ParcelMachine.State] = []
        for order in permutations(Array(facts.indices)) {
            guard let ship = order.firstIndex(of: 3), let shred = order.firstIndex(of: 4), ship < shred,
                let first = order.firstIndex(of: 1), let second = order.firstIndex(of: 2), first < second
            else { continue }
            let service = WaybillService()
            // Each comes twice.
            for index in order.flatMap({ [$0, $0] }) {
                service.fact(facts[index].message, facts[index].input, "O", time: Timestamp(milliseconds: facts[index].time))
            }
            #expect(service.simulation.faults == [])
            states.append(service.simulation.state(ParcelMachine.self, "order:O"))
        }
        #expect(states.count == 30)
        #expect(states.allSatisfy { $0 == states[0] })
        #expect(states[0].parcels.first?.isShredded == true && states[0].parcels.first?.area?.city == "宁波市")
    }

    private func permutations(_ elements: [Int]) -> [[Int]] {
        if elements.isEmpty { return [[]] }
        return elements.flatMap { first in permutations(elements.filter { $0 != first }).map { [first] + $0 } }
    }
}
