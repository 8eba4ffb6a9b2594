import Contracts
import JSON
import Machines
import StateMachines
import Testing

@Suite struct PlatformParcelTests {
    let scene = PlatformScene()
    var service: WaybillService { scene.service }
    private static let allocation = PlatformScene.allocation

    @Test func aNumberComesFromThePlatformAndIsBoundLikeAnyOther() throws {
        let obtain = service.obtain(Self.allocation, "F", "SF")
        let call = try #require(scene.calls.first).call
        #expect(call.step == .obtain && call.channelId == "C-1" && call.carrier == "SF")
        #expect(call.goods == [PlatformGoods(name: "杯子", count: 2, goodsNo: "SKU")])
        #expect(try PlatformCall.decode(call.json) == call)
        #expect(service.answer() == [])
        scene.answer(.obtained(number: sf(7).lowercased(), PlatformScene.label))
        service.simulation.run()
        #expect(service.answer(obtain) == ["obtained"])
        #expect(service.events(Obtained.self).map(\.waybillNumber) == [sf(7)])
        #expect(scene.parcel?.platform?.label == PlatformScene.label)
        #expect(service.number("SF", sf(7)).holder?.orders == [PlatformScene.order])
        // Again: the same number, and nobody is asked.
        service.obtain(Self.allocation, "F", "SF")
        #expect(service.answer() == ["obtained"] && scene.calls.count == 1)
    }

    @Test func whatThePlatformRefusesIsPartnerRejected() {
        service.obtain(Self.allocation, "F", "SF")
        scene.answer(PlatformScene.refused)
        #expect(service.answer() == ["refused partner-rejected"])
        #expect(service.refusal()?.details == ["partnerCode": .string("21002")])
        #expect(scene.parcel?.phase == .open && scene.parcel?.pending == nil)
    }

    @Test func aNumberOfItsOwnIsReturnedAndHeldUntilThePlatformHasIt() throws {
        let back = service.return(Self.allocation, "F", "SF", sf(3))
        service.simulation.run()
        #expect(service.answer(back) == [] && service.number("SF", sf(3)).held != nil)
        let call = try #require(scene.calls.last).call
        #expect(call.step == .return && call.number == sf(3) && call.hasMain == nil)
        scene.answer(.done)
        service.simulation.run()
        #expect(service.answer(back) == ["returned"])
        #expect(service.number("SF", sf(3)).held == nil && service.number("SF", sf(3)).holder != nil)
    }

