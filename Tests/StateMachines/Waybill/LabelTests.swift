import Contracts
import JSON
import Machines
import StateMachines
import Testing
import Threads

/// What the console is given for a label (contract, section 6).
@Suite struct LabelTests {
    private func withNumber() -> WaybillService {
        let service = WaybillService()
        service.topUp("F", "SF", sf(0), sf(5))
        service.allocate("O/1", to: "F")
        service.obtain("O/1", "F", "SF")
        service.simulation.run()
        return service
    }

    @Test func theLabelHoldsWhatTheParcelHas() throws {
        let service = withNumber()
        service.openLabel("O/1", "F")
        let (effect, origin) = try #require(service.labels.first)
        #expect(effect.carrier == "SF" && effect.number == sf(0) && effect.jobId == "job" && effect.publicKey == WaybillService.publicKey)
        #expect(try effect.recipientSealed?.value.enc == "e" && effect.sender != nil && effect.area?.district == "义乌市")
        #expect(service.answer() == [], "nothing is told before it is sealed")
        service.answerLabel((effect, origin))
        #expect(service.answer() == ["label-opened"])
        let opened = try #require(service.events(LabelOpened.self).first)
        #expect(opened.labelSealed == WaybillService.sealedLabel && opened.jobId == "job" && opened.factoryShopId == "F")
        #expect(service.parcel("O/1")?.phase == .obtained, "a label that is opened is not printed yet")
    }

    @Test func onlyTheConsoleAsksAndOnlyForTheFactoryThatHasTheParcel() {
        let service = withNumber()
        for actor in [Actor(.factory, "F"), Actor(.service, "shipping"), Actor(.operator, "o")] {
            service.openLabel("O/1", "F", actor: actor)
            #expect(service.answer() == ["refused forbidden"])
        }
        service.openLabel("O/1", "G")
        #expect(service.answer() == ["refused forbidden"])
        service.openLabel("O/9", "F")
        #expect(service.answer() == ["refused not-found"])
        #expect(service.labels.isEmpty)
    }

    @Test func whatIsShreddedIsNotFound() {
        let service = withNumber()
        service.return("O/1", "F", "SF", sf(0))
        service.ship("O/1", "F")
        service.openLabel("O/1", "F")
        let label = service.labels[0]
        service.shred("O/1")
        // Also what was sealed before the recipient went.
        service.answerLabel(label)
        #expect(service.answer() == ["refused not-found"] && service.refusal()?.field == "recipient")
        service.openLabel("O/1", "F")
        #expect(service.answer() == ["refused not-found"] && service.refusal()?.field == "recipient")
    }

    @Test func aLabelWithAnOldDoorIsSealedAnew() throws {
        let service = withNumber()
        service.openLabel("O/1", "F")
        let old = service.labels[0]
        service.changeRecipient("O/1", "F", city: "杭州市")
        service.answerLabel(old)
        #expect(service.answer() == [])
        let new = try #require(service.labels.first)
        #expect(new.effect.id == old.effect.id && new.origin.id == old.origin.id)
        #expect(try new.effect.recipientSealed?.value.enc == "杭州市" && new.effect.area?.city == "杭州市")
        // Even a refusal was of what counts no more.
        service.answerLabel(old, .refused(Refusal(.notFound, "no", field: "recipient")))
        #expect(service.answer() == [])
        service.answerLabel(new)
        #expect(service.answer() == ["label-opened"])
    }

    @Test func aNumberThatWasGivenUpOrAParcelThatWasTakenBackHasNoLabel() {
        let service = withNumber()
        service.openLabel("O/1", "F")
        var label = service.labels[0]
        service.cancel("O/1", "F")
        service.answerLabel(label)
        #expect(service.answer(label.origin.id) == ["refused waybill-not-obtained"])
        service.obtain("O/1", "F", "SF")
        service.simulation.run()
        service.openLabel("O/1", "F")
        label = service.labels[0]
        #expect(label.effect.number == sf(1))
        service.deallocate("O/1", from: "F")
        service.answerLabel(label)
        #expect(service.answer(label.origin.id) == ["refused not-allocated"])
    }