    @Test func aNumberThatThePlatformRefusesIsFreeAgain() {
        service.return(Self.allocation, "F", "SF", sf(3), extra: [sf(4)])
        service.simulation.run()
        scene.answer(PlatformScene.refused)
        service.simulation.run()
        #expect(service.answer() == ["refused partner-rejected"])
        for number in [sf(3), sf(4)] { #expect(service.number("SF", number) == NumberMachine.State()) }
        service.allocate("O/1", to: "G", of: "N")
        service.return("O/1", "G", "SF", sf(3))
        service.simulation.run()
        #expect(service.answer() == ["returned"])
    }

    @Test func afterARefusedFurtherNumberOnlyTheRestIsTold() throws {
        service.return(Self.allocation, "F", "SF", sf(3), extra: [sf(4)])
        service.simulation.run()
        scene.answer(.refused(PlatformRefusal("no", hasMain: true)))
        service.simulation.run()
        #expect(service.answer() == ["refused partner-rejected"])
        #expect(service.refusal()?.message.contains("without them") == true)
        service.return(Self.allocation, "F", "SF", sf(3))
        service.simulation.run()
        #expect(try #require(scene.calls.last).call.hasMain == true)
        scene.answer(.done)
        service.simulation.run()
        #expect(service.answer() == ["returned"])
    }

    @Test func thePlatformsOwnNumberNeedsNoClaim() throws {
        scene.obtained()
        let back = service.return(Self.allocation, "F", "SF", sf(0))
        #expect(try #require(scene.calls.last).call.step == .return)
        scene.answer(PlatformScene.refused)
        #expect(service.answer(back) == ["refused partner-rejected"])
        #expect(service.number("SF", sf(0)).holder != nil && scene.parcel?.phase == .obtained)
    }

    @Test func thePlatformsOwnNumberHasTheFormThatThePlatformGivesIt() {
        scene.obtained("WB001")
        service.return(Self.allocation, "F", "SF", "wb001")
        #expect(scene.calls.last?.call.step == .return && scene.calls.last?.call.number == "WB001")
        scene.answer(.done)
        #expect(service.answer() == ["returned"])
    }

    @Test func cancelIsAnsweredAfterThePlatformDidIt() throws {
        scene.obtained()
        let cancel = service.cancel(Self.allocation, "F")
        let call = try #require(scene.calls.last).call
        #expect(call.step == .cancel && call.number == sf(0) && call.carrier == "SF" && service.answer(cancel) == [])
        scene.answer(.done)
        #expect(service.answer(cancel) == ["cancelled"] && scene.parcel?.platform?.label == nil)
        scene.obtained(sf(1))
        #expect(scene.parcel?.number == sf(1))
    }

    @Test func whatComesMeanwhileWaitsAlsoTheEndOfTheAllocation() {
        let obtain = service.obtain(Self.allocation, "F", "SF")
        let back = service.return(Self.allocation, "F", "SF", sf(0))
        let fact = Self.deallocated
        service.fact(fact, .deallocated(fact), PlatformScene.order)
        #expect(service.answer(back) == [] && scene.calls.count == 1)
        scene.answer(.obtained(number: sf(0), PlatformScene.label))
        service.simulation.run()
        #expect(service.answer(obtain) == ["obtained"] && scene.calls.last?.call.step == .return)
        scene.answer(.done)
        #expect(service.answer(back) == ["returned"] && scene.parcel?.phase == .voided)
        #expect(service.events(Voided.self).map(\.stage) == [.returned])
    }

    private static var deallocated: Deallocated { WaybillService.deallocated(allocation, from: "F", of: "pdd:mall") }

    @Test func theChannelIsTheOrdersOwnElseAnotherOfTheFactorys() {
        service.simulation.tables.put(PlatformScene.channel("C-0"))
        service.obtain(Self.allocation, "F", "SF")
        #expect(scene.calls.last?.call.channelId == "C-1")
        scene.answer(PlatformScene.refused)
        service.simulation.tables.put(PlatformScene.channel("C-1", state: .suspended))
        service.obtain(Self.allocation, "F", "SF")
        #expect(scene.calls.last?.call.channelId == "C-0")
        scene.answer(PlatformScene.refused)
        service.simulation.tables.remove("C-0", of: .channels)
        service.obtain(Self.allocation, "F", "SF")
        #expect(service.answer() == ["refused not-authorized"] && service.refusal()?.restsOnTable == true)
    }

    @Test func ourOwnServiceReturnsWhatTheERPOfTheParcelsFactoryHasShipped() {
        service.return(Self.allocation, "F", "SF", sf(3), actor: Actor(.service, "waybill"))
        service.simulation.run()
        scene.answer(.done)
        #expect(service.answer() == ["returned"])
        service.return(Self.allocation, "G", "SF", sf(4), actor: Actor(.service, "waybill"))
        #expect(service.answer() == ["refused forbidden"])
        service.return(Self.allocation, "F", "SF", sf(4), actor: Actor(.service, "shipping"))
        #expect(service.answer() == ["refused forbidden"])
    }

    @Test func aPlatformsAnswerThatNobodyWaitsForMeansNothing() {
        scene.obtained()
        let state = scene.state
        #expect(scene.answer(.done).isEmpty && scene.answer(PlatformScene.refused).isEmpty)
        #expect(scene.state == state)
    }

    /// The old label is never printed again: the platform is asked for the new one, by the same parcel.
    @Test func aChangedRecipientHasThePlatformAskedForANewLabel() throws {
        scene.obtained()
        service.markPrinted(Self.allocation, "F")
        scene.changeRecipient()
        service.simulation.run()
        #expect(service.events(Readdressed.self).map(\.stage) == [.printed])
        #expect(scene.parcel?.phase == .obtained && scene.parcel?.number == sf(0) && scene.parcel?.platform?.label == nil)
        service.obtain(Self.allocation, "F", "ZTO")
        #expect(service.refusal()?.field == "carrier")
        service.obtain(Self.allocation, "F", "SF")
        #expect(try #require(scene.calls.last).call.step == .obtain)
        // Another number in the same street: the area says nothing of it.
        scene.answer(.obtained(number: sf(0), PlatformScene.label))
        service.simulation.run()
        scene.changeRecipient()
        #expect(scene.parcel?.platform?.label == nil)
        service.obtain(Self.allocation, "F", "SF")
        let label = PlatformLabel(template: "t", data: "new door")
        scene.answer(.obtained(number: sf(0), label))
        service.simulation.run()
        #expect(service.answer() == ["obtained"] && scene.parcel?.platform?.label == label)
    }

    @Test func whatThePlatformHasIsNotReturnedToItAgain() throws {
        scene.obtained()
        service.return(Self.allocation, "F", "SF", sf(0))
        scene.answer(.done)
        scene.changeRecipient()
        service.simulation.run()
        #expect(service.events(Readdressed.self).map(\.stage) == [.returned])
        service.return(Self.allocation, "F", "SF", sf(0))
        #expect(try #require(scene.calls.last).call.hasMain == true)
        scene.answer(.done)
        #expect(service.answer() == ["returned"] && scene.parcel?.phase == .returned)
    }

    /// Commands of two orders that want the same few numbers, and a platform that takes or refuses them: each command is answered once, and
    /// in the end a number is held by nobody, and bound to an order only if that order has it or had it.
    @Test(arguments: 0..<100) func noNumberIsLostToARefusal(seed: UInt64) {
        let scene = PlatformScene(seed: seed)
        let service = scene.service
        var random = Seeded(seed)
        service.allocate("O/1", to: "F", of: "M")
        var used: Set<String> = []
        for _ in 0..<40 {
            switch Int.random(in: 0..<8, using: &random) {
            case 0: service.obtain(Self.allocation, "F", "SF")
            case 1: service.return(Self.allocation, "F", "SF", sf(random.pick([0, 1, 2])), extra: random.chance(30) ? [sf(3)] : nil)
            case 2: service.cancel(Self.allocation, "F")
            case 3: service.return("O/1", "F", "SF", sf(random.pick([0, 1, 2, 3])))
            case 4 where scene.parcel?.pending?.first?.isAtPlatform == true:
                if scene.parcel?.pending?.first?.kind == .obtain {
                    scene.answer(
                        random.chance(70) ? .obtained(number: sf(random.pick([0, 1, 2])), PlatformScene.label) : PlatformScene.refused)
                } else {
                    scene.answer(random.chance(60) ? .done : PlatformScene.refused)
                }
            default: service.simulation.step()
            }
            if let number = scene.parcel?.number { used.insert(number) }
            used.formUnion(scene.parcel?.extraNumbers ?? [])
        }
        repeat {
            service.simulation.run()
            if scene.parcel?.pending?.first?.isAtPlatform == true { scene.answer(PlatformScene.refused) }
        } while service.simulation.hasItems || scene.parcel?.pending != nil
        if let number = scene.parcel?.number { used.insert(number) }
        used.formUnion(scene.parcel?.extraNumbers ?? [])
        for command in service.commands { #expect(service.answer(command).count == 1) }
        for number in (0...3).map(sf) {
            let state = service.number("SF", number)
            #expect(state.held == nil && state.waiting == nil)
            if state.holder?.orders.contains(PlatformScene.order) == true { #expect(used.contains(number), "\(number)") }
        }
        #expect(service.simulation.faults == [])
    }
}

@Suite struct PlatformTableTests {
    private static func state(_ prepare: (PlatformScene) -> Void) -> ParcelMachine.State {
        let scene = PlatformScene()
        prepare(scene)
        return scene.state
    }

    private static var states: [String: ParcelMachine.State] {
        func back(_ scene: PlatformScene, _ number: String = sf(3), extra: [String]? = nil) {
            scene.service.return(PlatformScene.allocation, "F", "SF", number, extra: extra)
        }
        return [
            "open": state { _ in }, "obtained": state { $0.obtained() },
            "without a label": state {
                $0.obtained()
                $0.changeRecipient()
            },
            "asking for a number": state { $0.service.obtain(PlatformScene.allocation, "F", "SF") },
            "obtaining": state {
                $0.service.obtain(PlatformScene.allocation, "F", "SF")
                $0.answer(.obtained(number: sf(0), PlatformScene.label))
            },
            "returning": state { back($0) }, "returning two": state { back($0, extra: [sf(4)]) },
            "returning the second": state {
                back($0, extra: [sf(4)])
                $0.service.simulation.step()
                $0.service.simulation.step()
            },
            "telling": state {
                back($0)
                $0.service.simulation.run()
            },
            "telling two": state {
                back($0, extra: [sf(4)])
                $0.service.simulation.run()
            },
            "cancelling": state {
                $0.obtained()
                $0.service.cancel(PlatformScene.allocation, "F")
            },
            "returned": state {
                back($0)
                $0.service.simulation.run()
                $0.answer(.done)
            },
            "voided": state {
                let fact = WaybillService.deallocated(PlatformScene.allocation, from: "F", of: "pdd:mall")
                $0.service.fact(fact, .deallocated(fact), PlatformScene.order)
            },
        ]
    }

    private static func name(_ state: ParcelMachine.State) -> String {
        guard let parcel = state.parcels.first else { return "none" }
        guard let pending = parcel.pending, let first = pending.first else {
            return parcel.phase == .obtained && parcel.platform?.label == nil ? "without a label" : parcel.phase.rawValue
        }
        let isAtPlatform = first.isAtPlatform == true
        let name =
            switch first.kind {
            case .obtain: isAtPlatform ? "asking for a number" : "obtaining"
            // Of its own number nothing is claimed.
            case .return where isAtPlatform: first.claims?.count == 2 ? "telling two" : "telling"
            case .return where first.claims?.count == 1: "returning"
            case .return: first.granted == 0 ? "returning two" : "returning the second"
            case .cancel: "cancelling"
            default: "unexpected"
            }
        return pending.count == 1 ? name : "\(name) + one waits"
    }

    @Test func everyRowOfThePlatformsTableHolds() throws {
        let obtain = Obtain(orderId: PlatformScene.order, allocationId: PlatformScene.allocation, factoryShopId: "F", carrier: "SF")
        let back = Return(
            orderId: PlatformScene.order, allocationId: PlatformScene.allocation, factoryShopId: "F", carrier: "SF", waybillNumber: sf(3))
        var backTwo = back
        backTwo.extraNumbers = [sf(4)]
        var backOwn = back
        backOwn.waybillNumber = sf(0)
        let cancel = Cancel(orderId: PlatformScene.order, allocationId: PlatformScene.allocation, factoryShopId: "F")
        var call = PlatformCall()
        call.orderId = PlatformScene.order
        call.allocationId = PlatformScene.allocation
        let identity = ParcelIdentity(
            orderId: PlatformScene.order, allocationId: PlatformScene.allocation, merchantShopId: "", factoryShopId: "", mergeKey: nil)
        let inputs: [String: ParcelMachine.Input] = [
            "obtain": .obtain(obtain), "return": .return(back), "return of two": .return(backTwo),
            "return of its own number": .return(backOwn),
            "cancel": .cancel(cancel), "granted": .answer(ParcelAnswer(identity, number: sf(0), outcome: .granted)),
            "used": .answer(ParcelAnswer(identity, number: sf(0), outcome: .used)), "done": .platform(call, .done),
            "refused": .platform(call, PlatformScene.refused), "a number": .platform(call, .obtained(number: sf(0), PlatformScene.label)),
            "deallocated": .deallocated(WaybillService.deallocated(PlatformScene.allocation, from: "F", of: "pdd:mall")),
            "recipient-changed": .recipientChanged(PlatformScene.recipientChanged),
        ]
        let tables = MemoryTables()
        tables.put(PlatformScene.channel())
        let table = StateTable<ParcelMachine>(
            file: "Shared/StateMachines/Waybill/ParcelMachine+Platform.swift", states: Self.states, inputs: inputs,
            actor: { _, _ in Actor(.factory, "F") }, whole: [], name: Self.name, emissionName: waybillName,
            context: { context in
                var context = context
                context.tables = tables
                return context
            })
        let problems = try table.problems()
        #expect(problems == [])
    }
}