    @Test func itWaitsForWhatIsUnderWayAndHoldsUpNothing() {
        let service = WaybillService()
        service.topUp("F", "SF", sf(0), sf(0))
        service.allocate("O/1", to: "F")
        service.obtain("O/1", "F", "SF")
        let label = service.openLabel("O/1", "F")
        let print = service.markPrinted("O/1", "F")
        #expect(service.labels.isEmpty)
        service.simulation.run()
        #expect(service.labels.map(\.origin.id) == [label] && service.answer(print) == ["printed"])
        #expect(service.parcel("O/1")?.pending == nil)
        // Two of one job are answered each.
        let again = service.openLabel("O/1", "F")
        #expect(Set(service.labels.map(\.origin.id)) == [label, again])
        for label in service.labels { service.answerLabel(label) }
        #expect(service.answer(label) == ["label-opened"] && service.answer(again) == ["label-opened"])
    }

    @Test func theChannelOfTheOrderIsKeptToDecryptWith() throws {
        let service = WaybillService()
        var fact = WaybillService.allocated("O/1", to: "F")
        fact.channelId = "C-7"
        service.fact(fact, .allocated(fact), "O")
        service.return("O/1", "F", "SF", sf(0), extra: [sf(1)])
        service.simulation.run()
        service.openLabel("O/1", "F")
        let effect = try #require(service.labels.first?.effect)
        #expect(effect.channelId == "C-7" && effect.extraNumbers == [sf(1)])
    }

    // MARK: A platform's e-waybill

    @Test func aPlatformsLabelGoesAsItCame() throws {
        let scene = PlatformScene()
        scene.service.openLabel(PlatformScene.allocation, "F")
        #expect(scene.service.answer() == ["refused waybill-not-obtained"])
        scene.obtained()
        scene.service.openLabel(PlatformScene.allocation, "F")
        let effect = try #require(scene.service.labels.first?.effect)
        #expect(effect.label == PlatformScene.label && effect.recipientSealed == nil && effect.sender == nil)
        // With a new door the platform has to make another.
        scene.changeRecipient()
        scene.service.answerLabel(scene.service.labels[0])
        #expect(scene.service.answer() == ["refused waybill-not-obtained"])
    }

    @Test(arguments: ["", String(repeating: "x", count: 48_001)]) func aLabelThatCannotBeSealedIsNotKept(data: String) {
        let scene = PlatformScene()
        scene.service.obtain(PlatformScene.allocation, "F", "SF")
        scene.answer(.obtained(number: sf(0), PlatformLabel(template: "t", data: data)))
        scene.service.simulation.run()
        #expect(scene.service.answer() == ["obtained"] && scene.parcel?.platform?.label == nil)
        scene.service.openLabel(PlatformScene.allocation, "F")
        #expect(scene.service.answer() == ["refused waybill-not-obtained"])
    }

    @Test func aNumberThatWasReturnedWithoutALabelHasNone() {
        let scene = PlatformScene()
        scene.service.return(PlatformScene.allocation, "F", "SF", sf(7))
        scene.service.simulation.run()
        scene.answer(.done)
        scene.service.simulation.run()
        #expect(scene.parcel?.phase == .returned)
        scene.service.openLabel(PlatformScene.allocation, "F")
        #expect(scene.service.answer() == ["refused not-found"] && scene.service.refusal()?.field == "recipient")
    }

    // MARK: Fields

    @Test(arguments: [
        "", "AAAA", String(repeating: "A", count: 44), String(repeating: "A", count: 42) + "B=", String(repeating: "-", count: 43) + "=",
        String(repeating: "A", count: 64),
    ]) func aKeyOfAnotherFormIsNamed(key: String) {
        let command = OpenLabel(orderId: "O", allocationId: "O/1", factoryShopId: "F", jobId: "job", publicKey: key)
        let error = #expect(throws: JSONError.self) { try OpenLabel.decode(command.json) }
        #expect(error?.path == "publicKey")
    }
}
